// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Store
import Testing

@Suite struct StateTests {
    let place: TemporaryStore
    let store: SQLiteStore

    init() throws {
        place = try TemporaryStore()
        store = try place.open()
    }

    @Test("sessions and join states are replaced, grow, shrink, and go")
    func states() throws {
        let high = EUI64(rawValue: .max)
        let low = EUI64(rawValue: 0)
        for size in [3, 0, 5000, 3] {
            let state = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
            try store.commit([.putSession(high, state), .putJoinState(low, state)])
            #expect(try store.session(high) == state)
            #expect(try store.joinState(low) == state)
        }
        #expect(try store.session(low) == nil)
        try store.commit([.deleteSession(high), .deleteJoinState(low), .deleteSession(low)])
        #expect(try store.session(high) == nil)
        #expect(try store.joinState(low) == nil)
    }

    @Test("a walk sees every session once, whatever its DevEUI, and may use the store")
    func sessionWalk() throws {
        let identifiers =
            [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max] + (0..<2000).map { 5 + $0 * 0x1234_5678 }
        try store.commit(identifiers.map { .putSession(EUI64(rawValue: $0), [UInt8(truncatingIfNeeded: $0)]) })
        var seen: [EUI64: [UInt8]] = [:]
        var calls = 0
        var inner: [UInt8]?
        try store.forEachSession { devEUI, state in
            calls += 1
            seen[devEUI] = state
            if calls == 1 { inner = (try? store.session(devEUI)) ?? nil }
        }
        #expect(calls == identifiers.count)
        #expect(inner != nil)
        for identifier in identifiers {
            #expect(seen[EUI64(rawValue: identifier)] == [UInt8(truncatingIfNeeded: identifier)])
        }
    }

