// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What a device knows about its region.
struct RadioPlan {
    /// Frequencies it may send on, in hertz.
    let uplinkFrequencies: [UInt64]
    let rx2Frequency: UInt64
    let rx2DataRate: UInt8
    private let dataRates: [Modulation]

    /// The plan of a region by name; nil when it is unknown.
    init?(region: String) {
        guard region == "EU868" else { return nil }
        uplinkFrequencies = [868_100_000, 868_300_000, 868_500_000]
        rx2Frequency = 869_525_000
        rx2DataRate = 0
        dataRates = (7...12).reversed().map { .lora(spreading: $0, bandwidth: 125_000) }
            + [.lora(spreading: 7, bandwidth: 250_000), .fsk(deviation: 25_000, bitRate: 50_000)]
    }

    func modulation(dataRate: UInt8) -> Modulation? {
        dataRate < dataRates.count ? dataRates[Int(dataRate)] : nil
    }

    func rx1Frequency(uplink: UInt64) -> UInt64 { uplink }

    func rx1DataRate(uplink: UInt8, offset: UInt8) -> UInt8 { uplink > offset ? uplink - offset : 0 }
}
