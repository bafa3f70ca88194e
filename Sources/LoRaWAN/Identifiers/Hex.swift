// SPDX-License-Identifier: Apache-2.0

/// Hexadecimal text of octets and back, for identifiers, keys and payloads.
public enum Hex {
    /// Two digits an octet, first octet first.
    public static func text(_ octets: some Sequence<UInt8>, uppercase: Bool = false) -> String {
        let digits: StaticString = uppercase ? "0123456789ABCDEF" : "0123456789abcdef"
        var characters: [UInt8] = []
        for octet in octets {
            characters.append(digits.utf8Start[Int(octet >> 4)])
            characters.append(digits.utf8Start[Int(octet & 15)])
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The octets of an even number of digits of either case; nil for anything else.
    public static func octets(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(characters.count / 2)
        for index in stride(from: 0, to: characters.count, by: 2) {
            guard let high = nibble(characters[index]), let low = nibble(characters[index + 1]) else { return nil }
            octets.append(high << 4 | low)
        }
        return octets
    }

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension UInt64 {
    init?(exactHex text: some StringProtocol, digits: Int) {
        guard text.utf8.count == digits, let octets = Hex.octets(text) else { return nil }
        self = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    func hexText(digits: Int, uppercase: Bool = false) -> String {
        let octets = (0..<digits / 2).reversed().map { UInt8(truncatingIfNeeded: self >> (8 * UInt64($0))) }
        return Hex.text(octets, uppercase: uppercase)
    }
}
