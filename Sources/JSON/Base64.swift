// SPDX-License-Identifier: Apache-2.0

/// Base64 (RFC 4648), standard alphabet with padding on output.
public enum Base64 {
    /// Octets as padded text of the standard alphabet.
    public static func text(_ octets: some Collection<UInt8>) -> String {
        var result: [UInt8] = []
        Array(octets).withUnsafeBufferPointer { append($0, to: &result) }
        return String(decoding: result, as: UTF8.self)
    }

    /// Reads padded text of the standard alphabet; nil for anything else.
    public static func octets(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 4) else { return nil }
        let padding = characters.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return decode(characters.dropLast(padding), urlAlphabet: false)
    }

    /// Reads text of the standard or the URL alphabet, padded or not, as protobuf's JSON form allows; nil for anything else.
    public static func octetsOfAnyForm(_ text: some StringProtocol) -> [UInt8]? {
        var characters = Array(text.utf8)
        if characters.last == UInt8(ascii: "="), !characters.count.isMultiple(of: 4) { return nil }
        for _ in 0..<2 where characters.last == UInt8(ascii: "=") { characters.removeLast() }
        return decode(characters[...], urlAlphabet: true)
    }

    static func append(_ octets: UnsafeBufferPointer<UInt8>, to result: inout [UInt8]) {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let letters = alphabet.utf8Start
        func letter(_ word: UInt32, _ shift: UInt32) -> UInt8 { letters[Int(word >> shift & 63)] }
        var index = 0
        while index + 2 < octets.count {
            let word = UInt32(octets[index]) << 16 | UInt32(octets[index + 1]) << 8 | UInt32(octets[index + 2])
            result.append(letter(word, 18))
            result.append(letter(word, 12))
            result.append(letter(word, 6))
            result.append(letter(word, 0))
            index += 3
        }
        guard index < octets.count else { return }
        let isPair = index + 1 < octets.count
        let word = UInt32(octets[index]) << 16 | (isPair ? UInt32(octets[index + 1]) << 8 : 0)
        result.append(letter(word, 18))
        result.append(letter(word, 12))
        result.append(isPair ? letter(word, 6) : UInt8(ascii: "="))
        result.append(UInt8(ascii: "="))
    }

    private static func decode(_ characters: ArraySlice<UInt8>, urlAlphabet: Bool) -> [UInt8]? {
        guard characters.count % 4 != 1 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(characters.count * 3 / 4)
        var word: UInt32 = 0
        var bits = 0
        for character in characters {
            guard let value = value(of: character, urlAlphabet: urlAlphabet) else { return nil }
            word = word << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
            }
        }
        return result
    }

    private static func value(of character: UInt8, urlAlphabet: Bool) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        case UInt8(ascii: "-") where urlAlphabet: 62
        case UInt8(ascii: "_") where urlAlphabet: 63
        default: nil
        }
    }
}
