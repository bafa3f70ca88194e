// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What a service made of a device's uplinks, on v3's `service/data`.
public struct ServiceData: Hashable, Sendable {
    public var device: DeviceIdentity
    public var time: UnixTime
    /// The service's name.
    public var service: String
    /// JSON text of an object.
    public var data: [UInt8]
    public var correlationIDs: [String]

    public init(
        device: DeviceIdentity,
        time: UnixTime,
        service: String,
        data: [UInt8],
        correlationIDs: [String] = [],
    ) {
        self.device = device
        self.time = time
        self.service = service
        self.data = data
        self.correlationIDs = correlationIDs
    }
}
