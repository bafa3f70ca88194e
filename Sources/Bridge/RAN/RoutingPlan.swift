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
}

/// The difference between the registry and a routing table. Rows of others are in neither list.
struct RoutingPlan: Sendable {
    /// Rows to make.
    var inserts: [WantedRoute] = []
    /// Rows of ours that say something else and cannot be changed: dropped and made again.
    var replacements: [WantedRoute] = []
    /// Rows whose active address is not the session's.
    var updates: [WantedRoute] = []
    /// Rows that this service made for devices that are no longer registered.
    var drops: [EUI64] = []

    /// - Parameters:
    ///   - wanted: the registered devices of the coverage.
    ///   - table: all rows of the routing table.
    ///   - ours: the devices for which this service made a row.
    init(wanted: [WantedRoute], table: [RoutingEntry], ours: Set<EUI64>) {
        var rows: [EUI64: RoutingEntry] = [:]
        rows.reserveCapacity(table.count)
        for row in table { rows[row.devEUI] = row }
        var registered: Set<EUI64> = []
        registered.reserveCapacity(wanted.count)
        for route in wanted {
            registered.insert(route.devEUI)
            guard let row = rows[route.devEUI] else {
                inserts.append(route)
                continue
            }
            if row.joinEUI != route.joinEUI {
                replacements.append(route)
            } else if route.joinEUI == nil, row.activeDevAddr != route.devAddr {
                replacements.append(route)
            } else if let devAddr = route.devAddr, row.activeDevAddr != devAddr, row.targetDevAddr != devAddr {
                updates.append(route)
            }
        }
        drops = ours.filter { !registered.contains($0) && rows[$0] != nil }.sorted()
    }

    var isEmpty: Bool { inserts.isEmpty && replacements.isEmpty && updates.isEmpty && drops.isEmpty }
}
