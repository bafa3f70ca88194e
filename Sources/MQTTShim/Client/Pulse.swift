// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Synchronization

/// When the client's thread was last seen moving: never, before it starts and after it has ended.
final class Pulse: Sendable {
    private let last = Atomic<Int64>(.min)

    func beat(_ now: MonotonicTime) { last.store(now.nanoseconds, ordering: .relaxed) }

    /// The thread has ended.
    func stop() { last.store(.min, ordering: .relaxed) }

    /// Whether it moved within the given time.
    func isAlive(within limit: Duration) -> Bool {
        let beat = last.load(ordering: .relaxed)
        return beat != .min && MonotonicTime.now.since(MonotonicTime(nanoseconds: beat)) < limit
    }
}
