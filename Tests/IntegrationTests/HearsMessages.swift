// SPDX-License-Identifier: Apache-2.0
import JSON
import MQTTShim
import TestSupport

/// A scene with a client that hears everything.
protocol HearsMessages: Sendable {
    var listener: TestMQTTClient { get }
}

extension HearsMessages {
    /// The next message on a topic, as JSON.
    func next(_ topic: String, within limit: Duration = .seconds(30)) async throws -> JSONValue {
        try await next(topic, within: limit) { _ in true }
    }

    /// The next message on a topic whose JSON fits; other messages are passed over.
    func next(
        _ topic: String,
        within limit: Duration = .seconds(30),
        where fits: @escaping @Sendable (JSONValue) -> Bool,
    ) async throws -> JSONValue {
        let seen = try await listener.record.wait(for: "a message on \(topic)", within: limit) { record in
            record.messages.contains { $0.topic == topic && ($0.json.map(fits) ?? false) }
        }
        let message = seen.messages.first { $0.topic == topic && ($0.json.map(fits) ?? false) }
        return try message.map { try JSONValue(parsing: $0.payload) } ?? .null
    }

    /// Everything heard on a topic so far.
    func heard(_ topic: String) -> [JSONValue] {
        listener.record.value.messages.filter { $0.topic == topic }.compactMap(\.json)
    }

    /// Publishes a request and waits for the broker's acknowledgement.
    func publish(_ topic: String, _ body: String) async throws {
        let outcome = try await listener.client.publish(
            topic: topic,
            payload: Array(body.utf8),
            qos: .atLeastOnce,
            retain: false,
        )
        guard outcome.isAccepted else { throw SceneError(problem: "the broker did not take \(topic): \(outcome)") }
    }
}
