// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import TTNMessages

/// Brings requests to the desk in order: requests of one application never overtake each other, and a slow encoder of one
/// application holds up few others.
///
/// The streams have no bound of their own: no more requests are inside than one `didReceive` brought, because the next
/// one waits for the gate of this.
final class RequestLanes: Sendable {
    private struct Job: Sendable {
        let topic: RequestTopic
        let message: MQTTInboundMessage
        let done: @Sendable () -> Void
    }

    private let lanes: [AsyncStream<Job>.Continuation]
    private let streams: [AsyncStream<Job>]
    private let topics: TopicSpace
    private let unknown: @Sendable (MQTTInboundMessage) -> Void

    /// - Parameter unknown: told of messages on topics that are no request.
    init(count: Int, topics: TopicSpace, unknown: @escaping @Sendable (MQTTInboundMessage) -> Void) {
        let made = (0..<count).map { _ in AsyncStream<Job>.makeStream() }
        lanes = made.map(\.continuation)
        streams = made.map(\.stream)
        self.topics = topics
        self.unknown = unknown
    }

    /// Takes a batch; the gate opens when every message of it is durable or answered.
    func submit(_ messages: [MQTTInboundMessage]) -> DurabilityGate {
        let gate = DurabilityGate()
        let countdown = Countdown(messages.count) { gate.open() }
        for message in messages {
            guard let topic = topics.requestTopic(message.topic) else {
                unknown(message)
                countdown.tick()
                continue
            }
            let lane = Int(UInt(bitPattern: topic.applicationID.hashValue) % UInt(lanes.count))
            lanes[lane].yield(Job(topic: topic, message: message) { countdown.tick() })
        }
        return gate
    }

    /// Ends the lanes once they are empty.
    func finish() {
        for lane in lanes { lane.finish() }
    }

    /// Works until `finish`.
    func run(desk: DownlinkDesk) async {
        await withTaskGroup(of: Void.self) { group in
            for stream in streams {
                group.addTask {
                    for await job in stream {
                        await desk.handle(
                            job.topic,
                            body: job.message.payload,
                            expiry: job.message.properties.messageExpiry,
                            done: job.done,
                        )
                    }
                }
            }
        }
    }
}
