// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Synchronization

/// What other threads ask of the client's thread. Everything libmosquitto does, it does on that thread.
final class Inbox: Sendable {
    struct Requests {
        var publications: [QueuedPublication] = []
        var subscriptions: [MQTTSubscription] = []
        /// Set once stopping is wanted: until when outstanding publications are waited for.
        var stopDeadline: MonotonicTime?
    }

    private struct State {
        var requests = Requests()
        var isClosed = false
    }

    let wakeup = Wakeup()
    private let state = Mutex(State())

    /// False when the thread has ended and will not look again.
    func add(_ publications: [QueuedPublication]) -> Bool {
        change { requests in
            if requests.publications.isEmpty {
                requests.publications = publications
            } else {
                requests.publications += publications
            }
        }
    }

    func add(_ subscriptions: [MQTTSubscription]) {
        _ = change { $0.subscriptions.append(contentsOf: subscriptions) }
    }

    /// Asks to stop; the earliest deadline holds.
    func stop(by deadline: MonotonicTime) {
        _ = change { $0.stopDeadline = min($0.stopDeadline ?? deadline, deadline) }
    }

    /// Takes all requests; a stop stays in force.
    func take() -> Requests {
        state.withLock { state in
            let taken = state.requests
            state.requests = Requests(stopDeadline: taken.stopDeadline)
            return taken
        }
    }

    /// Refuses further requests and returns the last ones.
    func close() -> Requests {
        state.withLock { state in
            state.isClosed = true
            let taken = state.requests
            state.requests = Requests()
            return taken
        }
    }

    private func change(_ body: (inout Requests) -> Void) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isClosed { body(&state.requests) }
            return !state.isClosed
        }
        if isTaken { wakeup.wake() }
        return isTaken
    }
}

/// A publication on its way and who waits for its end. An object, because it goes through several hands.
final class QueuedPublication: Sendable {
    enum Destination: Sendable {
        case delegate
        case waiter(CheckedContinuation<MQTTPublishOutcome, Never>)
        /// A birth or a will of our own.
        case announcement
    }

    let publication: MQTTPublication
    let destination: Destination

    init(publication: MQTTPublication, destination: Destination) {
        self.publication = publication
        self.destination = destination
    }
}
