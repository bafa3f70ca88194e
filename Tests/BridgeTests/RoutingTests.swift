// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANClient
import TestSupport
import Testing

@testable import Bridge

@Suite struct RoutingTests {
    private func route(_ devEUI: EUI64, _ kind: Int) -> WantedRoute {
        WantedRoute(
            devEUI: devEUI,
            joinEUI: kind.isMultiple(of: 2) ? EUI64(rawValue: UInt64(kind)) : nil,
            devAddr: kind == 4 ? nil : DevAddr(rawValue: UInt32(kind)),
        )
    }

    @Test("rows at rest and busy ones come back as they were put, and are counted")
    func rows() {
        var random = SeededGenerator(seed: 5)
        var rows = RouteRows()
        var model: [EUI64: RouteKeeper.Row] = [:]
        for _ in 0..<5000 {
            let devEUI = EUI64(rawValue: UInt64.random(in: 0..<100, using: &random))
            var row: RouteKeeper.Row? = RouteKeeper.Row()
            let wish = route(devEUI, Int.random(in: 1...4, using: &random))
            switch Int.random(in: 0..<7, using: &random) {
            case 0: row = nil
            case 1: row?.isOurs = true
            case 2:
                row?.isOurs = true
                row?.isReleased = true
            case 3:
                row?.wanted = wish
                row?.isQueued = true
            case 4:
                row?.wanted = wish
                row?.state = .refused(RouteProblem(reason: "no", message: "no"))
            default:
                row?.wanted = wish
                row?.applied = wish
                row?.isOurs = Bool.random(using: &random)
                row?.state = .inEffect
            }
            rows[devEUI] = row
            model[devEUI] = row
            #expect(rows[devEUI].map(Shape.init) == model[devEUI].map(Shape.init))
        }
        for number in UInt64(0)..<100 {
            let devEUI = EUI64(rawValue: number)
            #expect(rows[devEUI].map(Shape.init) == model[devEUI].map(Shape.init))
        }
        let states = model.values.map(\.state)
        #expect(rows.counts.inEffect == states.count { $0 == .inEffect })
        #expect(rows.counts.pending == states.count { $0 == .pending(nil) })
        #expect(rows.counts.refused == states.count - rows.counts.inEffect - rows.counts.pending)
        let ours = model.filter(\.value.isOurs)
        #expect(rows.ours.map(\.devEUI) == ours.keys.sorted())
        #expect(rows.ours.allSatisfy { ours[$0.devEUI]?.isReleased == $0.isReleased })
        // What nothing is to be done about takes no place among the busy ones.
        #expect(rows.busy.values.allSatisfy { $0.state != .inEffect })
    }

    /// What a row says.
    private struct Shape: Equatable {
        let wanted: WantedRoute?
        let applied: WantedRoute?
        let marks: [Bool]
        let state: RouteState

        init(_ row: RouteKeeper.Row) {
            wanted = row.wanted
            applied = row.applied
            marks = [row.isOurs, row.isReleased, row.isAstray, row.isQueued]
            state = row.state
        }
    }

    @Test("a plan puts each device where its registration, its row and its note say", arguments: ForeignRows.allCases)
    func plan(_ foreign: ForeignRows) {
        var random = SeededGenerator(seed: 6)
        var wanted: [WantedRoute] = []
        var table: [RoutingEntry] = []
        var ours: [(devEUI: EUI64, isReleased: Bool)] = []
        var expected: [String: Set<UInt64>] = [:]
        for number in UInt64(0)..<600 {
            let devEUI = EUI64(rawValue: number &* 0x9E37_79B9_7F4A_7C15)
            let wish = route(devEUI, Int.random(in: 1...4, using: &random))
            let isWanted = Bool.random(using: &random)
            let isNoted = Bool.random(using: &random)
            let isReleased = Bool.random(using: &random)
            let kind = Int.random(in: 0...4, using: &random)
            let row = RoutingEntry(
                devEUI: devEUI,
                joinEUI: route(devEUI, kind).joinEUI,
                activeDevAddr: DevAddr(rawValue: UInt32(kind)),
                createdAt: UnixTime(nanoseconds: 0),
            )
            let isInTable = kind > 0
            if isWanted { wanted.append(wish) }
            if isInTable { table.append(row) }
            if isNoted { ours.append((devEUI, isReleased)) }
            let place: String? =
                switch (isWanted, isInTable) {
                case (true, false): "insert"
                case (true, true):
                    if !wish.isServed(by: row) {
                        isNoted || foreign != .leave ? "replace" : "conflict"
                    } else if wish.isAstray(row) {
                        "update"
                    } else {
                        isNoted || foreign == .leave ? "match" : "adopt"
                    }
                case (false, true): isNoted ? (isReleased ? "release" : "drop") : foreign == .drop ? "drop" : nil
                case (false, false): isNoted ? "forget" : nil
                }
            if let place { expected[place, default: []].insert(devEUI.rawValue) }
        }
        ours.sort { $0.devEUI < $1.devEUI }
        let plan = RoutingPlan(wanted: wanted.shuffled(using: &random), table: table, ours: ours, foreign: foreign)
        func check(_ devices: [EUI64], _ place: String) {
            #expect(Set(devices.map(\.rawValue)) == expected[place] ?? [], "\(place)")
            #expect(devices == devices.sorted())
        }
        check(plan.inserts.map(\.devEUI), "insert")
        check(plan.replacements.map(\.devEUI), "replace")
        check(plan.conflicts.map(\.wanted.devEUI), "conflict")
        check(plan.updates.map(\.devEUI), "update")
        check(plan.matches.map(\.devEUI), "match")
        check(plan.adoptions.map(\.devEUI), "adopt")
        check(plan.releases, "release")
        check(plan.drops, "drop")
        check(plan.forgotten, "forget")
        #expect(plan.tableCount == table.count)
    }
}
