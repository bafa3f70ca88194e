// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Testing

@testable import Store

@Suite struct DeviceRangeTests {
    let place: TemporaryStore

    init() throws {
        place = try TemporaryStore()
    }

    /// Devices all over the range of DevEUIs; of many there are sessions, some of them deleted again, and join states.
    private func fill(_ store: SQLiteStore, _ count: UInt64) throws {
        let devices = try (0..<count).map { number in
            var record = try device(number)
            record.devEUI = EUI64(rawValue: number &* 0x9E37_79B9_7F4A_7C15)
            return record
        }
        try store.commit(
            [.putApplication(ApplicationRecord(id: "meters"))] + devices.map { .putDevice($0) }
        )
        for round in UInt8(0)..<3 {
            for (index, device) in devices.enumerated() where index % (Int(round) + 2) == 0 {
                try store.commit([.putSession(device.devEUI, [round, UInt8(truncatingIfNeeded: index)])])
            }
        }
        try store.commit(devices.prefix(9).map { .deleteSession($0.devEUI) })
        try store.commit(devices.suffix(9).map { .putJoinState($0.devEUI, [5]) })
    }

    private static func read(_ store: SQLiteStore, _ range: DeviceRange) throws -> [StoredDevice] {
        var devices: [StoredDevice] = []
        try store.forEachStoredDevice(in: range) { devices += $0.devices }
        return devices
    }

    @Test("parts that are read at the same time give what one reading gives", arguments: [1, 2, 3, 7])
    func parts(_ count: Int) async throws {
        // A short log: some states are in it alone, some in the table alone, some newer in the log.
        let store = try place.open { $0.sessionLogRows = 64 }
        try fill(store, 1203)
        let whole = try Self.read(store, .all)
        #expect(whole.count == 1203)
        for device in whole { #expect(try device.session == store.session(device.record.devEUI)) }
        let ranges = try store.deviceRanges(count)
        #expect(ranges.count == count)
        let parts = try await withThrowingTaskGroup(of: (Int, [StoredDevice]).self) { group in
            for (index, range) in ranges.enumerated() {
                group.addTask { (index, try Self.read(store, range)) }
            }
            var parts: [(index: Int, devices: [StoredDevice])] = []
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.index < $1.index }.map(\.devices)
        }
        #expect(parts.flatMap(\.self) == whole)
        #expect(parts.allSatisfy { abs($0.count - 1203 / count) <= count })
        try store.close()
    }

    @Test("fewer devices than parts are read once each", arguments: [0, 1, 2])
    func few(_ count: Int) throws {
        let store = try place.open()
        try fill(store, UInt64(count))
        let devices = try store.deviceRanges(4).flatMap { try Self.read(store, $0) }
        #expect(devices == (try Self.read(store, .all)))
        #expect(devices.count == count)
        try store.close()
    }

    @Test("sessions that move to their table between two pages are found there")
    func moving() throws {
        let store = try place.open()
        try fill(store, 1203)
        let before = try Self.read(store, .all)
        var seen: [StoredDevice] = []
        var failure: StoreError?
        try store.forEachStoredDevice(in: .all) { page in
            seen += page.devices
            do throws(StoreError) { try store.forEachSession { _, _ in } } catch { failure = error }
        }
        #expect(failure == nil)
        #expect(seen == before)
        try store.close()
    }

    @Test("rows that cannot be read are named and cost no other device anything")
    func unreadable() throws {
        let store = try place.open()
        try store.commit(
            [.putApplication(ApplicationRecord(id: "meters"))] + (try (0..<700).map { .putDevice(try device($0)) })
        )
        let tool = try SQLiteConnection(path: place.path, access: .readWrite, busyTimeout: 0)
        try tool.execute("UPDATE devices SET app_key = x'0102' WHERE device_id = 'device-3'")
        try tool.execute("UPDATE devices SET lorawan_version = '9.9' WHERE device_id = 'device-511'")
        try tool.execute("UPDATE devices SET attributes = '{' WHERE device_id = 'device-699'")
        var devices: [String] = []
        var bad: [EUI64: StoreError] = [:]
        try store.forEachStoredDevice(in: .all) { page in
            devices += page.devices.map(\.record.deviceID)
            for (devEUI, error) in page.unreadable { bad[devEUI] = error }
        }
        #expect(Set(bad.keys) == Set(try [3, 511, 699].map { try device($0).devEUI }))
        #expect(bad.values.allSatisfy { $0.kind == .unreadable })
        #expect(devices == (0..<700).filter { ![3, 511, 699].contains($0) }.map { "device-\($0)" })
        try store.close()
    }
}
