// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What went on the air for a downlink.
public struct DownlinkTransmission: Hashable, Sendable {
    /// The whole PHYPayload: enciphered, with its MIC.
    public var phyPayload: [UInt8]
    /// Named after the coverage that sent it.
    public var gatewayID: String
    /// Hertz.
    public var frequency: UInt32
    public var modulation: Modulation
    /// Of LoRa frames only.
    public var codingRate: RadioMetadata.CodingRate
    /// dBm.
    public var power: Int

    public init(
        phyPayload: [UInt8],
        gatewayID: String,
        frequency: UInt32,
        modulation: Modulation,
        codingRate: RadioMetadata.CodingRate = .fourFifths,
        power: Int,
    ) {
        self.phyPayload = phyPayload
        self.gatewayID = gatewayID
        self.frequency = frequency
        self.modulation = modulation
        self.codingRate = codingRate
        self.power = power
    }

    /// Nanoseconds on the air.
    public var airtime: Int64 {
        Airtime.published(
            size: phyPayload.count,
            modulation: modulation,
            codingRate: codingRate,
        )
    }
}
