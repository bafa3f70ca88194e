// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A device was registered, changed or deleted.
public struct DeviceEvent: Hashable, Sendable {
    public var device: DeviceIdentity
    public var change: Change
    public var time: UnixTime

    public init(device: DeviceIdentity, change: Change, time: UnixTime) {
        self.device = device
        self.change = change
        self.time = time
    }

    /// What happened to the registration.
    public enum Change: Hashable, Sendable {
        /// It is new: `device.location` is shown.
        case created
        /// It is new because the device joined by itself.
        case createdOnJoin
        /// It changed; the location is shown only when it is among the changes.
        case updated(location: GeoLocation?)
        case deleted
    }
}
