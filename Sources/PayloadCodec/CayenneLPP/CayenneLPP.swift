// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Cayenne Low Power Payload with The Things Network's field names, straight from octets to JSON text and back.
///
/// Values are decimal fractions by definition, so they are printed from whole numbers: no floating point, no noise.
public enum CayenneLPP {
    /// Decodes an uplink into the text of a JSON object; `{}` for an empty payload. A channel and type given twice keeps
    /// its last value at its first place.
    ///
    /// An unknown type or a truncated value fails the whole payload.
    public static func decode(_ payload: some Collection<UInt8>) throws(CayenneLPPError) -> [UInt8] {
        let octets = ContiguousArray(payload)
        var fields: [Field] = []
        fields.reserveCapacity(8)
        var offset = 0
        while offset < octets.count {
            guard offset + 2 <= octets.count else { throw .truncated(offset: offset) }
            let channel = octets[offset]
            let number = octets[offset + 1]
            guard let type = CayenneLPPType.row(number) else { throw .unknownType(number, offset: offset + 1) }
            guard offset + 2 + type.size <= octets.count else { throw .truncated(offset: offset) }
            let field = Field(channel: channel, number: number, type: type, offset: offset + 2)
            if let index = fields.firstIndex(where: { $0.channel == channel && $0.number == number }) {
                fields[index] = field
            } else {
                fields.append(field)
            }
            offset += 2 + type.size
        }
        return text(of: fields, octets)
    }

    /// Decodes a downlink: triples of channel and int16 hundredths until the end or a channel octet of 0xFF.
    public static func decodeDownlink(_ payload: some Collection<UInt8>) throws(CayenneLPPError) -> [UInt8] {
        let octets = ContiguousArray(payload)
        var values: [(channel: UInt8, raw: Int)] = []
        var offset = 0
        while offset < octets.count, octets[offset] != 0xFF {
            guard offset + 3 <= octets.count else { throw .truncated(offset: offset) }
            let channel = octets[offset]
            let raw = signed(octets, offset + 1, 2)
            if let index = values.firstIndex(where: { $0.channel == channel }) {
                values[index].raw = raw
            } else {
                values.append((channel, raw))
            }
            offset += 3
        }
        var result: [UInt8] = [UInt8(ascii: "{")]
        for (index, value) in values.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            appendName("value", value.channel, to: &result)
            appendDecimal(value.raw, dividedBy: 100, to: &result)
        }
        result.append(UInt8(ascii: "}"))
        return result
    }

    /// Encodes a downlink: each `value_<channel>` number as channel and int16 hundredths, in the order of the text. Other
    /// members are skipped, as The Things Network does.
    ///
    /// Where v2 (single precision) and v3 (double) differ, the decimal text decides: 0.29 is 29. Digits after the second
    /// are dropped; what does not fit 16 bits wraps as it did there.
    public static func encode(fieldsJSON: some Collection<UInt8>) throws(CayenneLPPError) -> [UInt8] {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: fieldsJSON)
        } catch {
            throw .notAnObject(error.description)
        }
        guard case .object(let object) = value else { throw .notAnObject("it is another value") }
        var result: [UInt8] = []
        for member in object.members {
            guard let channel = channel(of: member.name), let hundredths = hundredths(member.value) else { continue }
            let word = UInt16(truncatingIfNeeded: hundredths)
            result.append(channel)
            result.append(UInt8(word >> 8))
            result.append(UInt8(word & 0xFF))
        }
        return result
    }

    private struct Field {
        let channel: UInt8
        let number: UInt8
        let type: CayenneLPPType
        let offset: Int
    }

    private static func text(of fields: [Field], _ octets: ContiguousArray<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(2 + fields.count * 40)
        result.append(UInt8(ascii: "{"))
        for (index, field) in fields.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            appendName(field.type.key, field.channel, to: &result)
            let offset = field.offset
            let divisor = field.type.divisor
            switch field.type.layout {
            case .octet: appendDecimal(Int(octets[offset]), dividedBy: divisor, to: &result)
            case .unsigned16:
                appendDecimal(Int(octets[offset]) << 8 | Int(octets[offset + 1]), dividedBy: divisor, to: &result)
            case .signed16: appendDecimal(signed(octets, offset, 2), dividedBy: divisor, to: &result)
            case .vector:
                append("{\"x\":", to: &result)
                appendDecimal(signed(octets, offset, 2), dividedBy: divisor, to: &result)
                append(",\"y\":", to: &result)
                appendDecimal(signed(octets, offset + 2, 2), dividedBy: divisor, to: &result)
                append(",\"z\":", to: &result)
                appendDecimal(signed(octets, offset + 4, 2), dividedBy: divisor, to: &result)
                result.append(UInt8(ascii: "}"))
            case .position:
                append("{\"latitude\":", to: &result)
                appendDecimal(signed(octets, offset, 3), dividedBy: divisor, to: &result)
                append(",\"longitude\":", to: &result)
                appendDecimal(signed(octets, offset + 3, 3), dividedBy: divisor, to: &result)
                append(",\"altitude\":", to: &result)
                appendDecimal(signed(octets, offset + 6, 3), dividedBy: 100, to: &result)
                result.append(UInt8(ascii: "}"))
            }
        }
        result.append(UInt8(ascii: "}"))
        return result
    }

    private static func signed(_ octets: ContiguousArray<UInt8>, _ offset: Int, _ count: Int) -> Int {
        var value = Int(Int8(bitPattern: octets[offset]))
        for index in 1..<count { value = value << 8 | Int(octets[offset + index]) }
        return value
    }

    private static func appendName(_ key: StaticString, _ channel: UInt8, to result: inout [UInt8]) {
        result.append(UInt8(ascii: "\""))
        append(key, to: &result)
        result.append(UInt8(ascii: "_"))
        appendWhole(Int(channel), to: &result)
        append("\":", to: &result)
    }

    private static func append(_ text: StaticString, to result: inout [UInt8]) {
        result.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes raw / divisor exactly: the divisor is 1, 2 or a power of ten.
    private static func appendDecimal(_ raw: Int, dividedBy divisor: Int, to result: inout [UInt8]) {
        if raw < 0 { result.append(UInt8(ascii: "-")) }
        let magnitude = Int(raw.magnitude)
        appendWhole(magnitude / divisor, to: &result)
        var rest = magnitude % divisor
        guard rest > 0 else { return }
        result.append(UInt8(ascii: "."))
        while rest > 0 {
            rest *= 10
            result.append(UInt8(ascii: "0") + UInt8(rest / divisor))
            rest %= divisor
        }
    }

    private static func appendWhole(_ value: Int, to result: inout [UInt8]) {
        if value >= 10 { appendWhole(value / 10, to: &result) }
        result.append(UInt8(ascii: "0") + UInt8(value % 10))
    }

    private static func channel(of name: String) -> UInt8? {
        guard name.hasPrefix("value_") else { return nil }
        let digits = name.dropFirst(6)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt8(digits)
    }

    // The shortest decimal text of a double is what its sender wrote; its first two fraction digits are the answer.
    private static func hundredths(_ value: JSONValue) -> Int? {
        switch value {
        case .integer(let whole): return Int(whole.multipliedReportingOverflow(by: 100).partialValue)
        case .number(let number):
            guard number.magnitude < 1e15 else { return nil }
            let scaled = number * 100
            let nearest = scaled.rounded()
            // A double within a few units in the last place of a hundredth is that hundredth.
            let isDecimal = (scaled - nearest).magnitude <= nearest.magnitude * 0x1p-51
            return Int(isDecimal ? nearest : scaled.rounded(.towardZero))
        default: return nil
        }
    }
}
