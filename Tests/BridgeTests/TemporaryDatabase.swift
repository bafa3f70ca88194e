// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import Observability
import Store
import Synchronization
import Testing

@testable import Bridge

/// A real database in a directory of its own, and a logger that says nothing.
final class TemporaryDatabase {
    let directory: String
    var path: String { directory + "/bridge.db" }
    static let logger = Logger(component: "test", sink: LogSink(level: .error, descriptor: -1))

    init() throws {
        var template = Array("/tmp/bridge-tests-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for suffix in ["", "-wal", "-shm", "-lock", "-reserve"] { unlink(path + suffix) }
        rmdir(directory)
    }
}

/// An entry of the outbox with a payload of a size.
func entry(_ id: Int64, device: UInt64 = 1, bytes: Int = 100) -> OutboxEntry {
    OutboxEntry(id: id, devEUI: EUI64(rawValue: device), kind: 0, payload: [UInt8](repeating: 7, count: bytes))
}
