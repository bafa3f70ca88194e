// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer

/// The rows that a keeper knows. Nearly all of them are at rest, as wanted, and take a few octets each.
struct RouteRows {
    /// Those that something is to be done about, or that the RAN refuses.
    private(set) var busy: [EUI64: RouteKeeper.Row] = [:]
    private var resting: [RestingRow] = []
    private var index = SlotIndex()
    /// Places in `resting` that hold nothing.
    private var vacant: [Int32] = []
    /// Rows at rest of which the store's note is all that is known.
    private var noteCount = 0

    subscript(devEUI: EUI64) -> RouteKeeper.Row? {
        get { busy[devEUI] ?? place(of: devEUI).map { resting[$0].row } }
        set {
            if let newValue, let row = RestingRow(devEUI, newValue) {
                busy[devEUI] = nil
                put(row)
            } else {
                removeResting(devEUI)
                busy[devEUI] = newValue
            }
        }
    }

    /// How many rows are as wanted, waited for and refused.
    var counts: (inEffect: Int, pending: Int, refused: Int) {
        var counts = (inEffect: index.count - noteCount, pending: noteCount, refused: 0)
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
        ours.reserveCapacity(index.count + busy.count)
        for row in resting where row.marks.isSuperset(of: [.isThere, .isOurs]) {
            ours.append((row.devEUI, row.marks.contains(.isReleased)))
        }
        for (devEUI, row) in busy where row.isOurs { ours.append((devEUI, row.isReleased)) }
        ours.sort { $0.devEUI < $1.devEUI }
        return ours
    }

    // MARK: At rest

    private func place(of devEUI: EUI64) -> Int? {
        index.slot(devEUI.slotHash) { resting[$0].devEUI == devEUI }
    }

    private mutating func put(_ row: RestingRow) {
        if let place = place(of: row.devEUI) {
            noteCount += (row.isNote ? 1 : 0) - (resting[place].isNote ? 1 : 0)
            resting[place] = row
            return
        }
        noteCount += row.isNote ? 1 : 0
        let place: Int
        if let reused = vacant.popLast() {
            place = Int(reused)
            resting[place] = row
        } else {
            place = resting.count
            resting.append(row)
        }
        index.insert(place, row.devEUI.slotHash) { [resting] in resting[$0].devEUI.slotHash }
    }

    private mutating func removeResting(_ devEUI: EUI64) {
        let place = index.remove(
            devEUI.slotHash,
            where: { [resting] in resting[$0].devEUI == devEUI },
            hashOf: { [resting] in resting[$0].devEUI.slotHash },
        )
        guard let place else { return }
        noteCount -= resting[place].isNote ? 1 : 0
        resting[place].marks = []
        vacant.append(Int32(place))
    }
}

/// A row of which nothing is to be done, in 24 octets: it is as wanted, or the store's note says that it is ours and no
/// more is known.
private struct RestingRow {
    let devEUI: EUI64
    private let joinEUI: EUI64
    private let devAddr: DevAddr
    var marks: Marks

    struct Marks: OptionSet {
        let rawValue: UInt8
        static let isThere = Marks(rawValue: 1)
        static let isOurs = Marks(rawValue: 2)
        static let isReleased = Marks(rawValue: 4)
        static let isWanted = Marks(rawValue: 8)
        static let hasJoinEUI = Marks(rawValue: 16)
        static let hasDevAddr = Marks(rawValue: 32)
    }

    /// nil for a row that is not at rest.
    init?(_ devEUI: EUI64, _ row: RouteKeeper.Row) {
        guard row.applied == row.wanted, !row.isAstray, !row.isQueued, row.waiters.isEmpty else { return nil }
        var marks: Marks = row.isOurs ? [.isThere, .isOurs] : .isThere
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

    var isNote: Bool { marks.contains(.isThere) && !marks.contains(.isWanted) }

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
