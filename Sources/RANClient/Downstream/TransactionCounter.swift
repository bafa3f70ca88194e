// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Synchronization

/// Gives out transaction numbers that do not repeat, across restarts too: it starts at the wall clock in microseconds.
public final class TransactionCounter: Sendable {
    private let last: Atomic<UInt64>

    /// - Parameter last: the number before the first one; nil takes the clock.
    public init(after last: UInt64? = nil) {
        self.last = Atomic(last ?? UInt64(clamping: WallClock.nanoseconds / 1000))
    }

    /// The next number, above 0; safe from any thread.
    public func next() -> UInt64 {
        last.add(1, ordering: .relaxed).newValue
    }
}
