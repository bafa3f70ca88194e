// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// Reads the fields of a JSON body and collects everything that is wrong with them.
struct RequestFields {
    private let object: JSONObject
    private let location: [String]
    private var issues: [ValidationIssue] = []

    /// Throws when the body is not a JSON object.
    init(body: [UInt8]) throws(APIError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body)
        } catch {
            let message = "the body is \(error)"
            throw .validationFailed([
                ValidationIssue(location: ["body"], message: message, type: "value_error.jsondecode")
            ])
        }
        guard case .object(let object) = value else {
            let issue = ValidationIssue(
                location: ["body"],
                message: "value is not a valid dict",
                type: "type_error.dict"
            )
            throw .validationFailed([issue])
        }
        self.init(object)
    }

    private init(_ object: JSONObject, location: [String] = ["body"]) {
        self.object = object
        self.location = location
    }

    /// Whether a field is there at all, null included.
    func has(_ name: String) -> Bool { object[name] != nil }

    mutating func complain(_ name: String?, _ message: String, type: String = "value_error") {
        issues.append(ValidationIssue(location: location + (name.map { [$0] } ?? []), message: message, type: type))
    }

    /// Throws everything collected.
    func finish() throws(APIError) {
        if !issues.isEmpty { throw .validationFailed(issues) }
    }

    mutating func eui(_ name: String) -> EUI64? {
        required(name, "must be a string of 16 hexadecimal digits") { $0.text.flatMap { EUI64(hex: $0) } }
    }

    mutating func optionalEUI(_ name: String) -> EUI64? { has(name) ? eui(name) : nil }

    mutating func address(_ name: String) -> DevAddr? {
        required(name, "must be a string of 8 hexadecimal digits") { $0.text.flatMap { DevAddr(hex: $0) } }
    }

    mutating func optionalAddress(_ name: String) -> DevAddr? { has(name) ? address(name) : nil }

    mutating func text(_ name: String, longest: Int) -> String? {
        required(name, "must be a string of at most \(longest) characters") { value in
            value.text.flatMap { $0.unicodeScalars.count <= longest ? $0 : nil }
        }
    }

    mutating func optionalText(_ name: String, longest: Int) -> String? {
        has(name) && object[name] != .null ? text(name, longest: longest) : nil
    }

    mutating func euis(_ name: String) -> [EUI64]? {
        list(name, "must be an array of strings of 16 hexadecimal digits") { EUI64(hex: $0) }
    }

    mutating func addresses(_ name: String) -> [DevAddr]? {
        list(name, "must be an array of strings of 8 hexadecimal digits") { DevAddr(hex: $0) }
    }

    /// The fields of an object inside this one; problems found in it are this one's after `absorb`.
    mutating func fields(_ name: String) -> RequestFields? {
        required(name, "must be an object") { $0.object }.map { RequestFields($0, location: location + [name]) }
    }

    /// Takes over the problems found in an inner object.
    mutating func absorb(_ inner: RequestFields) { issues += inner.issues }

    private mutating func list<Element>(_ name: String, _ rule: String, _ read: (String) -> Element?) -> [Element]? {
        required(name, rule) { value in
            guard let elements = value.elements else { return nil }
            let read = elements.compactMap { $0.text.flatMap(read) }
            return read.count == elements.count ? read : nil
        }
    }

    private mutating func required<Value>(_ name: String, _ rule: String, _ read: (JSONValue) -> Value?) -> Value? {
        guard let value = object[name] else {
            complain(name, "field required", type: "value_error.missing")
            return nil
        }
        if value == .null {
            complain(name, "none is not an allowed value", type: "type_error.none.not_allowed")
            return nil
        }
        guard let read = read(value) else {
            complain(name, rule)
            return nil
        }
        return read
    }
}
