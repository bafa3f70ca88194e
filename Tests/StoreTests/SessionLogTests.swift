// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Store
import TestSupport
import Testing

@Suite struct SessionLogTests {
    @Test(
        "whatever is put and deleted, refused and reopened, every session is what was committed last",
        arguments: [(rows: 1, devices: 3), (7, 5), (50, 20), (64, 1000), (100_000, 50)]
    )
    func model(rows: Int, devices: UInt64) throws {
        let place = try TemporaryStore()
        func open() throws -> SQLiteStore { try place.open { $0.sessionLogRows = rows } }
        var store = try open()
        try store.commit([.putApplication(ApplicationRecord(id: "meters"))])
        var generator = SeededGenerator(seed: UInt64(rows) &* 7919 &+ devices)
        var model: [EUI64: [UInt8]] = [:]
        for round in 0..<400 {
            var mutations: [StoreMutation] = []
            var expected = model
            for _ in 0..<Int.random(in: 1...20, using: &generator) {
                // High DevEUIs are negative numbers to SQLite.
                let devEUI = EUI64(rawValue: UInt64.random(in: 0..<devices, using: &generator) &* 0x3333_3333_3333_3333)
                if UInt8.random(in: 0..<8, using: &generator) == 0 {
                    mutations.append(.deleteSession(devEUI))
                    expected[devEUI] = nil
                } else {
                    let state = [UInt8(truncatingIfNeeded: round), UInt8.random(in: 0...255, using: &generator)]
                    mutations.append(.putSession(devEUI, state))
                    expected[devEUI] = state
                }
            }
            if round % 10 == 3 {
                // The orphan comes last: everything before it has been done and must be undone.
                mutations.append(.putDevice(try device(1, application: "unknown")))
                #expect(failure { () throws(StoreError) in try store.commit(mutations) } != nil)
            } else {
                try store.commit(mutations)
                model = expected
            }
            if round % 50 == 20 { try store.close(); store = try open() }
            if round % 70 == 30 { try expectEqual(store, model) }
            let probe = EUI64(rawValue: UInt64.random(in: 0..<devices, using: &generator) &* 0x3333_3333_3333_3333)
            #expect(try store.session(probe) == model[probe])
        }
        try expectEqual(store, model)
        try store.close()
        try expectEqual(open(), model)
    }

    private func expectEqual(_ store: SQLiteStore, _ model: [EUI64: [UInt8]]) throws {
        var seen: [EUI64: [UInt8]] = [:]
        try store.forEachSession { seen[$0] = $1 }
        #expect(seen == model)
    }

    @Test("a device registered again has no session of its former life, also when both are in the log")
    func noResurrection() throws {
        let place = try TemporaryStore()
        var store = try place.open()
        let record = try device(1)
        try store.commit([.putApplication(ApplicationRecord(id: "meters")), .putDevice(record)])
        try store.commit([.putSession(record.devEUI, [1])])
        try store.commit([.deleteApplication("meters")])
        #expect(try store.session(record.devEUI) == nil)
        store = try place.reopen(store)
        try store.commit([.putApplication(ApplicationRecord(id: "meters")), .putDevice(record)])
        #expect(try store.session(record.devEUI) == nil)
        var sessions: [[UInt8]?] = []
        try store.forEachStoredDevice(in: .all) { sessions += $0.devices.map(\.session) }
        #expect(sessions == [nil])
    }
}
