// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Devices that one multicast transmission reaches.
public struct MulticastGroup: Sendable, Hashable {
    /// The group's address; unique.
    public let address: DevAddr
    /// At most 255 characters.
    public let name: String
    /// When the group was made.
    public let createdAt: UnixTime
    /// Those that a transmission to the group reaches, all of the routing table.
    public let devices: [EUI64]

    /// A group from its parts.
    public init(address: DevAddr, name: String, createdAt: UnixTime, devices: [EUI64]) {
        self.address = address
        self.name = name
        self.createdAt = createdAt
        self.devices = devices
    }
}
