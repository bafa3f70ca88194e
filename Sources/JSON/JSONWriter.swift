// SPDX-License-Identifier: Apache-2.0

/// Writes JSON text straight into a byte buffer: for hot paths. The caller keeps the structure right; commas are set here.
///
/// ```swift
/// var json = JSONWriter()
/// json.object { json in
///     json.member("port", 2)
/// }
/// send(json.bytes)
/// ```
public struct JSONWriter: Sendable {
    /// The text so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(capacity: Int = 512) {
        bytes.reserveCapacity(capacity)
    }

    /// Empties the buffer but keeps its memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Writes an object whose members `body` writes.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// Writes an array whose elements `body` writes.
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    /// Writes a member's name; its value must follow.
    public mutating func name(_ name: StaticString) {
        // Put together first: one append costs less than five.
        let text = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count + 4) { buffer in
            var count = 0
            if needsComma {
                buffer[0] = UInt8(ascii: ",")
                count = 1
            }
            buffer[count] = UInt8(ascii: "\"")
            count += 1
            _ = UnsafeMutableBufferPointer(rebasing: buffer[count...]).update(fromContentsOf: text)
            count += text.count
            buffer[count] = UInt8(ascii: "\"")
            buffer[count + 1] = UInt8(ascii: ":")
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[..<(count + 2)]))
        }
        needsComma = false
    }

    /// Writes a member's name that is not known at compile time; its value must follow.
    public mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { appendEscaped($0) }
        needsComma = true
    }

    @inlinable
    public mutating func integer(_ value: some FixedWidthInteger) {
        integer(magnitude: UInt64(truncatingIfNeeded: value.magnitude), isNegative: value < 0)
    }

    @usableFromInline
    mutating func integer(magnitude: UInt64, isNegative: Bool) {
        separate()
        appendDecimal(magnitude: magnitude, isNegative: isNegative)
        needsComma = true
    }

    /// Writes the shortest text that reads back as the same double; whole numbers without a fraction. NaN and infinities
    /// are not JSON and become null.
    public mutating func number(_ value: Double) {
        separate()
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
            appendDecimal(magnitude: UInt64(whole.magnitude), isNegative: whole < 0)
        } else if value.isFinite {
            bytes.append(contentsOf: value.description.utf8)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
        needsComma = true
    }

    /// The same for single precision: 868.1, not 868.0999755859375.
    public mutating func number(_ value: Float) {
        separate()
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 24 {
            appendDecimal(magnitude: UInt64(whole.magnitude), isNegative: whole < 0)
        } else if value.isFinite {
            bytes.append(contentsOf: value.description.utf8)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
        needsComma = true
    }

    public mutating func bool(_ value: Bool) {
        raw(value ? "true" : "false")
    }

    public mutating func null() {
        raw("null")
    }

    /// Writes octets as a string of standard padded base64.
    @inlinable
    public mutating func base64(_ octets: some Collection<UInt8>) {
        let isWritten: Void? = octets.withContiguousStorageIfAvailable { base64(contiguous: $0) }
        if isWritten == nil { Array(octets).withUnsafeBufferPointer { base64(contiguous: $0) } }
    }

    @usableFromInline
    mutating func base64(contiguous octets: UnsafeBufferPointer<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64.append(octets, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes a text that is JSON already.
    @inlinable
    public mutating func json(_ text: some Collection<UInt8>) {
        let isWritten: Void? = text.withContiguousStorageIfAvailable { json(contiguous: $0) }
        if isWritten == nil { Array(text).withUnsafeBufferPointer { json(contiguous: $0) } }
    }

    @usableFromInline
    mutating func json(contiguous text: UnsafeBufferPointer<UInt8>) {
        separate()
        bytes.append(contentsOf: text)
        needsComma = true
    }

    /// Writes any value.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .unsigned(let value): integer(value)
        case .number(let value): number(value)
        case .string(let text): string(text)
        case .array(let elements): array { json in for element in elements { json.value(element) } }
        case .object(let object):
            self.object { json in
                for member in object.members {
                    json.name(member.name)
                    json.value(member.value)
                }
            }
        }
    }

    private mutating func raw(_ text: StaticString) {
        separate()
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        needsComma = true
    }

    private mutating func open(_ start: UInt8, _ end: UInt8, _ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(start)
        needsComma = false
        body(&self)
        bytes.append(end)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    // Not generic, for use from `integer` in other modules. Digits are counted first, so that each is written once to
    // its place.
    private mutating func appendDecimal(magnitude: UInt64, isNegative: Bool) {
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        if magnitude < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude))
            return
        }
        let start = bytes.count
        var count = 1
        var bound: UInt64 = 10
        while magnitude >= bound {
            count += 1
            let (next, overflows) = bound.multipliedReportingOverflow(by: 10)
            if overflows { break }
            bound = next
        }
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: count))
        bytes.withUnsafeMutableBufferPointer { buffer in
            var rest = magnitude
            var index = start + count - 1
            while rest > 0 {
                let quotient = rest / 10
                buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest &- quotient &* 10)
                rest = quotient
                index -= 1
            }
        }
    }

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        // What needs no escape goes over in runs.
        var start = 0
        var index = 0
        while index < text.count {
            let character = text[index]
            if character < 0x20 || character == UInt8(ascii: "\"") || character == UInt8(ascii: "\\") {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                appendEscaped(character)
                start = index + 1
            }
            index += 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ character: UInt8) {
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(character)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(digits[Int(character >> 4)])
            bytes.append(digits[Int(character & 15)])
        default: bytes.append(character)
        }
    }
}

extension JSONWriter {
    public mutating func member(_ name: StaticString, _ text: String) {
        self.name(name)
        string(text)
    }

    @inlinable
    public mutating func member(_ name: StaticString, _ value: some FixedWidthInteger) {
        self.name(name)
        integer(value)
    }

    public mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    public mutating func member(_ name: StaticString, _ value: Double) {
        self.name(name)
        number(value)
    }

    public mutating func member(_ name: StaticString, _ value: JSONValue) {
        self.name(name)
        self.value(value)
    }
}

extension JSONValue {
    /// The value as compact JSON text.
    public var jsonText: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
