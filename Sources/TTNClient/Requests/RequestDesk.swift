// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import Synchronization

/// Requests that wait for their answers.
final class RequestDesk: LinkReceiver {
    private struct Pending {
        var waiter: UInt64
        var publication: MQTTPublication
        var scope: RequestScope
        /// Whether the broker has it: then it is ours to send again after a reconnect, else libmosquitto's.
        var isPublished = false
    }

    private struct State {
        /// By request id.
        var pending: [String: Pending] = [:]
        var connections = 0
    }

    let answers = Waiters<[UInt8]>()
    private let state = Mutex(State())
    /// Subscribes to a scope's answers and publishes: the link, which is not to be held from here.
    private let resend = Mutex<(@Sendable (Set<RequestScope>, [MQTTPublication]) -> Void)?>(nil)

    /// What to do with requests that a lost connection may have cost their answer.
    func onReconnect(_ resend: @escaping @Sendable (Set<RequestScope>, [MQTTPublication]) -> Void) {
        self.resend.withLock { $0 = resend }
    }

    func add(_ requestID: String, waiter: UInt64, scope: RequestScope, publication: MQTTPublication) {
        state.withLock {
            $0.pending[requestID] = Pending(waiter: waiter, publication: publication, scope: scope)
        }
    }

    func remove(_ requestID: String) {
        state.withLock { _ = $0.pending.removeValue(forKey: requestID) }
    }

    // MARK: On the connection's thread

    func received(_ messages: [MQTTInboundMessage]) -> DurabilityGate? {
        for message in messages {
            // MQTT 5 gives back our correlation data, 3.1.1 names the request in the topic.
            let name =
                message.properties.correlationData.map { String(decoding: $0, as: UTF8.self) }
                ?? message.topic.split(separator: "/").last.map(String.init) ?? ""
            let waiter = state.withLock { $0.pending[name]?.waiter }
            if let waiter { answers.settle(waiter, .success(message.payload)) }
        }
        return nil
    }

    func completed(_ completions: [MQTTCompletion]) {
        for completion in completions {
            guard let failure = failure(of: completion) else { continue }
            answers.settle(completion.token, .failure(failure))
        }
    }

    private func failure(of completion: MQTTCompletion) -> TTNClientError? {
        let topic = state.withLock { state -> String? in
            guard let (name, pending) = state.pending.first(where: { $0.value.waiter == completion.token }) else {
                return nil
            }
            state.pending[name]?.isPublished = true
            return pending.publication.topic
        }
        guard let topic else { return nil }
        return TTNClientError(completion.outcome, topic: topic)
    }

    func stateChanged(_ newState: MQTTState) {
        switch newState {
        case .connected:
            let (isReconnect, waiting) = state.withLock { state in
                state.connections += 1
                return (state.connections > 1, Array(state.pending.values))
            }
            guard isReconnect, !waiting.isEmpty, let resend = resend.withLock({ $0 }) else { return }
            // The same request id: the bridge gives the same answer and does nothing twice.
            resend(Set(waiting.map(\.scope)), waiting.filter(\.isPublished).map(\.publication))
        case .stopped: answers.close()
        case .connecting, .disconnected: break
        }
    }
}

extension TTNClientError {
    /// Why a publication did not reach anybody; nil when it did.
    init?(_ outcome: MQTTPublishOutcome, topic: String) {
        switch outcome {
        case .acknowledged: return nil
        case .noSubscribers: self = .nobodyListens(topic: topic)
        case .refused(let reason, _): self = .notPermitted(topic: topic, text: "\(reason)")
        case .failed(let error): self = TTNClientError(error)
        }
    }
}
