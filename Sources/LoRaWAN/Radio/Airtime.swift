// SPDX-License-Identifier: Apache-2.0

/// How long a frame is on air.
public struct Airtime: Hashable, Sendable, Comparable {
    /// Nanoseconds, fractions dropped.
    public var nanoseconds: Int64

    /// So many nanoseconds.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Whole microseconds, rounded down.
    public var microseconds: Int64 { nanoseconds / 1000 }

    /// The same as a duration.
    public var duration: Duration { .nanoseconds(nanoseconds) }

    /// Of a frame of `length` octets, MIC included, as LoRaWAN sends it; LoRa frames carry a CRC upwards only.
    ///
    /// Nil for a modulation that cannot be: an unknown coding rate, a spreading factor outside 5 to 12, no bandwidth or bit rate.
    public init?(of length: Int, modulation: Modulation, codingRate: String = "4/5", direction: FrameDirection) {
        switch modulation {
        case .lora(let spreading, let bandwidth):
            guard let codingRate = LoRaCodingRate(rawValue: codingRate) else { return nil }
            let frame = LoRaPhysicalFrame(
                spreading: spreading,
                bandwidth: bandwidth,
                codingRate: codingRate,
                length: length,
                hasCRC: direction == .up,
            )
            guard let airtime = frame?.airtime else { return nil }
            self = airtime
        case .fsk(_, let bitRate):
            guard let airtime = Airtime.fsk(length: length, bitRate: bitRate) else { return nil }
            self = airtime
        case .fhss(_, let codingRate):
            guard let airtime = Airtime.fhss(length: length, codingRate: codingRate) else { return nil }
            self = airtime
        }
    }

    /// Of an FSK frame: five octets of preamble, three of sync word, one of length, two of CRC round `length` octets.
    public static func fsk(length: Int, bitRate: UInt32) -> Airtime? {
        guard bitRate > 0, length >= 0 else { return nil }
        return Airtime(nanoseconds: Int64(length + 11) * 8 * 1_000_000_000 / Int64(bitRate))
    }

    /// Of an LR-FHSS frame (RP002, LR-FHSS physical layer): header copies of 114 bits, then blocks of 48 coded bits behind 2 bits each, all at
    /// 488.28125 bit/s. Three copies at coding rate 1/3, two at 2/3.
    public static func fhss(length: Int, codingRate: String) -> Airtime? {
        guard length >= 0 else { return nil }
        let bits = (length + 2) * 8 + 6
        let (headers, coded): (Int, Int)
        switch codingRate {
        case "1/3", "2/6": (headers, coded) = (3, bits * 3)
        case "2/3", "4/6": (headers, coded) = (2, bits * 3 / 2)
        default: return nil
        }
        let blocks = (coded + 47) / 48
        return Airtime(nanoseconds: Int64(headers * 114 + coded + 2 * blocks) * 2_048_000)
    }

    /// Shorter first.
    public static func < (left: Airtime, right: Airtime) -> Bool { left.nanoseconds < right.nanoseconds }
}
