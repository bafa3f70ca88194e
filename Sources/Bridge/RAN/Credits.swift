// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Synchronization

/// How many upstream messages may be inside the bridge unanswered. Sockets take before they hand over and wait when none
/// is left: that is the back-pressure which bounds every queue behind them.
final class Credits: Sendable {
    private let free: Atomic<Int>
    private let isClosed = Atomic<Bool>(false)
    private let freed = BoundedQueue<Bool>(capacity: 1)

    init(limit: Int) {
        free = Atomic(limit)
    }

    /// Takes one for each message, going below zero for a batch rather than splitting it; waits while none is left.
    /// False after `close`.
    func take(_ count: Int) -> Bool {
        while free.load(ordering: .acquiring) <= 0 {
            if isClosed.load(ordering: .acquiring) { return false }
            var token: [Bool] = []
            _ = freed.drain(into: &token, until: .now.advanced(by: .milliseconds(100)))
        }
        free.subtract(count, ordering: .acquiringAndReleasing)
        return true
    }

    /// Gives back as many as were answered.
    func giveBack(_ count: Int) {
        let before = free.add(count, ordering: .acquiringAndReleasing).oldValue
        if before <= 0, before + count > 0 { _ = freed.tryPush(true) }
    }

    /// Lets every waiting socket go.
    func close() {
        isClosed.store(true, ordering: .releasing)
        _ = freed.tryPush(true)
    }
}
