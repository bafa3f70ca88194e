// SPDX-License-Identifier: Apache-2.0
public import JSON

/// The members of a request's body. A method takes those it knows; `finish` refuses what is left.
public struct RequestMembers: Sendable {
    private let object: JSONObject
    private var known: Set<String> = []

    public init(_ object: JSONObject) {
        self.object = object
    }

    /// The member, if it is there and not null.
    public mutating func optional(_ name: String) -> JSONValue? {
        known.insert(name)
        let value = object[name]
        return value == .null ? nil : value
    }

    /// Whether the member is there, null or not.
    public func has(_ name: String) -> Bool { object[name] != nil }

    public mutating func optionalText(_ name: String) throws(ManagementFault) -> String? {
        guard let value = optional(name) else { return nil }
        guard let text = value.text else { throw .invalid(name, "must be a text") }
        return text
    }

    public mutating func text(_ name: String) throws(ManagementFault) -> String {
        guard let text = try optionalText(name) else { throw .invalid(name, "is missing") }
        return text
    }

    public mutating func optionalFlag(_ name: String) throws(ManagementFault) -> Bool? {
        guard let value = optional(name) else { return nil }
        guard let flag = value.boolean else { throw .invalid(name, "must be true or false") }
        return flag
    }

    /// A whole number inside bounds.
    public mutating func optionalNumber(
        _ name: String,
        in range: ClosedRange<Int64>,
    ) throws(ManagementFault) -> Int64? {
        guard let value = optional(name) else { return nil }
        guard let number = value.wholeNumber, range.contains(number) else {
            throw .invalid(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    public mutating func number(_ name: String, in range: ClosedRange<Int64>) throws(ManagementFault) -> Int64 {
        guard let number = try optionalNumber(name, in: range) else { throw .invalid(name, "is missing") }
        return number
    }

    public mutating func optionalObject(_ name: String) throws(ManagementFault) -> JSONObject? {
        guard let value = optional(name) else { return nil }
        guard let object = value.object else { throw .invalid(name, "must be an object") }
        return object
    }

    public mutating func object(_ name: String) throws(ManagementFault) -> JSONObject {
        guard let object = try optionalObject(name) else { throw .invalid(name, "is missing") }
        return object
    }

    /// Names and texts.
    public mutating func optionalTexts(_ name: String) throws(ManagementFault) -> [String: String]? {
        guard let object = try optionalObject(name) else { return nil }
        var texts: [String: String] = [:]
        for member in object.members {
            guard let text = member.value.text else { throw .invalid("\(name).\(member.name)", "must be a text") }
            texts[member.name] = text
        }
        return texts
    }

    /// Octets in base64 of any form.
    public mutating func octets(_ name: String, atMost limit: Int) throws(ManagementFault) -> [UInt8] {
        let text = try text(name)
        guard let octets = Base64.octetsOfAnyForm(text) else { throw .invalid(name, "must be base64") }
        guard octets.count <= limit else {
            throw .invalid(name, "holds \(octets.count) octets; the most that a frame carries is \(limit)")
        }
        return octets
    }

    /// Refuses members that nobody took, naming the first.
    ///
    /// - Parameter expected: the members of the method, for the sentence.
    public func finish() throws(ManagementFault) {
        guard let unknown = object.members.first(where: { !known.contains($0.name) })?.name else { return }
        let names = known.subtracting(["request_id"]).sorted()
        let hint = names.isEmpty ? "this method takes none" : "there are \(names.joined(separator: ", "))"
        throw .invalid(unknown, "is no member of this request; \(hint)")
    }
}
