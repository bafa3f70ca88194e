// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A device's location became known, on v3's `location/solved`.
public struct SolvedLocation: Hashable, Sendable {
    public var device: DeviceIdentity
    public var time: UnixTime
    /// Who found it: `frm-payload` for a location in the decoded fields.
    public var service: String
    public var location: GeoLocation
    public var correlationIDs: [String]

    public init(
        device: DeviceIdentity,
        time: UnixTime,
        service: String,
        location: GeoLocation,
        correlationIDs: [String] = [],
    ) {
        self.device = device
        self.time = time
        self.service = service
        self.location = location
        self.correlationIDs = correlationIDs
    }
}
