// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import RANClient

/// What a device's row in the routing table must say.
struct WantedRoute: Hashable, Sendable {
    let devEUI: EUI64
    /// Set for devices that join over the air.
    let joinEUI: EUI64?
    /// The address of the personalised device, or of the session that a joined device has.
    let devAddr: DevAddr?

    /// Whether a row serves the device. The addresses of one that joins are the RAN's to move.
    func isServed(by row: RoutingEntry) -> Bool {
        row.joinEUI == joinEUI && (joinEUI != nil || row.activeDevAddr == devAddr)
    }

    /// Whether the row of a device that joined routes another address than that of its session.
    func isAstray(_ row: RoutingEntry) -> Bool {
        guard joinEUI != nil, let devAddr else { return false }
        return row.activeDevAddr != devAddr && row.targetDevAddr != devAddr
    }
}

/// What becomes of rows of the routing table that this service did not make.
public enum ForeignRows: String, Hashable, Sendable, CaseIterable {
    /// They stay as they are; a registered device whose row differs is refused.
    case leave
    /// Those of registered devices become this service's own, and are mended like these.
    case adopt
    /// As `adopt`; those of devices that are not registered are dropped.
    case drop
}
