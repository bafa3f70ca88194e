// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// One row of the routing table: a device whose frames this customer gets.
public struct RoutingEntry: Sendable, Hashable {
    /// Unique in the table.
    public let devEUI: EUI64
    /// Set for a device that joins (OTAA).
    public let joinEUI: EUI64?
    /// The address whose frames are routed; several devices may share one. Nil before the first join.
    public let activeDevAddr: DevAddr?
    /// The address given with a join accept, active from the first uplink that uses it.
    public let targetDevAddr: DevAddr?
    /// The customer's own text.
    public let details: String?
    /// When the row was made.
    public let createdAt: UnixTime

    /// A row from its parts.
    public init(
        devEUI: EUI64,
        joinEUI: EUI64? = nil,
        activeDevAddr: DevAddr? = nil,
        targetDevAddr: DevAddr? = nil,
        details: String? = nil,
        createdAt: UnixTime,
    ) {
        self.devEUI = devEUI
        self.joinEUI = joinEUI
        self.activeDevAddr = activeDevAddr
        self.targetDevAddr = targetDevAddr
        self.details = details
        self.createdAt = createdAt
    }
}
