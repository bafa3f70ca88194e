// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Numbers the rows of the outbox, increasing for the life of the database.
final class OutboxRows: Sendable {
    private let last: Atomic<Int64>

    /// - Parameter last: the highest number ever given.
    init(after last: Int64) {
        self.last = Atomic(last)
    }

    /// A number that no row had before.
    func next() -> Int64 {
        last.add(1, ordering: .relaxed).newValue
    }
}
