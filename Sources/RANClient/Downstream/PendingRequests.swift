// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// Requests that were written and whose end is not known yet.
struct PendingRequests {
    private struct Entry {
        var isAcked: Bool
        var deadline: MonotonicTime
    }

    let ackTimeout: Duration
    let resultTimeout: Duration
    private var entries: [UInt64: Entry] = [:]
    private var nextCheck: MonotonicTime?

    init(ackTimeout: Duration, resultTimeout: Duration) {
        self.ackTimeout = ackTimeout
        self.resultTimeout = resultTimeout
    }

    mutating func written(_ transactionID: UInt64, at now: MonotonicTime) {
        entries[transactionID] = Entry(isAcked: false, deadline: now.advanced(by: ackTimeout))
        schedule(now.advanced(by: ackTimeout))
    }

    /// False when nobody waits for that ack.
    mutating func acked(_ transactionID: UInt64, at now: MonotonicTime) -> Bool {
        guard let entry = entries[transactionID], !entry.isAcked else { return false }
        entries[transactionID] = Entry(isAcked: true, deadline: now.advanced(by: resultTimeout))
        schedule(now.advanced(by: resultTimeout))
        return true
    }

    /// False when nobody waits for that result.
    mutating func ended(_ transactionID: UInt64) -> Bool {
        entries.removeValue(forKey: transactionID) != nil
    }

    /// The connection broke: those without an ack end. The others' results may come over the next connection.
    mutating func disconnected() -> [UInt64] {
        remove { !$0.isAcked }
    }

    /// Nothing can come any more.
    mutating func stopped() -> [UInt64] {
        remove { _ in true }
    }

    /// Those whose time is over, by what they waited for.
    mutating func expired(at now: MonotonicTime) -> (acks: [UInt64], results: [UInt64]) {
        guard let due = nextCheck, due <= now else { return ([], []) }
        let acks = remove { !$0.isAcked && $0.deadline <= now }
        let results = remove { $0.deadline <= now }
        nextCheck = entries.values.map(\.deadline).min()
        return (acks, results)
    }

    /// When `expired` has something to do at the earliest.
    var nextDeadline: MonotonicTime? { nextCheck }

    private mutating func schedule(_ deadline: MonotonicTime) {
        nextCheck = nextCheck.map { min($0, deadline) } ?? deadline
    }

    private mutating func remove(where isOver: (Entry) -> Bool) -> [UInt64] {
        let over = entries.filter { isOver($0.value) }.keys.sorted()
        for transactionID in over { entries[transactionID] = nil }
        return over
    }
}
