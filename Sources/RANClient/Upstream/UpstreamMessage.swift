// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// One frame of a device as one gateway heard it. It must be answered with an ack or a reject, copies included.
public struct UpstreamMessage: Sendable, Hashable {
    /// The RAN's number for this message; the answer names it.
    public let transactionID: UInt64
    /// The frame is more than 2.5 s old: no class A window is left.
    public let isOutdated: Bool
    /// All subscribed devices that may have sent it, at least one.
    public let devEUIs: [EUI64]
    /// How it was received.
    public let radio: UpstreamRadio
    /// The frame without its four MIC octets: `PHYPayloadNoMIC`.
    public let payload: [UInt8]
    /// The candidates of which one is the MIC, each its four octets read as a big-endian number.
    public let micChallenge: [UInt32]
    /// The gateway's position, when the RAN tells it.
    public let gps: GPSPosition?

    /// A message from its parts.
    public init(
        transactionID: UInt64,
        isOutdated: Bool = false,
        devEUIs: [EUI64],
        radio: UpstreamRadio,
        payload: [UInt8],
        micChallenge: [UInt32],
        gps: GPSPosition? = nil,
    ) {
        self.transactionID = transactionID
        self.isOutdated = isOutdated
        self.devEUIs = devEUIs
        self.radio = radio
        self.payload = payload
        self.micChallenge = micChallenge
        self.gps = gps
    }
}