    @Test("a cold start sees each device with its states, those without included")
    func storedDevices() throws {
        let devices = try (0..<1500).map { try device($0) }
        var mutations: [StoreMutation] = [.putApplication(ApplicationRecord(id: "meters"))]
        for (index, device) in devices.enumerated() {
            mutations.append(.putDevice(device))
            if index.isMultiple(of: 2) { mutations.append(.putSession(device.devEUI, [1])) }
            if index.isMultiple(of: 3) { mutations.append(.putJoinState(device.devEUI, [2])) }
        }
        try store.commit(mutations)
        var seen: [StoredDevice] = []
        try store.forEachStoredDevice(in: .all) { seen += $0.devices }
        #expect(
            seen
                == devices.enumerated().map { index, device in
                    StoredDevice(
                        record: device,
                        session: index.isMultiple(of: 2) ? [1] : nil,
                        joinState: index.isMultiple(of: 3) ? [2] : nil,
                    )
                }
        )
    }

    @Test("a queue keeps the order of its positions, and entries leave by id")
    func downlinks() throws {
        let devEUI = EUI64(rawValue: 0xFEDC_BA98_7654_3210)
        func entry(_ id: UInt64, _ position: Int64, _ octet: UInt8 = 0) -> DownlinkEntry {
            DownlinkEntry(devEUI: devEUI, id: id, position: position, payload: [octet])
        }
        try store.commit([
            .putDownlink(entry(.max, 2)), .putDownlink(entry(1, 1)), .putDownlink(entry(2, -5)),
            .putDownlink(entry(3, 1)), .putDownlink(entry(3, 1, 9)),
        ])
        let reopened = try place.reopen(store)
        #expect(try reopened.downlinks(devEUI) == [entry(2, -5), entry(1, 1), entry(3, 1, 9), entry(.max, 2)])
        try reopened.commit([.deleteDownlink(devEUI, id: .max), .deleteDownlink(devEUI, id: 77)])
        var seen: [DownlinkEntry] = []
        let other = DownlinkEntry(devEUI: EUI64(rawValue: 1), id: 1, position: 0, payload: [])
        try reopened.commit([.putDownlink(other)])
        try reopened.forEachDownlink { seen.append($0) }
        #expect(seen == [entry(2, -5), entry(1, 1), entry(3, 1, 9), other])
        try reopened.commit([.deleteDownlinks(devEUI)])
        #expect(try reopened.downlinks(devEUI) == [])
        #expect(try reopened.downlinks(other.devEUI) == [other])
    }

    @Test("the outbox gives entries in order, and its figures follow each change and a reopen")
    func outbox() throws {
        let devEUI = EUI64(rawValue: .max)
        func entry(_ id: Int64) -> OutboxEntry {
            OutboxEntry(id: id, devEUI: devEUI, kind: 255, payload: [UInt8](repeating: 1, count: Int(id)))
        }
        #expect(try store.lastOutboxID() == 0)
        try store.commit((1...10).map { .putOutbox(entry($0)) })
        #expect(try store.outbox(after: 0, limit: 3) == [entry(1), entry(2), entry(3)])
        #expect(try store.outbox(after: 8, limit: 100) == [entry(9), entry(10)])
        #expect(store.outboxCount == 10)
        #expect(store.outboxBytes == 55)
        try store.commit([.deleteOutbox([1, 2, 3, 5, 9, 8, 77]), .putOutbox(entry(11))])
        try store.commit([.updateOutbox(id: 4, payload: [1, 2]), .updateOutbox(id: 5, payload: [1])])
        #expect(try store.outbox(after: 0, limit: 100).map(\.id) == [4, 6, 7, 10, 11])
        #expect(store.outboxCount == 5)
        #expect(store.outboxBytes == 2 + 6 + 7 + 10 + 11)
        #expect(try store.lastOutboxID() == 11)
        let reopened = try place.reopen(store)
        #expect(reopened.outboxCount == 5)
        #expect(reopened.outboxBytes == 36)
        #expect(
            try reopened.outbox(after: 0, limit: 1) == [
                OutboxEntry(id: 4, devEUI: devEUI, kind: 255, payload: [1, 2])
            ]
        )
    }

    @Test("a commit repeated because its outcome was unknown changes nothing more")
    func repeatedCommit() throws {
        let entry = OutboxEntry(id: 1, devEUI: EUI64(rawValue: 1), kind: 1, payload: [1, 2, 3])
        let commit: [StoreMutation] = [.putOutbox(entry), .putSession(entry.devEUI, [1])]
        try store.commit(commit)
        try store.commit(commit)
        #expect(try store.outbox(after: 0, limit: 9) == [entry])
        #expect(store.outboxCount == 1)
        #expect(store.outboxBytes == 3)
    }

    @Test("what management keeps comes back and goes")
    func management() throws {
        let group = MulticastGroupRecord(
            applicationID: "meters",
            groupID: "g",
            address: DevAddr(rawValue: 0xFF00_0000),
            state: [4],
        )
        let routes = [UInt64.max, 0, 5].map { RouteRecord(coverage: "eu", devEUI: EUI64(rawValue: $0), state: [1]) }
        let answers = [1, 2].map {
            AnswerRecord(scope: "meters", requestID: "r\($0)", answeredAt: UnixTime(nanoseconds: $0), payload: [7])
        }
        let keys = ["one", "two"].map {
            AccessKeyRecord(applicationID: "meters", name: $0, rights: ["devices", "settings"], digest: [1])
        }
        try store.commit([.putApplication(ApplicationRecord(id: "meters")), .putMulticastGroup(group)])
        try store.commit(routes.map { .putRoute($0) } + answers.map { .putAnswer($0) } + keys.map { .putAccessKey($0) })
        try store.commit([.putSetting("drained", [1, 0]), .putSetting("drained", [2])])
        let reopened = try place.reopen(store)
        #expect(try reopened.multicastGroups() == [group])
        #expect(try reopened.routes(of: "eu", after: nil, limit: 2) == [routes[0], routes[1]])
        #expect(try reopened.routes(of: "eu", after: EUI64(rawValue: 0), limit: 2) == [routes[2]])
        #expect(try reopened.routes(of: "eu", after: EUI64(rawValue: UInt64(Int64.max)), limit: 2) == [])
        #expect(try reopened.answer(scope: "meters", requestID: "r1") == answers[0])
        #expect(try reopened.accessKeys(of: "meters") == keys)
        #expect(try reopened.setting("drained") == [2])
        var rival = group
        rival.groupID = "h"
        #expect(
            failure { () throws(StoreError) in try reopened.commit([.putMulticastGroup(rival)]) }?.kind
                == .addressTaken(group.address)
        )
        try reopened.commit([
            .deleteMulticastGroup(applicationID: "meters", groupID: "g"),
            .deleteRoute(coverage: "eu", devEUI: EUI64(rawValue: 0)), .deleteAnswers(before: UnixTime(nanoseconds: 2)),
            .deleteAccessKey(applicationID: "meters", name: "one"), .deleteSetting("drained"),
        ])
        #expect(try reopened.multicastGroups() == [])
        #expect(try reopened.routes(of: "eu", after: nil, limit: 9) == [routes[0], routes[2]])
        #expect(try reopened.answer(scope: "meters", requestID: "r1") == nil)
        #expect(try reopened.answer(scope: "meters", requestID: "r2") == answers[1])
        #expect(try reopened.accessKeys(of: "meters") == [keys[1]])
        #expect(try reopened.setting("drained") == nil)
    }
}
