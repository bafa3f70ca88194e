// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// Time on air as The Things Network computes and publishes it (Semtech AN1200.13 with preamble 8, header and CRC).
enum Airtime {
    /// Nanoseconds for a PHYPayload of that many octets; 0 for LR-FHSS, whose hops no published formula of theirs counts.
    static func nanoseconds(size: Int, modulation: Modulation, codingRate: RadioMetadata.CodingRate) -> Int64 {
        switch modulation {
        case .lora(let spreading, let bandwidth):
            lora(Int64(size), Int64(spreading), Int64(bandwidth), Int64(codingRate.rawValue))
        case .fsk(_, let bitRate):
            bitRate == 0 ? 0 : (Int64(size) + 11) * 8_000_000_000 / Int64(bitRate)
        case .fhss: 0
        }
    }

    private static func lora(_ size: Int64, _ spreading: Int64, _ bandwidth: Int64, _ codingRate: Int64) -> Int64 {
        guard bandwidth > 0, spreading > 4, spreading < 13 else { return 0 }
        let lowRate: Int64 = spreading >= 11 && bandwidth == 125_000 ? 1 : 0
        let bits = 8 * size - 4 * spreading + 44
        let perBlock = 4 * (spreading - 2 * lowRate)
        let blocks = bits > 0 ? (bits + perBlock - 1) / perBlock : 0
        let quarterSymbols = 49 + 4 * (8 + blocks * (codingRate + 4))
        return quarterSymbols * (1 << spreading) * 250_000_000 / bandwidth
    }
}
