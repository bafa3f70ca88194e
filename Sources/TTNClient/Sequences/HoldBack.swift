// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import Synchronization

/// Holds back the broker for one batch of messages until every buffer that was full has room again.
final class HoldBack: Sendable {
    private let gate = DurabilityGate()
    /// Full buffers, and one for the batch that is still being handed out.
    private let count = Mutex(1)

    /// One more buffer is full.
    func add() { count.withLock { $0 += 1 } }

    /// One buffer has room.
    func release() {
        let isLast = count.withLock { count in
            count -= 1
            return count == 0
        }
        if isLast { gate.open() }
    }

    /// The batch is handed out: the gate to wait for, or nil when no buffer is full.
    func seal() -> DurabilityGate? {
        let isFree = count.withLock { $0 == 1 }
        guard !isFree else { return nil }
        release()
        return gate
    }
}
