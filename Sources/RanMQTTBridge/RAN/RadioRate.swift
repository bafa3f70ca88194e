// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Modulations as one word for people: `SF7BW125`, `FSK50000` (25 kHz deviation) or `FSK50000/30000`, `FHSS137000CR1/3`.
extension Modulation {
    /// The word. Bandwidths in kilohertz, as the LoRaWAN specification writes them.
    var word: String {
        switch self {
        case .lora(let spreading, let bandwidth):
            bandwidth.isMultiple(of: 1000)
                ? "SF\(spreading)BW\(bandwidth / 1000)" : "SF\(spreading)BW\(Double(bandwidth) / 1000)"
        case .fsk(let deviation, let bitRate):
            deviation == Modulation.usualDeviation ? "FSK\(bitRate)" : "FSK\(bitRate)/\(deviation)"
        case .fhss(let occupiedWidth, let codingRate): "FHSS\(occupiedWidth)CR\(codingRate)"
        }
    }

    /// In hertz; all regions use it.
    private static let usualDeviation: UInt32 = 25_000

    /// Reads such a word; nil for anything else.
    init?(word: String) {
        let word = word.uppercased()
        guard let modulation = Modulation.lora(word) ?? Modulation.fsk(word) ?? Modulation.fhss(word) else {
            return nil
        }
        self = modulation
    }

    private static func lora(_ word: String) -> Modulation? {
        guard let (spreading, bandwidth) = split(word, "SF", "BW"), let spreading = UInt8(spreading),
            (5...12).contains(spreading), let kilohertz = Double(bandwidth), (7...2000).contains(kilohertz)
        else { return nil }
        return .lora(spreading: spreading, bandwidth: UInt32(kilohertz * 1000))
    }

    private static func fsk(_ word: String) -> Modulation? {
        let (rate, deviation) = split(word, "FSK", "/") ?? (String(word.dropFirst(3)), String(usualDeviation))
        guard word.hasPrefix("FSK"), let bitRate = UInt32(rate), bitRate > 0, let deviation = UInt32(deviation)
        else { return nil }
        return .fsk(deviation: deviation, bitRate: bitRate)
    }

    private static func fhss(_ word: String) -> Modulation? {
        guard let (width, codingRate) = split(word, "FHSS", "CR"), let width = UInt32(width), !codingRate.isEmpty
        else { return nil }
        return .fhss(occupiedWidth: width, codingRate: codingRate)
    }

    /// What stands between a prefix and a separator, and what follows it.
    private static func split(_ word: String, _ prefix: String, _ separator: String) -> (String, String)? {
        guard word.hasPrefix(prefix) else { return nil }
        let rest = word.dropFirst(prefix.count)
        guard let range = rest.firstRange(of: separator) else { return nil }
        return (String(rest[..<range.lowerBound]), String(rest[range.upperBound...]))
    }
}
