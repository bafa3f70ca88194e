// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A device joined. `device.devAddr` is the address of its new session.
public struct ActivationEvent: Hashable, Sendable {
    public var device: DeviceIdentity
    /// When the join request arrived here.
    public var receivedAt: UnixTime
    /// How the join request was heard.
    public var radio: RadioMetadata?
    /// Where the RAN says the device was when it sent.
    public var location: GeoLocation?
    /// Names the new session.
    public var sessionKeyID: [UInt8]
    public var correlationIDs: [String]

    public init(
        device: DeviceIdentity,
        receivedAt: UnixTime,
        radio: RadioMetadata?,
        location: GeoLocation? = nil,
        sessionKeyID: [UInt8],
        correlationIDs: [String] = [],
    ) {
        self.device = device
        self.receivedAt = receivedAt
        self.radio = radio
        self.location = location
        self.sessionKeyID = sessionKeyID
        self.correlationIDs = correlationIDs
    }

    /// Where the device is: what the RAN told, else what its registration says.
    public var effectiveLocation: GeoLocation? { location.flatMap { $0.isShown ? $0 : nil } ?? device.location }
}
