// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import Observability
internal import Synchronization

/// The bridge's ear at the broker: hands over what the MQTT client tells, on the client's thread.
final class BrokerLink: MQTTClientDelegate {
    private let lanes: RequestLanes
    private let publisher: Publisher
    private let readiness: Readiness
    private let filters: Mutex<Set<String>>

    /// - Parameter filters: those that must be granted before the bridge is ready.
    init(lanes: RequestLanes, publisher: Publisher, readiness: Readiness, filters: [String]) {
        self.lanes = lanes
        self.publisher = publisher
        self.readiness = readiness
        self.filters = Mutex(Set(filters))
    }

    func didComplete(_ completions: [MQTTCompletion]) {
        publisher.completed(completions)
    }

    func didReceive(_ messages: [MQTTInboundMessage]) -> DurabilityGate? {
        lanes.submit(messages)
    }

    func stateChanged(_ state: MQTTState) {
        if case .connected = state, filters.withLock({ $0.isEmpty }) { readiness.reach(.broker) }
    }

    func didSubscribe(_ answers: [MQTTSubscriptionAnswer]) {
        let isComplete = filters.withLock { filters in
            for answer in answers {
                if case .success = answer.result { filters.remove(answer.subscription.filter) }
            }
            return filters.isEmpty
        }
        if isComplete { readiness.reach(.broker) }
    }
}
