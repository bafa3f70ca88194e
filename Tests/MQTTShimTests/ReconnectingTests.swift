// SPDX-License-Identifier: Apache-2.0
import MQTTShim
import Observability
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReconnectingTests {
    /// Brokers that die under traffic: nothing acknowledged may be missing, each completion comes once.
    @Test("nothing is lost and nothing completes twice when the broker dies under traffic", arguments: [true, false])
    func brokerDies(orderly: Bool) async throws {
        try await BrokerProcess.with(BrokerProcess.persistent) { broker in
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender") {
                $0.isCleanSession = false
            }
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("t/#")]
            ) {
                $0.isCleanSession = false
            }
            let total = 4_000
            for round in 0..<4 {
                sender.client.publish(
                    (0..<1_000).map {
                        let number = round * 1_000 + $0
                        return MQTTPublication(
                            token: UInt64(number),
                            topic: "t/x",
                            payload: Array("\(number)".utf8),
                            qos: .atLeastOnce
                        )
                    }
                )
                _ = try await sender.completions(count: round * 1_000 + 137)
                if orderly {
                    try await broker.stop()
                } else {
                    try await broker.kill9()
                }
                try await broker.restart()
                try await sender.connected(times: round + 2)
            }
            _ = try await sender.completions(count: total)
            let completions = sender.record.value.completions
            #expect(completions.count == total)
            #expect(Set(completions.map(\.token)).count == total)
            #expect(completions.allSatisfy { $0.outcome.isAccepted })
            if orderly {
                // A broker that is killed may forget what it acknowledged since its last save; an orderly one may not.
                let seen = try await listener.record.wait(for: "all messages") {
                    Set($0.messages.map(\.text)).count == total
                }
                #expect(seen.messages.count >= total)
            }
            await sender.stop()
            await listener.stop()
        }
    }

    @Test("what is written but not acknowledged when the connection breaks is sent again and completes once")
    func duplicate() async throws {
        try await BrokerProcess.with { broker in
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("d", qos: .exactlyOnce)]
            )
            let proxy = try TCPProxy(to: broker.port)
            let sender = try TestMQTTClient(MQTTBrokerAddress(host: "127.0.0.1", port: proxy.port), clientID: "sender")
            {
                $0.isCleanSession = false
            }
            try await sender.connected()
            proxy.swallowReplies(true)
            sender.client.publish([
                MQTTPublication(token: 1, topic: "d", payload: [1], qos: .atLeastOnce),
                MQTTPublication(token: 2, topic: "d", payload: [2], qos: .exactlyOnce),
            ])
            try await broker.logLine(containing: "Sending PUBREC to sender")
            #expect(sender.record.value.completions.isEmpty)
            proxy.swallowReplies(false)
            proxy.cut()
            let completions = try await sender.completions(count: 2)
            #expect(completions.map(\.token).sorted() == [1, 2])
            #expect(completions.allSatisfy { $0.outcome == .acknowledged })
            try await broker.logLine(containing: "Received PUBLISH from sender (d1, q1")
            try await broker.logLine(containing: "Received PUBLISH from sender (d1, q2")
            _ = try await sender.client.publish(topic: "d", payload: [3])
            // QoS 1 came twice, QoS 2 once.
            _ = try await listener.next("the last message") { $0.payload == [3] }
            #expect(listener.record.value.messages.map(\.payload).sorted { $0[0] < $1[0] } == [[1], [1], [2], [3]])
            await sender.stop()
            await listener.stop()
            #expect(sender.record.value.completions.count == 2)
        }
    }

    @Test("a broker that takes messages and never acknowledges them is left and tried again")
    func deaf() async throws {
        try await BrokerProcess.with { broker in
            let proxy = try TCPProxy(to: broker.port)
            let address = MQTTBrokerAddress(host: "127.0.0.1", port: proxy.port)
            let sender = try TestMQTTClient(address, clientID: "sender") {
                $0.acknowledgementTimeout = .milliseconds(200)
            }
            try await sender.connected()
            proxy.swallowReplies(true)
            sender.client.publish([MQTTPublication(token: 1, topic: "d", payload: [1])])
            try await sender.record.wait(for: "the end of patience") { $0.errors.contains { $0.reason == "timed_out" } }
            proxy.swallowReplies(false)
            _ = try await sender.completions(count: 1)
            await sender.stop()
        }
    }

    @Test("being pushed out by a client of the same name is said in words")
    func takenOver() async throws {
        try await BrokerProcess.with { broker in
            let client = try await TestMQTTClient.connected(to: broker, clientID: "twin")
            try await ChildProcess.run(
                "mosquitto_pub",
                ["-h", "127.0.0.1", "-p", "\(broker.port)", "-i", "twin", "-V", "5", "-t", "other", "-n"],
            )
            try await client.connected(times: 2)
            let error = try #require(client.record.value.errors.first)
            #expect(error == .disconnectedByBroker(broker: broker.url, reason: .sessionTakenOver))
            #expect(error.description.contains("another client"))
            await client.stop()
        }
    }

    @Test("publications made while the broker is away wait and are sent in order", arguments: MQTTQoS.allCases)
    func offline(qos: MQTTQoS) async throws {
        try await BrokerProcess.with(BrokerProcess.persistent) { broker in
            let subscriptions = [MQTTSubscription("o", qos: .exactlyOnce)]
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: subscriptions
            ) { $0.isCleanSession = false }
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            try await broker.stop()
            try await sender.record.wait(for: "the disconnection") { !$0.errors.isEmpty }
            sender.client.publish(
                (0..<300).map { MQTTPublication(token: UInt64($0), topic: "o", payload: [UInt8($0 % 256)], qos: qos) }
            )
            try await listener.record.wait(for: "the disconnection") { !$0.errors.isEmpty }
            #expect(sender.record.value.completions.isEmpty)
            try await broker.restart()
            // QoS 0 is not kept for a subscriber that is away: it has to be back first, or the count would be luck.
            if qos != .atMostOnce {
                #expect(try await listener.messages(count: 300).map(\.payload) == (0..<300).map { [UInt8($0 % 256)] })
            }
            #expect(
                try await sender.completions(count: 300).allSatisfy {
                    $0.outcome == .acknowledged || $0.outcome == .noSubscribers
                }
            )
            await sender.stop()
            await listener.stop()
        }
    }

    @Test("subscriptions are made again after a reconnect to a broker that forgot them")
    func resubscribes() async throws {
        try await BrokerProcess.with { broker in
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("a"), MQTTSubscription("b/+", qos: .exactlyOnce)]
            )
            try await broker.kill9()
            try await broker.restart()
            try await listener.subscribed(count: 4)
            #expect(
                listener.record.value.answers.suffix(2).map(\.result) == [
                    .success(.atLeastOnce), .success(.exactlyOnce),
                ]
            )
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            #expect(try await sender.client.publish(topic: "b/1", payload: [5], qos: .exactlyOnce) == .acknowledged)
            #expect(try await listener.next().payload == [5])
            await sender.stop()
            await listener.stop()
        }
    }

    @Test("what the broker queued while we were away arrives in order", arguments: [MQTTProtocolVersion.v5, .v311])
    func persistentSession(version: MQTTProtocolVersion) async throws {
        try await BrokerProcess.with(BrokerProcess.persistent) { broker in
            func listener() async throws -> TestMQTTClient {
                try await TestMQTTClient.connected(
                    to: broker,
                    clientID: "keeper",
                    subscriptions: [MQTTSubscription("q")]
                ) {
                    $0.isCleanSession = false
                    $0.protocolPreference = .only(version)
                }
            }
            await (try await listener()).stop()
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender")
            for number in 0..<50 {
                _ = try await sender.client.publish(topic: "q", payload: [UInt8(number)])
            }
            let back = try await listener()
            #expect(try await back.messages(count: 50).map(\.payload) == (0..<50).map { [UInt8($0)] })
            #expect(back.record.value.connections == [.connected(sessionPresent: true, version: version)])
            await back.stop()
            await sender.stop()
        }
    }

    @Test("a session's expiry reaches an MQTT 5 broker")
    func sessionExpiry() async throws {
        try await BrokerProcess.with { broker in
            for (name, expiry, kept) in [("brief", 0, false), ("long", 600, true)] {
                func client() async throws -> TestMQTTClient {
                    try await TestMQTTClient.connected(to: broker, clientID: name) {
                        $0.isCleanSession = false
                        $0.sessionExpiry = .seconds(expiry)
                    }
                }
                await (try await client()).stop()
                let again = try await client()
                #expect(again.record.value.connections == [.connected(sessionPresent: kept, version: .v5)])
                await again.stop()
            }
        }
    }

    @Test("descriptors do not leak over reconnects")
    func descriptors() async throws {
        try await BrokerProcess.with { broker in
            let metrics = MetricRegistry()
            let client = try TestMQTTClient(broker.address, clientID: "c", metrics: metrics) {
                $0.reconnectDelay = .milliseconds(1) ... .milliseconds(2)
            }
            try await client.connected()
            for round in 0..<3 {
                try await broker.kill9()
                // Attempts against a closed port.
                let failures = client.record.value.errors.count + 30
                try await client.record.wait(for: "attempts") { $0.errors.count >= failures }
                try await broker.restart()
                try await client.connected(times: round + 2)
            }
            // Others in this process open and close descriptors too; a leak of one an attempt would be 90.
            #expect(openDescriptorsToPort(broker.port) == 1)
            #expect(metrics.exposition().contains("mqtt_connections_total 4"))
            await client.stop()
            #expect(openDescriptorsToPort(broker.port) == 0)
        }
    }
}
