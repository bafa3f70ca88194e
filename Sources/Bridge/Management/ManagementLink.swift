// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import Management
internal import Synchronization

/// The service's second connection to the broker: requests in, answers out, apart from the messages of devices, so that
/// neither holds up the other.
final class ManagementLink: MQTTClientDelegate {
    private struct State {
        var filters: Set<String>
        /// Answers under way, by token.
        var answers: [UInt64: AnswerAddress] = [:]
        var lastToken: UInt64 = 0
    }

    private let prefix: String
    private let readiness: Readiness
    private let state: Mutex<State>
    /// Told of every connection.
    private let connected: @Sendable () -> Void
    /// Takes a message of the dynamic security plugin.
    private let control: @Sendable ([UInt8]) -> Void
    private let take: @Sendable (ManagementJob) -> Void
    /// Told of an answer that the broker cannot carry.
    private let undeliverable: @Sendable (AnswerAddress, MQTTError) -> Void
    /// Told of messages on topics that are no request.
    private let unknown: @Sendable (String) -> Void

    init(
        prefix: String,
        filters: [String],
        readiness: Readiness,
        connected: @escaping @Sendable () -> Void,
        control: @escaping @Sendable ([UInt8]) -> Void,
        take: @escaping @Sendable (ManagementJob) -> Void,
        undeliverable: @escaping @Sendable (AnswerAddress, MQTTError) -> Void,
        unknown: @escaping @Sendable (String) -> Void,
    ) {
        self.prefix = prefix
        self.readiness = readiness
        self.connected = connected
        self.control = control
        self.take = take
        self.undeliverable = undeliverable
        self.unknown = unknown
        state = Mutex(State(filters: Set(filters)))
    }

    /// The publication of an answer; what becomes of it is seen to here.
    func publication(of answer: [UInt8], to address: AnswerAddress) -> MQTTPublication {
        let token = state.withLock { state in
            state.lastToken += 1
            state.answers[state.lastToken] = address
            return state.lastToken
        }
        return MQTTPublication(
            token: token,
            topic: address.topic,
            payload: answer,
            properties: MQTTProperties(contentType: "application/json", correlationData: address.correlation),
        )
    }

    func didComplete(_ completions: [MQTTCompletion]) {
        for completion in completions {
            let address = state.withLock { $0.answers.removeValue(forKey: completion.token) }
            guard let address, case .failed(let error) = completion.outcome else { continue }
            if case .packetTooLarge = error { undeliverable(address, error) }
        }
    }

    func didReceive(_ messages: [MQTTInboundMessage]) -> DurabilityGate? {
        for message in messages {
            if message.topic == DynamicSecurity.responseTopic {
                control(message.payload)
            } else if let topic = ManagementTopic(message.topic, prefix: prefix) {
                take(ManagementJob(topic: topic, message: message))
            } else {
                unknown(message.topic)
            }
        }
        return nil
    }

    func stateChanged(_ state: MQTTState) {
        if case .connected = state { connected() }
    }

    func didSubscribe(_ answers: [MQTTSubscriptionAnswer]) {
        // A broker that refuses requests serves devices all the same; the client has said so in the log.
        let isComplete = state.withLock { state in
            for answer in answers { state.filters.remove(answer.subscription.filter) }
            return state.filters.isEmpty
        }
        if isComplete { readiness.reach(.management) }
    }
}

/// Where an answer goes.
struct AnswerAddress: Hashable, Sendable {
    var topic: String
    var correlation: [UInt8]?
    var requestID: String?
    var method: String
}
