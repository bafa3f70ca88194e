// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import Synchronization

/// Where a link's state is kept: the delegate of its MQTT client, apart from the link so that letting that go stops it.
final class LinkDesk: MQTTClientDelegate {
    private enum Subscription {
        case asked([UInt64])
        case granted
        case refused(TTNClientError)
    }

    private struct State {
        /// nil while there is no connection.
        var version: MQTTProtocolVersion?
        var wasConnected = false
        var lastError: TTNClientError?
        var subscriptions: [String: Subscription] = [:]
    }

    private let state = Mutex(State())
    private let connections = Waiters<Void>()
    private let grants = Waiters<Void>()
    private let receiver: any LinkReceiver

    init(receiver: any LinkReceiver) {
        self.receiver = receiver
    }

    /// The version spoken on the present connection.
    var version: MQTTProtocolVersion? { state.withLock { $0.version } }

    /// Waits for a connection: the first one may fail, a later one is waited for.
    func connected(within limit: Duration, begin: @Sendable () -> Void) async throws(TTNClientError) {
        let id = connections.makeID()
        do throws(TTNClientError) {
            try await connections.wait(id, for: "a connection to the broker", within: limit) {
                begin()
                if version != nil { connections.settle(id, .success(())) }
            }
        } catch {
            guard case .timedOut = error, let cause = state.withLock({ $0.lastError }) else { throw error }
            throw cause
        }
    }

    /// Waits until the broker has granted a subscription; `begin` runs when it is to be asked for.
    func granted(_ filter: String, within limit: Duration, begin: @Sendable () -> Void) async throws(TTNClientError) {
        let id = grants.makeID()
        try await grants.wait(id, for: "the broker's answer to a subscription to '\(filter)'", within: limit) {
            let (isNew, outcome) = state.withLock { state -> (Bool, Waiters<Void>.Outcome?) in
                switch state.subscriptions[filter] {
                case .granted: return (false, .success(()))
                case .refused(let error): return (false, .failure(error))
                case .asked(let ids):
                    state.subscriptions[filter] = .asked(ids + [id])
                    return (false, nil)
                case nil:
                    state.subscriptions[filter] = .asked([id])
                    return (true, nil)
                }
            }
            if isNew { begin() }
            if let outcome { grants.settle(id, outcome) }
        }
    }

    /// Ends every wait with `closed`.
    func close() {
        connections.close()
        grants.close()
    }

    // MARK: On the connection's thread

    func didComplete(_ completions: [MQTTCompletion]) { receiver.completed(completions) }

    func didReceive(_ messages: [MQTTInboundMessage]) -> DurabilityGate? { receiver.received(messages) }

    /// Who watches hears of a change before who waits for it goes on.
    func stateChanged(_ newState: MQTTState) {
        switch newState {
        case .connecting, .stopped: receiver.stateChanged(newState)
        case .connected(_, let version):
            state.withLock { state in
                state.version = version
                state.wasConnected = true
                state.lastError = nil
            }
            receiver.stateChanged(newState)
            connections.settleAll(.success(()))
        case .disconnected(let error, let delay):
            let cause = TTNClientError(error)
            let isFirst = state.withLock { state in
                state.version = nil
                state.lastError = cause
                return !state.wasConnected
            }
            receiver.stateChanged(newState)
            // Without a delay the other version of the protocol is tried.
            if isFirst, delay > .zero { connections.settleAll(.failure(cause)) }
        }
    }

    func didSubscribe(_ answers: [MQTTSubscriptionAnswer]) {
        for answer in answers {
            let filter = answer.subscription.filter
            let outcome = answer.result.map { _ in }.mapError { TTNClientError($0) }
            let waiting = state.withLock { state -> [UInt64] in
                var ids: [UInt64] = []
                if case .asked(let asked) = state.subscriptions[filter] { ids = asked }
                state.subscriptions[filter] =
                    switch outcome {
                    case .success: .granted
                    case .failure(let error): .refused(error)
                    }
                return ids
            }
            if case .failure(let error) = outcome { receiver.subscriptionRefused(error) }
            for id in waiting { grants.settle(id, outcome) }
        }
    }
}

extension TTNClientError {
    /// What went wrong between us and the broker, in words for somebody who holds an access key.
    init(_ error: MQTTError) {
        switch error {
        case .connectionRefused(let broker, let username, let reason, _):
            let user = username.map { "of '\($0)'" } ?? "without a log-in"
            self = .connection(
                reason: error.reason,
                text: "the broker \(broker) refuses the connection \(user): \(reason); check the id and its access key",
            )
        case .subscriptionRefused(let filter, let reason): self = .notPermitted(topic: filter, text: "\(reason)")
        case .stopped: self = .closed
        case .invalidConfiguration(let key, let problem): self = .invalidArgument(name: key, problem: "it \(problem)")
        case .invalidPublication(let topic, let problem):
            self = .invalidArgument(name: "the topic '\(topic)'", problem: problem)
        default: self = .connection(reason: error.reason, text: error.description)
        }
    }
}
