// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Holds back the acknowledgements of received messages until somebody has made them durable. Any thread may open it.
public final class DurabilityGate: Sendable {
    enum Verdict: Sendable {
        case waiting
        case durable
        case lost
    }

    private struct State {
        var verdict = Verdict.waiting
        var waker: Wakeup?
    }

    private let state = Mutex(State())

    public init() {}

    /// The messages are durable: their acknowledgements may leave.
    public func open() { settle(.durable) }

    /// The messages could not be made durable: the client drops the connection without acknowledging them, and the
    /// broker sends those of QoS 1 and 2 again.
    public func fail() { settle(.lost) }

    var verdict: Verdict { state.withLock { $0.verdict } }

    /// Has `waker` called when the verdict falls, at once if it has fallen.
    func onSettled(wake waker: Wakeup) {
        let isSettled = state.withLock { state in
            state.waker = waker
            return state.verdict != .waiting
        }
        if isSettled { waker.wake() }
    }

    private func settle(_ verdict: Verdict) {
        let waker = state.withLock { state -> Wakeup? in
            guard state.verdict == .waiting else { return nil }
            state.verdict = verdict
            return state.waker
        }
        waker?.wake()
    }
}
