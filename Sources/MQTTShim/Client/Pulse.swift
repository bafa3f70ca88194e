// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Synchronization

/// When the client's thread was last seen moving.
final class Pulse: Sendable {
    private let last = Atomic<Int64>(0)

    func beat(_ now: MonotonicTime) { last.store(now.nanoseconds, ordering: .relaxed) }

    /// Whether it moved within the given time.
    func isAlive(within limit: Duration) -> Bool {
        MonotonicTime.now.since(MonotonicTime(nanoseconds: last.load(ordering: .relaxed))) < limit
    }
}
