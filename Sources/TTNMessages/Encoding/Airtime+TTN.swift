// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

extension Airtime {
    /// Nanoseconds for a PHYPayload of that many octets as The Things Network publishes them: LoRa frames count as with a
    /// CRC in either direction. 0 for what cannot be, and for LR-FHSS, whose hops The Things Network does not count.
    static func published(size: Int, modulation: Modulation, codingRate: RadioMetadata.CodingRate) -> Int64 {
        let airtime: Airtime? =
            switch modulation {
            case .lora(let spreading, let bandwidth):
                LoRaPhysicalFrame(
                    spreading: spreading,
                    bandwidth: bandwidth,
                    codingRate: codingRate.lora,
                    length: size,
                    hasCRC: true,
                )?.airtime
            case .fsk(_, let bitRate): fsk(length: size, bitRate: bitRate)
            case .fhss: nil
            }
        return airtime?.nanoseconds ?? 0
    }
}

extension RadioMetadata.CodingRate {
    fileprivate var lora: LoRaCodingRate {
        switch self {
        case .fourFifths: .fourFifths
        case .fourSixths: .fourSixths
        case .fourSevenths: .fourSevenths
        case .fourEighths: .fourEighths
        }
    }
}
