// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import Store
import Testing

/// A directory for one database, removed when the value goes.
final class TemporaryStore {
    let directory: String
    var path: String { directory + "/bridge.db" }

    init() throws {
        var template = Array("/tmp/store-tests-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for file in ["bridge.db", "bridge.db-wal", "bridge.db-shm", "bridge.db-lock", "bridge.db-reserve"] {
            unlink("\(directory)/\(file)")
        }
        rmdir(directory)
    }

    func open(_ change: (inout SQLiteStore.Options) -> Void = { _ in }) throws(StoreError) -> SQLiteStore {
        var options = SQLiteStore.Options()
        change(&options)
        return try SQLiteStore(path: path, options: options)
    }

    /// Closes before the next one opens: the database is for one store at a time.
    func reopen(_ store: SQLiteStore) throws -> SQLiteStore {
        try store.close()
        return try open()
    }
}

func key(_ octet: UInt8) throws -> AES128Key {
    try #require(AES128Key(octets: [UInt8](repeating: octet, count: 16)))
}

/// A device over the air with little else; its DevEUI comes from the number.
func device(_ number: UInt64, application: String = "meters", id: String? = nil) throws -> DeviceRecord {
    DeviceRecord(
        applicationID: application,
        deviceID: id ?? "device-\(number)",
        devEUI: EUI64(rawValue: 0xFEDC_BA98_0000_0000 + number),
        joinEUI: EUI64(rawValue: 7),
        activation: .otaa(appKey: try key(UInt8(truncatingIfNeeded: number))),
        createdAt: UnixTime(nanoseconds: 1_600_000_000_123_456_789),
    )
}

/// The error that the work ends with.
func failure(_ work: () throws(StoreError) -> Void) -> StoreError? {
    do throws(StoreError) {
        try work()
        return nil
    } catch {
        return error
    }
}
