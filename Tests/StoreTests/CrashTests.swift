// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import LoRaWAN
import Store
import Testing

@Suite struct CrashTests {
    @Test("kill -9 at any point loses no commit that returned, and keeps no half of one", arguments: [1, 5, 50, 500])
    func killed(commits: Int) async throws {
        let place = try TemporaryStore()
        let path = place.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, commits] in
            try commitUntilKilled(path: path, afterCommits: commits)
        }
        let acknowledged = try readCount(path: path + ".acknowledged")
        unlink(path + ".acknowledged")
        #expect(acknowledged >= commits)
        let store = try place.open()
        let counter = try store.setting("counter").map(count(from:)) ?? 0
        #expect(counter == acknowledged || counter == acknowledged + 1)
        #expect(try store.outbox(after: 0, limit: .max).map(\.id) == Array(1...Int64(counter)))
        #expect(try store.session(EUI64(rawValue: 1)) == octets(of: counter))
    }
}

/// Commits on the main thread and notes each commit that returned, while another thread waits for so many and then
/// kills the process at whatever point it has reached.
private func commitUntilKilled(path: String, afterCommits commits: Int) throws {
    let store = try SQLiteStore(path: path)
    let notes = open(path + ".acknowledged", O_RDWR | O_CREAT, 0o600)
    let reached = BoundedQueue<Int>(capacity: 1)
    let killer = NamedThread("killer") {
        var numbers: [Int] = []
        _ = reached.drain(into: &numbers)
        kill(getpid(), SIGKILL)
    }
    for number in 1... {
        let entry = OutboxEntry(id: Int64(number), devEUI: EUI64(rawValue: 1), kind: 1, payload: [1, 2, 3])
        try store.commit([
            .putSetting("counter", octets(of: number)), .putOutbox(entry),
            .putSession(EUI64(rawValue: 1), octets(of: number)),
        ])
        guard pwrite(notes, octets(of: number), 8, 0) == 8 else { return }
        if number == commits { reached.push(number) }
    }
    killer.join()
}

private func octets(of count: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
}

private func count(from octets: [UInt8]) -> Int { octets.reduce(0) { $0 << 8 | Int($1) } }

private func readCount(path: String) throws -> Int {
    let notes = open(path, O_RDONLY)
    defer { close(notes) }
    var octets = [UInt8](repeating: 0, count: 8)
    #expect(read(notes, &octets, 8) == 8)
    return count(from: octets)
}
