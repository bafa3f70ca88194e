// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import Store

/// Making uplinks durable: session, outbox row in, outbox row out, in groups.
enum StoreStages {
    static func measure() throws -> [Measurement] {
        var template = Array("/tmp/ran-mqtt-bench.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return [] }
        let directory = String(cString: made)
        defer {
            for name in ["bench.db", "bench.db-wal", "bench.db-shm", "bench.db-lock"] { unlink("\(directory)/\(name)") }
            rmdir(directory)
        }
        let store = try SQLiteStore(path: "\(directory)/bench.db")
        var row: Int64 = 0
        let session = [UInt8](repeating: 0x11, count: 140)
        let payload = [UInt8](repeating: 0x22, count: 260)
        return try [1, 32, 256].map { size in
            let count = size == 1 ? 500 : 12_800
            return try Measurement.cpu("store: an uplink, \(size) in a commit", count: count, rounds: 5) { count in
                for _ in 0..<max(1, count / size) {
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
        }
    }
}
