// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Which devices the customer subscribed to, in the order of their insertion.
struct RoutingTable {
    /// How many rows there may be; nil for any number.
    var limit: Int?
    private var rows: [EUI64: Subscription] = [:]
    private var order: [EUI64] = []
    private var byAddress: [DevAddr: [EUI64]] = [:]

    var count: Int { rows.count }

    subscript(devEUI: EUI64) -> Subscription? { rows[devEUI] }

    /// Adds a row. Throws when the DevEUI is taken or the table is full.
    mutating func insert(_ row: Subscription) throws(APIError) {
        guard rows[row.devEUI] == nil else { throw .deviceAlreadyExists }
        if let limit, rows.count >= limit { throw .deviceLimitExhausted }
        rows[row.devEUI] = row
        order.append(row.devEUI)
        if let address = row.activeDevAddr { index(row.devEUI, under: address) }
    }

    /// Changes the addresses of an OTAA row; the parts left nil stay.
    mutating func update(
        _ devEUI: EUI64,
        joinEUI: EUI64,
        active: DevAddr?,
        target: DevAddr?,
    ) throws(APIError) -> Subscription {
        guard var row = rows[devEUI], row.joinEUI == joinEUI else { throw .deviceNotFound }
        if let active { row.activeDevAddr = active }
        if let target { row.targetDevAddr = target }
        replace(row)
        return row
    }

    /// Removes the rows that exist; says how many did.
    mutating func drop(_ devEUIs: [EUI64]) -> [EUI64] {
        var dropped: Set<EUI64> = []
        for devEUI in devEUIs {
            guard let row = rows.removeValue(forKey: devEUI) else { continue }
            dropped.insert(devEUI)
            unindex(row)
        }
        if !dropped.isEmpty { order.removeAll { dropped.contains($0) } }
        return Array(dropped)
    }

    /// Removes all rows; returns their DevEUIs.
    mutating func dropAll() -> [EUI64] {
        defer {
            rows = [:]
            order = []
            byAddress = [:]
        }
        return order
    }

    /// Rows in order of insertion: those named, or all when none is.
    func select(_ devEUIs: [EUI64], offset: Int, limit: Int?) -> [Subscription] {
        let wanted = Set(devEUIs)
        let named = wanted.isEmpty ? order : order.filter { wanted.contains($0) }
        return named.dropFirst(offset).prefix(limit ?? Int.max).compactMap { rows[$0] }
    }

    /// Devices that may have sent a frame with that address: as their active or their target one.
    func candidates(for address: DevAddr) -> [EUI64] { byAddress[address] ?? [] }

    /// Whether a join request of that device is routed here.
    func routesJoin(_ devEUI: EUI64, joinEUI: EUI64) -> Bool { rows[devEUI]?.joinEUI == joinEUI }

    /// Whether a rejoin request is routed here: type 1 names its JoinEUI, the others their device only.
    func routesRejoin(_ request: RejoinRequestFrame) -> Bool {
        if case .restore(let joinEUI, let devEUI, _) = request { return routesJoin(devEUI, joinEUI: joinEUI) }
        return rows[request.devEUI] != nil
    }

    /// Changes what the RAN remembers about a device.
    mutating func modify(_ devEUI: EUI64, _ change: (inout Subscription) -> Void) {
        guard let index = rows.index(forKey: devEUI) else { return }
        change(&rows.values[index])
    }

    /// Notes the address that a join accept hands to the device.
    mutating func setTarget(_ devEUI: EUI64, to address: DevAddr) {
        guard var row = rows[devEUI] else { return }
        row.targetDevAddr = address
        replace(row)
    }

    /// Makes the target address the active one, once an uplink from it has come. True when something changed.
    mutating func switchToTarget(_ devEUI: EUI64, sendingFrom address: DevAddr) -> Bool {
        guard var row = rows[devEUI], row.targetDevAddr == address else { return false }
        row.activeDevAddr = address
        row.targetDevAddr = nil
        replace(row)
        return true
    }

    private mutating func replace(_ row: Subscription) {
        if let old = rows[row.devEUI] { unindex(old) }
        rows[row.devEUI] = row
        for address in Set([row.activeDevAddr, row.targetDevAddr].compactMap { $0 }) {
            index(row.devEUI, under: address)
        }
    }

    private mutating func index(_ devEUI: EUI64, under address: DevAddr) {
        byAddress[address, default: []].append(devEUI)
    }

    private mutating func unindex(_ row: Subscription) {
        for address in Set([row.activeDevAddr, row.targetDevAddr].compactMap { $0 }) {
            byAddress[address]?.removeAll { $0 == row.devEUI }
            if byAddress[address]?.isEmpty == true { byAddress[address] = nil }
        }
    }
}
