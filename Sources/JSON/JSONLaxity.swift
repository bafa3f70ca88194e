// SPDX-License-Identifier: Apache-2.0

/// What json-c lets through even in strict mode: single quotes, control characters in strings, and whole numbers that it
/// clamps to 64 bits.
enum JSONLaxity {
    static func refuse(_ octets: ContiguousArray<UInt8>) throws(JSONSyntaxError) {
        var isInString = false
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            if isInString {
                switch octet {
                case UInt8(ascii: "\\"): index += 1
                case UInt8(ascii: "\""): isInString = false
                case 0..<0x20:
                    throw JSONSyntaxError(message: "a control character in a string needs a \\u escape", offset: index)
                default: break
                }
            } else {
                switch octet {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "'"):
                    throw JSONSyntaxError(message: "strings need double quotes", offset: index)
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    index = try endOfNumber(octets, from: index)
                    continue
                default: break
                }
            }
            index += 1
        }
    }

    private static func endOfNumber(
        _ octets: ContiguousArray<UInt8>,
        from start: Int,
    ) throws(JSONSyntaxError) -> Int {
        var end = start
        var isWhole = true
        while end < octets.count {
            switch octets[end] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                isWhole = false
            default: return try checked(octets, start, end, isWhole)
            }
            end += 1
        }
        return try checked(octets, start, end, isWhole)
    }

    private static func checked(
        _ octets: ContiguousArray<UInt8>,
        _ start: Int,
        _ end: Int,
        _ isWhole: Bool,
    ) throws(JSONSyntaxError) -> Int {
        guard isWhole, end - start > 18 else { return end }
        let isNegative = start > 0 && octets[start - 1] == UInt8(ascii: "-")
        let digits = String(decoding: octets[start..<end], as: UTF8.self)
        let fits = isNegative ? Int64("-" + digits) != nil : UInt64(digits) != nil
        guard fits else { throw JSONSyntaxError(message: "a whole number needs more than 64 bits", offset: start) }
        return end
    }
}
