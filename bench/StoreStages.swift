// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import Store

/// Making uplinks durable: session, outbox row in, outbox row out, in groups.
enum StoreStages {
    static func measure() throws -> [Measurement] {
        try withStore { store in
            var row: Int64 = 0
            return try [1, 32, 256].map { size in
                let count = size == 1 ? 500 : 12_800
                return try Measurement.cpu("store: an uplink, \(size) in a commit", count: count, rounds: 5) { count in
                    for _ in 0..<max(1, count / size) { try commit(size, &row, store) }
                }
            }
        }
    }

    /// Uplinks a second that the store alone can take in groups of 256, on the wall clock.
    static func groupCommits() throws -> Double {
        try withStore { store in
            var row: Int64 = 0
            for _ in 0..<20 { try commit(256, &row, store) }
            let start = monotonicNanoseconds()
            for _ in 0..<400 { try commit(256, &row, store) }
            return 400 * 256 / (Double(monotonicNanoseconds() - start) / 1e9)
        }
    }

    private static func withStore<Result>(_ body: (SQLiteStore) throws -> Result) throws -> Result {
        let folder = try Folder()
        let store = try SQLiteStore(path: folder.file("bench.db"))
        let result = try body(store)
        try store.close()
        return result
    }

    /// A group of uplinks in, and out again.
    private static func commit(_ size: Int, _ row: inout Int64, _ store: SQLiteStore) throws {
        let session = [UInt8](repeating: 0x11, count: 140)
        let payload = [UInt8](repeating: 0x22, count: 260)
        var mutations: [StoreMutation] = []
        let first = row + 1
        for _ in 0..<size {
            row += 1
            let devEUI = EUI64(rawValue: UInt64(row % 1000 + 1))
            mutations.append(.putSession(devEUI, session))
            mutations.append(.putOutbox(OutboxEntry(id: row, devEUI: devEUI, kind: 0, payload: payload)))
        }
        try store.commit(mutations)
        try store.commit([.deleteOutbox(Array(first...row))])
    }
}
