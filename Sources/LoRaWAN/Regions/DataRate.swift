// SPDX-License-Identifier: Apache-2.0

/// One row of a region's data rate table.
public struct DataRate: Hashable, Sendable {
    /// What it means on air.
    public let modulation: Modulation
    /// Devices may send with it.
    public let isUplink: Bool
    /// The network may send with it.
    public let isDownlink: Bool
    /// The largest FRMPayload in octets with empty FOpts; each octet of FOpts takes one away.
    public let maximumPayload: UInt8
    /// The same while a 400 ms dwell time limit holds; 0 when the data rate may not be used then.
    public let maximumPayloadUnderDwell: UInt8
}

extension DataRate {
    /// A LoRa row; both directions unless told.
    static func lora(
        _ spreading: UInt8,
        _ kilohertz: UInt32 = 125,
        up: Bool = true,
        down: Bool = true,
        limit: UInt8,
        dwell: UInt8? = nil,
    ) -> DataRate {
        DataRate(
            modulation: .lora(spreading: spreading, bandwidth: kilohertz * 1000),
            isUplink: up,
            isDownlink: down,
            maximumPayload: limit,
            maximumPayloadUnderDwell: dwell ?? limit,
        )
    }

    /// The 50 kbit/s FSK row; its deviation is 25 kHz everywhere.
    static let fsk = DataRate(
        modulation: .fsk(deviation: 25_000, bitRate: 50_000),
        isUplink: true,
        isDownlink: true,
        maximumPayload: 242,
        maximumPayloadUnderDwell: 242,
    )

    /// An LR-FHSS row: uplink only.
    static func fhss(_ kilohertz: UInt32, _ codingRate: String, _ limit: UInt8) -> DataRate {
        DataRate(
            modulation: .fhss(occupiedWidth: kilohertz * 1000, codingRate: codingRate),
            isUplink: true,
            isDownlink: false,
            maximumPayload: limit,
            maximumPayloadUnderDwell: limit,
        )
    }
}
