// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Brings the inputs that people and catalogues write into the form of the Alliance's interface.
enum ScriptInput {
    /// The input as JSON text: `bytes` given as hex text becomes an array of numbers, all else stays as it was written. Nil
    /// when it is no object or the hex is wrong.
    static func json(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard let members = try? JSONMembers(of: text) else { return nil }
        guard let slice = members["bytes"], slice.first == UInt8(ascii: "\"") else { return Array(text) }
        guard let octets = members.text("bytes").flatMap({ octets(hex: $0) }) else { return nil }
        var result = Array(text[..<slice.startIndex])
        result.append(UInt8(ascii: "["))
        for (index, octet) in octets.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            result.append(contentsOf: String(octet).utf8)
        }
        result.append(UInt8(ascii: "]"))
        result.append(contentsOf: text[slice.endIndex...])
        return result
    }

    /// The same for a value.
    static func json(_ input: JSONValue) -> [UInt8]? {
        var writer = JSONWriter()
        writer.value(input)
        return json(writer.bytes[...])
    }

    /// Octets of hex text; spaces are skipped.
    static func octets(hex: String) -> [UInt8]? {
        var result: [UInt8] = []
        var high: UInt8?
        for character in hex.utf8 where character > 0x20 {
            let value: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = character - 0x61 + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = character - 0x41 + 10
            default: return nil
            }
            if let first = high {
                result.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? result : nil
    }
}
