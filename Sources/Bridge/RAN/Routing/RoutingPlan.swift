// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import RANClient

/// The difference between the registry and a routing table.
struct RoutingPlan: Sendable {
    /// How many rows the table has.
    private(set) var tableCount: Int
    /// Rows to make.
    private(set) var inserts: [WantedRoute] = []
    /// Rows that say something else and cannot be changed: dropped and made again.
    private(set) var replacements: [WantedRoute] = []
    /// Rows that route another address than the session's.
    private(set) var updates: [WantedRoute] = []
    /// Rows that are as they should be.
    private(set) var matches: [WantedRoute] = []
    /// Rows of others that are as they should be and become ours.
    private(set) var adoptions: [WantedRoute] = []
    /// Rows of others that say something else, and stay.
    private(set) var conflicts: [(wanted: WantedRoute, row: RoutingEntry)] = []
    /// Rows of ours whose devices were deleted here.
    private(set) var releases: [EUI64] = []
    /// Rows without a registered device that nobody asked to drop: ours whose devices are gone, and those of others when
    /// foreign rows are dropped.
    private(set) var drops: [EUI64] = []
    /// Notes of rows that are not in the table.
    private(set) var forgotten: [EUI64] = []

    /// Rows that may be dropped at once without asking: a share of the table, and at least this many.
    static let dropShare = 0.05
    static let dropFloor = 10

    /// - Parameters:
    ///   - wanted: the registered devices of the coverage.
    ///   - table: all rows of the routing table.
    ///   - ours: the devices for which this service made a row, by DevEUI, with whether they were deleted here.
    ///   - foreign: what becomes of the rows of others.
    init(
        wanted: [WantedRoute],
        table: [RoutingEntry],
        ours: [(devEUI: EUI64, isReleased: Bool)],
        foreign: ForeignRows,
    ) {
        tableCount = table.count
        let wanted = wanted.sorted { $0.devEUI < $1.devEUI }
        let table = table.sorted { $0.devEUI < $1.devEUI }
        // All three have one order: what stands at the front of any of them is looked at once.
        var (wantedIndex, tableIndex, oursIndex) = (0, 0, 0)
        func next() -> EUI64? {
            var first: EUI64?
            if wantedIndex < wanted.count { first = wanted[wantedIndex].devEUI }
            if tableIndex < table.count { first = min(first ?? table[tableIndex].devEUI, table[tableIndex].devEUI) }
            if oursIndex < ours.count { first = min(first ?? ours[oursIndex].devEUI, ours[oursIndex].devEUI) }
            return first
        }
        while let devEUI = next() {
            var route: WantedRoute?
            var row: RoutingEntry?
            var isReleased: Bool?
            while wantedIndex < wanted.count, wanted[wantedIndex].devEUI == devEUI {
                route = wanted[wantedIndex]
                wantedIndex += 1
            }
            while tableIndex < table.count, table[tableIndex].devEUI == devEUI {
                row = table[tableIndex]
                tableIndex += 1
            }
            while oursIndex < ours.count, ours[oursIndex].devEUI == devEUI {
                isReleased = ours[oursIndex].isReleased
                oursIndex += 1
            }
            note(devEUI, route, row, isReleased, foreign)
        }
    }

    /// - Parameter isReleased: nil for a row that this service did not make.
    private mutating func note(
        _ devEUI: EUI64,
        _ route: WantedRoute?,
        _ row: RoutingEntry?,
        _ isReleased: Bool?,
        _ foreign: ForeignRows,
    ) {
        let isOurs = isReleased != nil
        switch (route, row) {
        case (let route?, nil): inserts.append(route)
        case (let route?, let row?):
            if !route.isServed(by: row) {
                if isOurs || foreign != .leave { replacements.append(route) } else { conflicts.append((route, row)) }
            } else if route.isAstray(row) {
                updates.append(route)
            } else if !isOurs, foreign != .leave {
                adoptions.append(route)
            } else {
                matches.append(route)
            }
        case (nil, nil): forgotten.append(devEUI)
        case (nil, .some):
            if isReleased == true {
                releases.append(devEUI)
            } else if isOurs || foreign == .drop {
                drops.append(devEUI)
            }
        }
    }

    /// Whether nothing is to be done.
    var isEmpty: Bool {
        inserts.isEmpty && replacements.isEmpty && updates.isEmpty && releases.isEmpty && drops.isEmpty
    }

    /// Whether so many rows would be dropped that somebody must say yes first.
    var needsConfirmation: Bool {
        drops.count > max(Self.dropFloor, Int(Double(tableCount) * Self.dropShare))
    }

    /// Names the drops: a confirmation is for these and no others.
    var digest: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for devEUI in drops {
            for shift in stride(from: 0, to: 64, by: 8) {
                hash = (hash ^ UInt64(UInt8(truncatingIfNeeded: devEUI.rawValue >> UInt64(shift)))) &* 0x100_0000_01B3
            }
        }
        return EUI64(rawValue: hash).hex
    }
}
