// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What happened on other threads, in order, for one test that waits for it.
final class Events<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var waiter: CheckedContinuation<Event, Never>?
    }

    private let state = Mutex(State())

    func add(_ event: Event) {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            if waiter == nil { state.events.append(event) }
            return waiter
        }
        waiter?.resume(returning: event)
    }

    /// The next event, when it comes. The test's time limit is the guard.
    func next() async -> Event {
        await withCheckedContinuation { continuation in
            let event: Event? = state.withLock { state in
                if state.events.isEmpty {
                    state.waiter = continuation
                    return nil
                }
                return state.events.removeFirst()
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    /// Skips events up to the first that fits.
    func first(where fits: (Event) -> Bool) async -> Event {
        while true {
            let event = await next()
            if fits(event) { return event }
        }
    }
}

/// Counts turns from 0, over all connections of a server.
final class TurnCounter: Sendable {
    private let turn = Atomic<Int>(0)

    func next() -> Int { turn.add(1, ordering: .relaxed).oldValue }
}
