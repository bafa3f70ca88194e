// SPDX-License-Identifier: Apache-2.0

/// Walks the members of an object in JSON text without building a tree. Text that is not JSON ends the walk early.
struct JSONText {
    let octets: [UInt8]

    /// Calls `body` with the range of each member's name, without its quotes, and of its value.
    func forEachMember(in object: Range<Int>, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
        octets.withUnsafeBufferPointer { octets in
            var scanner = Scanner(octets: octets, index: object.lowerBound, end: object.upperBound)
            guard scanner.take("{") else { return }
            while scanner.take("\"") {
                guard let name = scanner.restOfString(), scanner.take(":"), let value = scanner.value() else { return }
                body(name, value)
                guard scanner.take(",") else { return }
            }
        }
    }

    /// Whether a value is an object.
    func isObject(_ value: Range<Int>) -> Bool { octets[value.lowerBound] == UInt8(ascii: "{") }

    /// The text of a member's name, escapes resolved; nil when an escape is wrong.
    func name(_ range: Range<Int>) -> String? {
        let raw = octets[range]
        guard raw.contains(UInt8(ascii: "\\")) else { return String(validating: raw, as: UTF8.self) }
        return unescaped(raw)
    }

    /// A number's value; nil for every other value.
    func number(_ value: Range<Int>) -> Double? {
        let first = octets[value.lowerBound]
        guard first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else { return nil }
        return Double(String(decoding: octets[value], as: UTF8.self))
    }

    private func unescaped(_ raw: ArraySlice<UInt8>) -> String? {
        var units: [UInt8] = []
        var rest = raw
        var highSurrogate: UInt32?
        while let character = rest.popFirst() {
            guard character == UInt8(ascii: "\\") else {
                if highSurrogate != nil { return nil }
                units.append(character)
                continue
            }
            guard let escape = rest.popFirst() else { return nil }
            var scalar: UInt32
            switch escape {
            case UInt8(ascii: "n"): scalar = 0x0A
            case UInt8(ascii: "r"): scalar = 0x0D
            case UInt8(ascii: "t"): scalar = 0x09
            case UInt8(ascii: "b"): scalar = 0x08
            case UInt8(ascii: "f"): scalar = 0x0C
            case UInt8(ascii: "u"):
                guard rest.count >= 4, let unit = UInt32(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16)
                else { return nil }
                rest = rest.dropFirst(4)
                scalar = unit
            default: scalar = UInt32(escape)
            }
            if let high = highSurrogate {
                guard (0xDC00...0xDFFF).contains(scalar) else { return nil }
                scalar = 0x10000 + (high - 0xD800) << 10 + (scalar - 0xDC00)
                highSurrogate = nil
            } else if (0xD800...0xDBFF).contains(scalar) {
                highSurrogate = scalar
                continue
            }
            guard let valid = Unicode.Scalar(scalar) else { return nil }
            units.append(contentsOf: String(Character(valid)).utf8)
        }
        return highSurrogate == nil ? String(validating: units, as: UTF8.self) : nil
    }

    private struct Scanner {
        let octets: UnsafeBufferPointer<UInt8>
        var index: Int
        let end: Int

        mutating func skipBlanks() {
            while index < end, octets[index] <= 0x20 { index += 1 }
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            skipBlanks()
            guard index < end, octets[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        /// From behind an opening quote to behind the closing one.
        mutating func restOfString() -> Range<Int>? {
            let start = index
            while index < end {
                switch octets[index] {
                case UInt8(ascii: "\""):
                    index += 1
                    return start..<(index - 1)
                case UInt8(ascii: "\\"): index += 2
                default: index += 1
                }
            }
            return nil
        }

        mutating func value() -> Range<Int>? {
            skipBlanks()
            let start = index
            var depth = 0
            while index < end {
                switch octets[index] {
                case UInt8(ascii: "\""):
                    index += 1
                    guard restOfString() != nil else { return nil }
                    if depth == 0 { return start..<index }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return start < index ? start..<index : nil }
                    depth -= 1
                    if depth == 0 {
                        index += 1
                        return start..<index
                    }
                case UInt8(ascii: ","), 0...0x20:
                    if depth == 0 { return start < index ? start..<index : nil }
                default: break
                }
                index += 1
            }
            return nil
        }
    }
}
