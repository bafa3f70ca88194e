// SPDX-License-Identifier: Apache-2.0
import MQTTShim
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct PublishingTests {
    @Test("every quality of service completes once and arrives in order", arguments: MQTTQoS.allCases)
    func completes(qos: MQTTQoS) async throws {
        try await BrokerProcess.with { broker in
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("a/#", qos: .exactlyOnce)]
            )
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            sender.client.publish(
                (0..<500).map {
                    MQTTPublication(token: UInt64($0), topic: "a/\($0 % 7)", payload: Array("\($0)".utf8), qos: qos)
                }
            )
            let completions = try await sender.completions(count: 500)
            #expect(completions.map(\.token).sorted() == Array(0..<500))
            #expect(completions.allSatisfy { $0.outcome == .acknowledged })
            let messages = try await listener.messages(count: 500)
            #expect(messages.map(\.text) == (0..<500).map { "\($0)" })
            #expect(messages.allSatisfy { $0.qos == qos && !$0.isRetained })
            await sender.stop()
            await listener.stop()
            #expect(sender.record.value.completions.count == 500)
        }
    }

    @Test("a publication that nobody hears says so on MQTT 5")
    func noSubscribers() async throws {
        try await BrokerProcess.with { broker in
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            let outcome = try await sender.client.publish(topic: "nobody", payload: [1])
            #expect(outcome == .noSubscribers)
            await sender.stop()
        }
    }

    @Test("a publication that the access control list forbids is refused with its reason on MQTT 5")
    func refused() async throws {
        let directory = try TemporaryDirectory("acl")
        try directory.write("topic write allowed/#\n", to: "acl")
        let configuration = BrokerProcess.open + "\nacl_file {directory}/acl\n"
        try await BrokerProcess.with(configuration, directory: directory) { broker in
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            for qos in [MQTTQoS.atLeastOnce, .exactlyOnce] {
                let outcome = try await sender.client.publish(topic: "forbidden", payload: [1], qos: qos)
                guard case .refused(let reason, _) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect(reason == .notAuthorized)
            }
            #expect(try await sender.client.publish(topic: "allowed/x", payload: [1]).isAccepted)
            await sender.stop()
        }
    }

    @Test("a packet above the broker's limit fails at once and the connection stays")
    func tooLarge() async throws {
        try await BrokerProcess.with(BrokerProcess.open + "\nmax_packet_size 2000\n") { broker in
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            // PUBLISH: 1 + 2 length bytes + 2 + 1 topic + 2 id + 1 property length + payload.
            #expect(try await sender.client.publish(topic: "t", payload: Array(repeating: 7, count: 1_991)).isAccepted)
            let error = await #expect(throws: MQTTError.self) {
                try await sender.client.publish(topic: "t", payload: Array(repeating: 7, count: 1_992))
            }
            #expect(error == .packetTooLarge(topic: "t", bytes: 2_001, limit: 2_000))
            #expect(try await sender.client.publish(topic: "t", payload: [1]).isAccepted)
            await sender.stop()
            #expect(sender.record.value.connections.count == 1)
        }
    }

    @Test("a topic that cannot be published to fails with its name", arguments: ["", "a/+/b", "#", "a\0b"])
    func wrongTopic(topic: String) async throws {
        try await BrokerProcess.with { broker in
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            let error = await #expect(throws: MQTTError.self) {
                try await sender.client.publish(topic: topic, payload: [])
            }
            #expect(error?.reason == "invalid_publication")
            await sender.stop()
        }
    }

    @Test("a quality that the broker does not take fails instead of waiting")
    func highestQoS() async throws {
        try await BrokerProcess.with(BrokerProcess.open + "\nmax_qos 0\n") { broker in
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            let error = await #expect(throws: MQTTError.self) {
                try await sender.client.publish(topic: "t", payload: [], qos: .atLeastOnce)
            }
            #expect(error == .qosNotSupported(.atLeastOnce, highest: .atMostOnce))
            #expect(try await sender.client.publish(topic: "t", payload: [], qos: .atMostOnce) == .acknowledged)
            await sender.stop()
        }
    }

    @Test("properties travel both ways on MQTT 5 and stay at home on 3.1.1")
    func properties() async throws {
        try await BrokerProcess.with { broker in
            let subscriptions = [MQTTSubscription("p")]
            let modern = try await TestMQTTClient.connected(to: broker, clientID: "m", subscriptions: subscriptions)
            let old = try await TestMQTTClient.connected(to: broker, clientID: "o", subscriptions: subscriptions) {
                $0.protocolPreference = .only(.v311)
            }
            let sent = MQTTProperties(
                contentType: "application/json",
                messageExpiry: 600,
                responseTopic: "answers/1",
                correlationData: [0, 1, 255],
                userProperties: [.init("format", "v2"), .init("coverage", "eu"), .init("format", "v3")],
            )
            for properties in [sent, MQTTProperties(), sent] {
                _ = try await modern.client.publish(topic: "p", payload: [], properties: properties)
            }
            _ = try await old.client.publish(topic: "p", payload: [9], properties: sent)
            let arrived = try await modern.messages(count: 4).map(\.properties)
            #expect(arrived == [sent, MQTTProperties(), sent, MQTTProperties()])
            #expect(try await old.messages(count: 4).allSatisfy { $0.properties.isEmpty })
            await modern.stop()
            await old.stop()
        }
    }

    @Test("a retained message greets a later subscriber as retained")
    func retained() async throws {
        try await BrokerProcess.with { broker in
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            _ = try await sender.client.publish(topic: "r", payload: [1], retain: true)
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("r")]
            )
            #expect(try await listener.next().isRetained)
            await sender.stop()
            await listener.stop()
        }
    }
}
