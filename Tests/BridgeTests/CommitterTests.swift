// SPDX-License-Identifier: Apache-2.0
import Concurrency
import LoRaWAN
import Observability
import Store
import Synchronization
import Testing

@testable import Bridge

@Suite struct CommitterTests {
    @Test("on a full database the removal of published rows gets through, and then what waits is written")
    func full() throws {
        let database = try TemporaryDatabase()
        var options = SQLiteStore.Options()
        options.maximumBytes = 1 << 20
        options.reserveBytes = 0
        let store = try SQLiteStore(path: database.path, options: options)
        var held: [Int64] = []
        var next: Int64 = 1
        while fits(store, entry(next, bytes: 8000)) {
            held.append(next)
            next += 1
        }
        #expect(held.count > 20)
        let acks = Mutex(0)
        let committer = Committer(store: store, logger: TemporaryDatabase.logger, metrics: MetricRegistry()) { _ in
            acks.withLock { $0 += 1 }
            return []
        }
        committer.start()
        let answer = Answer()
        let waiting = CommitUnit(
            mutations: [.putOutbox(entry(next, bytes: 8000))],
            completions: [{ answer.give($0) }],
        )
        committer.submit(waiting)
        #expect(acks.withLock { $0 } == 0, "nothing may be acked that is not kept")
        committer.forget(held)
        #expect(answer.wait() == nil)
        committer.stop()
        #expect(acks.withLock { $0 } > 0)
        #expect(try store.outbox(after: 0, limit: 1000).map(\.id) == [next])
        try store.close()
    }

    @Test("one refused unit of a group costs the others nothing")
    func refused() throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        let committer = Committer(store: store, logger: TemporaryDatabase.logger, metrics: MetricRegistry()) { _ in [] }
        let (good, bad) = (Answer(), Answer())
        committer.submit(CommitUnit(mutations: [.putOutbox(entry(1))], completions: [{ good.give($0) }]))
        let orphan = AccessKeyRecord(applicationID: "nothing", name: "k", rights: [])
        committer.submit(CommitUnit(mutations: [.putAccessKey(orphan)], completions: [{ bad.give($0) }]))
        committer.start()
        #expect(good.wait() == nil)
        #expect(bad.wait()?.kind == .unknownApplication("nothing"))
        committer.stop()
        #expect(store.outboxCount == 1)
        try store.close()
    }

    private func fits(_ store: SQLiteStore, _ entry: OutboxEntry) -> Bool {
        do throws(StoreError) {
            try store.commit([.putOutbox(entry)])
            return true
        } catch {
            #expect(error.kind == .diskFull)
            return false
        }
    }
}

/// What a completion was told.
private final class Answer: Sendable {
    private let answers = BoundedQueue<StoreError?>(capacity: 1)

    func give(_ failure: StoreError?) { answers.push(failure) }

    /// Blocks until it is there; a minute at most.
    func wait() -> StoreError? {
        var given: [StoreError?] = []
        guard answers.drain(into: &given, until: .now.advanced(by: .seconds(60))) == .elements else {
            Issue.record("nothing came")
            return nil
        }
        return given[0]
    }
}
