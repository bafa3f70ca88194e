// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer

/// The rows that a keeper knows. Nearly all of them are at rest, as wanted, and take a few octets each.
struct RouteRows {
    /// Those that something is to be done about, or that the RAN refuses.
    private(set) var busy: [EUI64: RouteKeeper.Row] = [:]
    private var resting = DeviceSlots<RestingRow>()
    /// Rows at rest of which the store's note is all that is known.
    private var noteCount = 0

    subscript(devEUI: EUI64) -> RouteKeeper.Row? {
        get { busy[devEUI] ?? resting[devEUI]?.row }
        set {
            if resting[devEUI]?.isNote == true { noteCount -= 1 }
            if let newValue, let row = RestingRow(devEUI, newValue) {
                busy[devEUI] = nil
                resting.put(row)
                if row.isNote { noteCount += 1 }
            } else {
                resting.remove(devEUI)
                busy[devEUI] = newValue
            }
        }
    }

    /// How many rows are as wanted, waited for and refused.
    var counts: (inEffect: Int, pending: Int, refused: Int) {
        var counts = (inEffect: resting.count - noteCount, pending: noteCount, refused: 0)
        for row in busy.values {
            switch row.state {
            case .inEffect: counts.inEffect += 1
            case .pending: counts.pending += 1
            case .refused: counts.refused += 1
            }
        }
        return counts
    }

    /// The devices of rows that this service made, with whether they were deleted here; by DevEUI.
    var ours: [(devEUI: EUI64, isReleased: Bool)] {
        var ours: [(devEUI: EUI64, isReleased: Bool)] = []
        ours.reserveCapacity(resting.count + busy.count)
        for row in resting.all where row.marks.contains(.isOurs) {
            ours.append((row.devEUI, row.marks.contains(.isReleased)))
        }
        for (devEUI, row) in busy where row.isOurs { ours.append((devEUI, row.isReleased)) }
        ours.sort { $0.devEUI < $1.devEUI }
        return ours
    }
}

/// A row of which nothing is to be done, in 24 octets: it is as wanted, or the store's note says that it is ours and no
/// more is known.
private struct RestingRow: DeviceKeyed {
    let devEUI: EUI64
    private let joinEUI: EUI64
    private let devAddr: DevAddr
    let marks: Marks

    struct Marks: OptionSet {
        let rawValue: UInt8
        static let isOurs = Marks(rawValue: 1)
        static let isReleased = Marks(rawValue: 2)
        static let isWanted = Marks(rawValue: 4)
        static let hasJoinEUI = Marks(rawValue: 8)
        static let hasDevAddr = Marks(rawValue: 16)
    }

    /// nil for a row that is not at rest.
    init?(_ devEUI: EUI64, _ row: RouteKeeper.Row) {
        guard row.applied == row.wanted, !row.isAstray, !row.isQueued, row.waiters.isEmpty else { return nil }
        var marks: Marks = row.isOurs ? .isOurs : []
        if let wanted = row.wanted {
            guard row.state == .inEffect, !row.isReleased else { return nil }
            marks.insert(.isWanted)
            if wanted.joinEUI != nil { marks.insert(.hasJoinEUI) }
            if wanted.devAddr != nil { marks.insert(.hasDevAddr) }
        } else {
            guard row.state == .pending(nil), row.isOurs else { return nil }
            if row.isReleased { marks.insert(.isReleased) }
        }
        self.devEUI = devEUI
        joinEUI = row.wanted?.joinEUI ?? EUI64(rawValue: 0)
        devAddr = row.wanted?.devAddr ?? DevAddr(rawValue: 0)
        self.marks = marks
    }

    var isNote: Bool { !marks.contains(.isWanted) }

    var row: RouteKeeper.Row {
        var row = RouteKeeper.Row()
        row.isOurs = marks.contains(.isOurs)
        row.isReleased = marks.contains(.isReleased)
        guard marks.contains(.isWanted) else { return row }
        let route = WantedRoute(
            devEUI: devEUI,
            joinEUI: marks.contains(.hasJoinEUI) ? joinEUI : nil,
            devAddr: marks.contains(.hasDevAddr) ? devAddr : nil,
        )
        row.wanted = route
        row.applied = route
        row.state = .inEffect
        return row
    }
}
