// SPDX-License-Identifier: Apache-2.0
public import JSON

/// Something happened to a device: a join, a downlink's progress, a refused uplink, a change of its registration.
public struct DeviceEvent: Sendable, Hashable {
    /// The id of the device.
    public var devID: String
    /// What happened: `activations`, `activations/errors`, `down/sent`, `up/errors`, `create`, `update`, `delete`…
    public var name: String
    /// The event's body; null for some.
    public var json: JSONValue
}
