// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Reads what `RecordWriter` wrote; refuses everything else.
struct RecordReader {
    private let octets: [UInt8]
    private(set) var index = 0

    init(_ octets: [UInt8]) {
        self.octets = octets
    }

    var isAtEnd: Bool { index == octets.count }

    mutating func octet() throws(RecordError) -> UInt8 {
        guard index < octets.count else { throw damaged }
        defer { index += 1 }
        return octets[index]
    }

    mutating func bool() throws(RecordError) -> Bool {
        switch try octet() {
        case 0: return false
        case 1: return true
        default: throw damaged
        }
    }

    mutating func number<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(RecordError) -> Value {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let octet = try octet()
            if shift == 63, octet > 1 { throw damaged }
            value |= UInt64(octet & 0x7F) << shift
            if octet < 0x80 { break }
            shift += 7
            if shift > 63 { throw damaged }
        }
        if Value.isSigned {
            guard let signed = Value(exactly: Int64(bitPattern: value)) else { throw damaged }
            return signed
        }
        guard let unsigned = Value(exactly: value) else { throw damaged }
        return unsigned
    }

    mutating func fixed() throws(RecordError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { value |= UInt64(try octet()) << shift }
        return value
    }

    mutating func float() throws(RecordError) -> Float {
        var bits: UInt32 = 0
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bits |= UInt32(try octet()) << shift }
        return Float(bitPattern: bits)
    }

    mutating func double() throws(RecordError) -> Double {
        Double(bitPattern: try fixed())
    }

    mutating func bytes() throws(RecordError) -> [UInt8] {
        let range = try counted()
        return Array(octets[range])
    }

    mutating func text() throws(RecordError) -> String {
        let range = try counted()
        guard let text = String(validating: octets[range], as: UTF8.self) else { throw damaged }
        return text
    }

    mutating func time() throws(RecordError) -> UnixTime {
        UnixTime(nanoseconds: Int64(bitPattern: try fixed()))
    }

    mutating func optional<Value>(
        _ body: (inout RecordReader) throws(RecordError) -> Value,
    ) throws(RecordError) -> Value? {
        try bool() ? try body(&self) : nil
    }

    mutating func list<Element>(
        _ body: (inout RecordReader) throws(RecordError) -> Element,
    ) throws(RecordError) -> [Element] {
        let count = try number(Int.self)
        // Every element takes an octet at least: a damaged count cannot ask for more memory than the record is long.
        guard count >= 0, count <= octets.count - index else { throw damaged }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try body(&self)) }
        return elements
    }

    mutating func texts() throws(RecordError) -> [String] {
        try list { reader throws(RecordError) in try reader.text() }
    }

    /// A value out of a closed set.
    mutating func choice<Value: RawRepresentable>(
        _: Value.Type = Value.self,
    ) throws(RecordError) -> Value where Value.RawValue == UInt8 {
        guard let value = Value(rawValue: try octet()) else { throw damaged }
        return value
    }

    var damaged: RecordError { .damaged(offset: index) }

    private mutating func counted() throws(RecordError) -> Range<Int> {
        let count = try number(Int.self)
        guard count >= 0, count <= octets.count - index else { throw damaged }
        defer { index += count }
        return index..<(index + count)
    }
}
