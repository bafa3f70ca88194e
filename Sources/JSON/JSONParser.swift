// SPDX-License-Identifier: Apache-2.0
internal import CJSONC

/// Why a text is not JSON.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong, in words.
    public let message: String
    /// The octet at which reading stopped, from 0.
    public let offset: Int

    public var description: String { "not JSON at octet \(offset): \(message)" }
}

extension JSONValue {
    /// Reads one JSON text (RFC 8259) through json-c in strict mode: valid UTF-8, nothing after the value.
    ///
    /// - Parameters:
    ///   - octets: the text.
    ///   - depth: how deep arrays and objects may nest.
    public init(parsing octets: some Collection<UInt8>, depth: Int32 = 64) throws(JSONSyntaxError) {
        let contiguous = ContiguousArray(octets)
        try JSONLaxity.refuse(contiguous)
        guard let tokener = json_tokener_new_ex(depth) else {
            throw JSONSyntaxError(message: "out of memory", offset: 0)
        }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, Int32(JSON_TOKENER_STRICT) | Int32(JSON_TOKENER_VALIDATE_UTF8))
        // json-c takes a number at the end of the text for unfinished unless it sees a terminator: a space is one.
        let terminated = contiguous + [UInt8(ascii: " ")]
        let root = terminated.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                json_tokener_parse_ex(tokener, characters.baseAddress, Int32(clamping: characters.count))
            }
        }
        defer { json_object_put(root) }
        let failure = json_tokener_get_error(tokener)
        let offset = Int(json_tokener_get_parse_end(tokener))
        guard failure == json_tokener_success else {
            let words =
                failure == json_tokener_continue
                ? "the text ends too early"
                : String(
                    cString: json_tokener_error_desc(failure)
                )
            throw JSONSyntaxError(message: words, offset: min(offset, contiguous.count))
        }
        let blank = contiguous.dropFirst(offset).allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard blank else { throw JSONSyntaxError(message: "more text after the value", offset: offset) }
        self = try JSONValue(borrowing: root)
    }

    /// Reads one JSON text from a string.
    public init(parsing text: String) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8))
    }

    private init(borrowing object: OpaquePointer?) throws(JSONSyntaxError) {
        switch json_object_get_type(object) {
        case json_type_null: self = .null
        case json_type_boolean: self = .bool(json_object_get_boolean(object) != 0)
        case json_type_int: self = try JSONValue(wholeNumber: object)
        case json_type_double:
            let value = json_object_get_double(object)
            guard value.isFinite else { throw JSONSyntaxError(message: "NaN and Infinity are not JSON", offset: 0) }
            self = .number(value)
        case json_type_string:
            let count = Int(json_object_get_string_len(object))
            let bytes = UnsafeRawBufferPointer(start: json_object_get_string(object), count: count)
            self = .string(String(decoding: bytes, as: UTF8.self))
        case json_type_array:
            var elements: [JSONValue] = []
            for index in 0..<json_object_array_length(object) {
                elements.append(try JSONValue(borrowing: json_object_array_get_idx(object, index)))
            }
            self = .array(elements)
        default:
            // A name given twice stands in json-c's table once.
            var members: [(name: String, value: JSONValue)] = []
            members.reserveCapacity(Int(json_object_object_length(object)))
            var iterator = json_object_iter_begin(object)
            var end = json_object_iter_end(object)
            while json_object_iter_equal(&iterator, &end) == 0 {
                let name = String(cString: json_object_iter_peek_name(&iterator))
                members.append((name, try JSONValue(borrowing: json_object_iter_peek_value(&iterator))))
                json_object_iter_next(&iterator)
            }
            self = .object(JSONObject(distinct: members))
        }
    }

    // json-c clamps what does not fit 64 bits; the literal it was read from tells.
    private init(wholeNumber object: OpaquePointer?) throws(JSONSyntaxError) {
        let signed = json_object_get_int64(object)
        let unsigned = json_object_get_uint64(object)
        if signed == Int64.max, unsigned > UInt64(Int64.max) {
            self = .unsigned(unsigned)
        } else {
            self = .integer(signed)
        }
    }
}
