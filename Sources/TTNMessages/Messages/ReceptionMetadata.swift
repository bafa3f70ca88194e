// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// How one copy of a frame was heard: one entry of a message's gateways.
public struct ReceptionMetadata: Hashable, Sendable {
    /// Named after the coverage that delivered the copy.
    public var gatewayID: String
    /// The gateway's own EUI, when known.
    public var gatewayEUI: EUI64?
    /// The gateway's own clock; nil without GPS time.
    public var time: UnixTime?
    /// When the copy arrived here.
    public var receivedAt: UnixTime?
    /// Microseconds of the concentrator's counter, which wraps; 0 when unknown.
    public var timestamp: UInt32
    /// Index of the antenna, 0 for the first or only one.
    public var antenna: UInt8
    /// Index of the channel.
    public var channel: UInt8
    /// dBm.
    public var rssi: Float
    /// dB.
    public var snr: Float
    /// Index of the radio chain.
    public var rfChain: UInt8
    /// Where the antenna stands.
    public var location: GeoLocation?

    public init(
        gatewayID: String,
        gatewayEUI: EUI64? = nil,
        time: UnixTime? = nil,
        receivedAt: UnixTime? = nil,
        timestamp: UInt32 = 0,
        antenna: UInt8 = 0,
        channel: UInt8 = 0,
        rssi: Float,
        snr: Float,
        rfChain: UInt8 = 0,
        location: GeoLocation? = nil,
    ) {
        self.gatewayID = gatewayID
        self.gatewayEUI = gatewayEUI
        self.time = time
        self.receivedAt = receivedAt
        self.timestamp = timestamp
        self.antenna = antenna
        self.channel = channel
        self.rssi = rssi
        self.snr = snr
        self.rfChain = rfChain
        self.location = location
    }
}
