// SPDX-License-Identifier: Apache-2.0
import JSON
import MQTTShim
import Synchronization
import TestSupport

/// The other side of the request topics: answers what a script says, and writes down what it was asked.
final class ScriptedBridge: Sendable {
    /// A request as it arrived.
    struct Asked: Sendable {
        var topic: String
        var body: JSONValue
        var properties: MQTTProperties
        /// The last level of the topic.
        var method: String { topic.split(separator: "/").last.map(String.init) ?? "" }
        var requestID: String { body["request_id"]?.text ?? "" }
    }

    /// Answers to give, none for silence.
    typealias Script = @Sendable (Asked) -> [JSONValue]

    let asked = Watched<[Asked]>([])
    private let client: TestMQTTClient
    private let desk: Desk

    init(_ broker: BrokerProcess, prefix: String = "", _ script: @escaping Script) async throws {
        let desk = Desk(prefix: prefix, asked: asked, script: script)
        self.desk = desk
        client = try await TestMQTTClient.connected(
            to: broker,
            clientID: "scripted-bridge",
            subscriptions: [MQTTSubscription("\(prefix)+/request/#")],
            gate: { messages in
                desk.receive(messages)
                return nil
            },
        )
        desk.attach(client)
    }

    func stop() async {
        await client.stop()
        desk.attach(nil)
    }

    /// Says something on its own.
    func say(_ topic: String, _ body: JSONValue) async throws {
        _ = try await client.client.publish(topic: topic, payload: Array(body.jsonText.utf8))
    }

    /// Publishes octets that may be no JSON.
    func say(_ topic: String, text: String) async throws {
        _ = try await client.client.publish(topic: topic, payload: Array(text.utf8))
    }

    /// `{"ok": true}` with a result.
    static func success(_ asked: Asked, _ result: JSONValue) -> JSONValue {
        ["request_id": .string(asked.requestID), "method": .string(asked.method), "ok": true, "result": result]
    }

    /// `{"ok": false}` with an error.
    static func failure(_ asked: Asked, _ code: String, _ message: String, field: String? = nil) -> JSONValue {
        var error: JSONObject = ["code": .string(code), "message": .string(message)]
        error["field"] = field.map { .string($0) }
        return [
            "request_id": .string(asked.requestID), "method": .string(asked.method), "ok": false,
            "error": .object(error),
        ]
    }

    private final class Desk: Sendable {
        let prefix: String
        let asked: Watched<[Asked]>
        let script: Script
        // The client is known only after it has been made; messages come later than that.
        private let client = Mutex<TestMQTTClient?>(nil)

        init(prefix: String, asked: Watched<[Asked]>, script: @escaping Script) {
            self.prefix = prefix
            self.asked = asked
            self.script = script
        }

        /// The client holds the desk, the desk holds the client: nil ends that.
        func attach(_ client: TestMQTTClient?) { self.client.withLock { $0 = client } }

        func receive(_ messages: [MQTTInboundMessage]) {
            for message in messages {
                guard let body = try? JSONValue(parsing: message.payload) else { continue }
                let request = Asked(topic: message.topic, body: body, properties: message.properties)
                let answers = script(request)
                publish(answers, to: request)
                asked.change { $0.append(request) }
            }
        }

        private func publish(_ answers: [JSONValue], to request: Asked) {
            let scope = request.topic.replacing("/request/", with: "/response/").split(separator: "/").dropLast()
            let topic = request.properties.responseTopic ?? "\(scope.joined(separator: "/"))/\(request.requestID)"
            let publications = answers.map { answer in
                MQTTPublication(
                    token: 0,
                    topic: topic,
                    payload: Array(answer.jsonText.utf8),
                    properties: MQTTProperties(correlationData: request.properties.correlationData),
                )
            }
            client.withLock { $0 }?.client.publish(publications)
        }
    }
}
