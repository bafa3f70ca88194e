// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Reads the members that both formats' requests have, by the name they are to be called in an error.
struct MemberReader {
    let object: JSONObject
    /// What stands before a member's name in an error, such as `downlinks[0].`.
    let path: String

    /// The value of a member under its name or a second one; nil when absent or null.
    func value(_ name: String, or second: String? = nil) -> JSONValue? {
        let value = object[name] ?? second.flatMap { object[$0] }
        return value == .null ? nil : value
    }

    func isTrue(_ name: String) throws(RequestError) -> Bool {
        guard let value = value(name) else { return false }
        guard let boolean = value.boolean else { throw wrongType(name, value, wanted: "true or false") }
        return boolean
    }

    /// JSON text of an object with members; nil when absent or empty.
    func fields(_ name: String, or second: String? = nil) throws(RequestError) -> [UInt8]? {
        guard let value = value(name, or: second) else { return nil }
        guard let object = value.object else { throw wrongType(name, value, wanted: "an object") }
        return object.isEmpty ? nil : Array(value.jsonText.utf8)
    }

    func text(_ name: String, or second: String? = nil) throws(RequestError) -> String? {
        guard let value = value(name, or: second) else { return nil }
        guard let text = value.text else { throw wrongType(name, value, wanted: "a text") }
        return text
    }

    func ttl() throws(RequestError) -> UInt32? {
        guard let value = value("ttl") else { return nil }
        guard let seconds = value.unsignedNumber.flatMap(UInt32.init(exactly:)), seconds > 0 else {
            throw RequestError(
                .invalidTTL,
                "Downlink ttl not valid: \(value.jsonText) is not a positive whole number of seconds",
                field: path + "ttl",
            )
        }
        return seconds
    }

    func id() throws(RequestError) -> String? {
        guard let value = value("id") else { return nil }
        return try correlationID(value, at: "id")
    }

    func correlationIDs() throws(RequestError) -> [String] {
        guard let value = value("correlation_ids", or: "correlationIds") else { return [] }
        guard let elements = value.elements else { throw wrongType("correlation_ids", value, wanted: "an array") }
        let limit = RequestLimits.correlationIDs
        guard elements.count <= limit else {
            throw RequestError(
                .invalidCorrelationID,
                "Downlink \(path)correlation_ids not valid: \(elements.count) of them, the limit is \(limit)",
                field: path + "correlation_ids",
                figures: [.init("size", elements.count), .init("limit", limit)],
            )
        }
        var ids: [String] = []
        for (index, element) in elements.enumerated() {
            ids.append(try correlationID(element, at: "correlation_ids[\(index)]"))
        }
        return ids
    }

    /// A payload within the limits; nil when empty.
    func payload(_ octets: [UInt8], _ name: String) throws(RequestError) -> [UInt8]? {
        guard octets.count <= RequestLimits.payloadSize else {
            throw RequestError(
                .payloadTooLong,
                "Downlink Payload not valid: \(octets.count) octets, the limit is \(RequestLimits.payloadSize)",
                field: path + name,
                figures: [.init("size", octets.count), .init("limit", RequestLimits.payloadSize)],
            )
        }
        return octets.isEmpty ? nil : octets
    }

    func wrongType(_ name: String, _ value: JSONValue, wanted: String) -> RequestError {
        RequestError(
            .wrongType,
            "Downlink \(path + name) not valid: it must be \(wanted), not \(value.typeName)",
            field: path + name,
        )
    }

    private func correlationID(_ value: JSONValue, at name: String) throws(RequestError) -> String {
        let limit = RequestLimits.correlationIDSize
        guard let text = value.text, !text.isEmpty, text.count <= limit else {
            let size = value.text?.count ?? 0
            throw RequestError(
                .invalidCorrelationID,
                "Downlink \(path + name) not valid: it must be a text of 1 to \(limit) characters",
                field: path + name,
                figures: [.init("size", size), .init("limit", limit)],
            )
        }
        return text
    }
}

extension JSONValue {
    /// What kind of value it is, for a sentence.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .unsigned, .number: "a number"
        case .string: "a text"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
