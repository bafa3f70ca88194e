// SPDX-License-Identifier: Apache-2.0
import MQTTShim
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DurabilityGateTests {
    @Test("no acknowledgement leaves before the gate opens", arguments: [MQTTProtocolVersion.v5, .v311])
    func holdsBack(version: MQTTProtocolVersion) async throws {
        try await BrokerProcess.with { broker in
            let gate = DurabilityGate()
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("g")]
            ) {
                $0.durabilityTimeout = .seconds(30)
                $0.protocolPreference = .only(version)
            } gate: { _ in
                gate
            }
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            _ = try await sender.client.publish(topic: "g", payload: [1])
            _ = try await listener.next()
            // Anything that would be written goes now: publications wake the thread.
            listener.client.publish([MQTTPublication(token: 1, topic: "from/listener", payload: [])])
            for _ in 0..<20 { _ = try await sender.client.publish(topic: "barrier", payload: [2]) }
            #expect(!broker.log.contains("Received PUBACK from listener"))
            #expect(!broker.log.contains("Received PUBLISH from listener"))
            gate.open()
            try await broker.logLine(containing: "Received PUBACK from listener")
            try await listener.completions(count: 1)
            await sender.stop()
            await listener.stop()
        }
    }

    @Test("messages whose gate fails are sent again by the broker")
    func fails() async throws {
        try await BrokerProcess.with { broker in
            let gates = Watched(0)
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("g")]
            ) {
                $0.isCleanSession = false
            } gate: { _ in
                let gate = DurabilityGate()
                let number = gates.change { number in
                    number += 1
                    return number
                }
                if number == 1 { gate.fail() } else { gate.open() }
                return gate
            }
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            _ = try await sender.client.publish(topic: "g", payload: [1])
            let seen = try await listener.messages(count: 2)
            #expect(seen.map(\.payload) == [[1], [1]])
            try await broker.logLine(containing: "Received PUBACK from listener")
            #expect(listener.record.value.errors == [.notDurable(broker: broker.url)])
            await sender.stop()
            await listener.stop()
        }
    }

    @Test("a gate that nobody opens holds for its time and is reported")
    func timesOut() async throws {
        try await BrokerProcess.with { broker in
            let log = try CapturedLog()
            let listener = try TestMQTTClient(
                broker.address,
                clientID: "listener",
                logger: log.logger("mqtt")
            ) {
                $0.durabilityTimeout = .milliseconds(50)
            } gate: { _ in
                DurabilityGate()
            }
            try listener.client.subscribe([MQTTSubscription("g")])
            try await listener.subscribed(count: 1)
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            _ = try await sender.client.publish(topic: "g", payload: [1])
            try await broker.logLine(containing: "Received PUBACK from listener")
            try await log.line(containing: "warning", "durability_timeout")
            await sender.stop()
            await listener.stop()
        }
    }
}
