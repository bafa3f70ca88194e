// SPDX-License-Identifier: Apache-2.0
import JSON
import MQTTShim
import TTNClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct MQTTClientTests {
    private static let uplink = #"""
        {"app_id":"meters","dev_id":"a1","hardware_serial":"70B3D57ED0000004","port":2,"counter":41,"confirmed":true,
         "payload_raw":"AWcBEA==","payload_fields":{"temperature_1":27.2},"attributes":{"site":"roof"},
         "metadata":{"time":"2020-03-01T08:15:00.25Z","frequency":868.3,"modulation":"LORA","data_rate":"SF7BW125",
         "airtime":51456000,"coding_rate":"4/5","latitude":52.5,"longitude":13.4,"altitude":34,
         "gateways":[{"gtw_id":"eu","timestamp":7012345,"time":"","channel":1,"rssi":-97,"snr":7.5,"rf_chain":0}]}}
        """#

    private func client(
        _ broker: BrokerProcess,
        port: UInt16? = nil,
        _ change: (inout ConnectionOptions) -> Void = { _ in },
    ) throws -> TTNClient.MQTTClient {
        var options = ConnectionOptions()
        options.requestTimeout = .seconds(20)
        change(&options)
        let address = "127.0.0.1:\(port ?? broker.port)"
        return try TTNClient.MQTTClient(appID: "meters", accessKey: "", address: address, options: options)
    }

    @Test("an uplink arrives with every field of v2")
    func uplink() async throws {
        try await BrokerProcess.with { broker in
            let client = try client(broker)
            var uplinks = try await client.uplinks().makeAsyncIterator()
            try await client.connect()
            let bridge = try await TestMQTTClient.connected(to: broker, clientID: "bridge")
            _ = try await bridge.client.publish(topic: "meters/devices/a1/up", payload: Array(Self.uplink.utf8))
            let message = try #require(await uplinks.next())
            #expect(message.appID == "meters")
            #expect(message.devID == "a1")
            #expect(message.hardwareSerial == "70B3D57ED0000004")
            #expect(message.port == 2)
            #expect(message.counter == 41)
            #expect(message.isConfirmed)
            #expect(!message.isRetry)
            #expect(message.payload == [1, 0x67, 1, 0x10])
            #expect(message.payloadFields?["temperature_1"] == 27.2)
            #expect(message.attributes == ["site": "roof"])
            #expect(message.metadata.time == "2020-03-01T08:15:00.25Z")
            #expect(message.metadata.frequency == 868.3)
            #expect(message.metadata.modulation == "LORA")
            #expect(message.metadata.dataRate == "SF7BW125")
            #expect(message.metadata.bitRate == nil)
            #expect(message.metadata.airtime == .nanoseconds(51_456_000))
            #expect(message.metadata.codingRate == "4/5")
            #expect(message.metadata.latitude == 52.5)
            #expect(message.metadata.longitude == 13.4)
            #expect(message.metadata.altitude == 34)
            let gateway = try #require(message.metadata.gateways.first)
            #expect(gateway.id == "eu")
            #expect(gateway.time == nil)
            #expect(gateway.rssi == -97)
            #expect(gateway.snr == 7.5)
            #expect(gateway.channel == 1)
            #expect(message.json["metadata"]?["gateways"]?.elements?.first?["timestamp"] == 7_012_345)
            await client.close()
            #expect(await uplinks.next() == nil)
            await bridge.stop()
        }
    }

    @Test("what is no uplink is counted, and the next uplink still comes")
    func unreadable() async throws {
        try await BrokerProcess.with { broker in
            let client = try client(broker)
            var uplinks = try await client.uplinks().makeAsyncIterator()
            try await client.connect()
            let bridge = try await TestMQTTClient.connected(to: broker, clientID: "bridge")
            for text in ["", "{", "[]", #"{"counter":-1}"#, #"{"counter":1,"payload_raw":"?"}"#, Self.uplink] {
                _ = try await bridge.client.publish(topic: "meters/devices/a1/up", payload: Array(text.utf8))
            }
            #expect(await uplinks.next()?.counter == 41)
            #expect(client.unreadableMessages == 5)
            await client.close()
            await bridge.stop()
        }
    }

    @Test(
        "send takes octets, hexadecimal, base64 and fields, and says where in the queue",
        arguments: [
            (DownlinkPayload.octets([1, 0xAB]), #"{"payload_raw":"Aas="}"#),
            (.hexadecimal("01AB"), #"{"payload_raw":"Aas="}"#),
            (.base64("AQ=="), #"{"payload_raw":"AQ=="}"#),
            (.fields(["led_state": "on", "counter": 1]), #"{"payload_fields":{"led_state":"on","counter":1}}"#),
        ]
    )
    func send(payload: DownlinkPayload, member: String) async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await TestMQTTClient.connected(
                to: broker,
                clientID: "bridge",
                subscriptions: [MQTTSubscription("#")],
            )
            let client = try client(broker)
            try await client.connect()
            let id = try await client.send("a1", payload)
            try await client.send("a1", payload, port: 7, isConfirmed: true, schedule: .last, id: "mine")
            let messages = try await bridge.messages(count: 2)
            #expect(messages.allSatisfy { $0.topic == "meters/devices/a1/down" })
            let bodies = try messages.map { try JSONValue(parsing: $0.payload) }
            var expected = try #require(JSONValue(parsing: member).object)
            expected["port"] = 1
            expected["confirmed"] = false
            expected["schedule"] = "replace"
            expected["id"] = .string(id)
            #expect(bodies[0] == .object(expected))
            expected["port"] = 7
            expected["confirmed"] = true
            expected["schedule"] = "last"
            expected["id"] = "mine"
            #expect(bodies[1] == .object(expected))
            await client.close()
            await bridge.stop()
        }
    }

    @Test("send refuses what cannot be sent, and says when nobody listens")
    func sendErrors() async throws {
        try await BrokerProcess.with { broker in
            let client = try client(broker)
            let closed = await #expect(throws: TTNClientError.self) { try await client.send("a1", .octets([1])) }
            #expect(closed == .closed)
            try await client.connect()
            let nobody = await #expect(throws: TTNClientError.self) { try await client.send("a1", .octets([1])) }
            #expect(nobody == .nobodyListens(topic: "meters/devices/a1/down"))
            for payload in [DownlinkPayload.hexadecimal("abc"), .hexadecimal("zz"), .base64("AQ")] {
                let error = await #expect(throws: TTNClientError.self) { try await client.send("a1", payload) }
                #expect(error?.reason == "invalid_argument")
            }
            for devID in ["", "a/b", "+", "#"] {
                let error = await #expect(throws: TTNClientError.self) { try await client.send(devID, .octets([1])) }
                #expect(error?.reason == "invalid_argument")
            }
            await client.close()
        }
    }

    @Test("a downlink's events carry the id that send returned, and joins come with all events")
    func events() async throws {
        try await BrokerProcess.with { broker in
            let client = try client(broker)
            var downlinks = try await client.downlinkEvents().makeAsyncIterator()
            var all = try await client.deviceEvents().makeAsyncIterator()
            try await client.connect()
            let bridge = try await TestMQTTClient.connected(to: broker, clientID: "bridge")
            for (name, body) in [
                ("activations", #"{"dev_addr":"26011F2A"}"#),
                ("down/scheduled", #"{"message":{"port":7,"id":"mine"}}"#),
                ("down/sent", #"{"message":{"port":7,"id":"mine"},"config":{"frequency":868100000}}"#),
                ("down/errors", #"{"error":"too long","reason":"payload_too_long","message":{"id":"mine"}}"#),
            ] {
                _ = try await bridge.client.publish(
                    topic: "meters/devices/a1/events/\(name)",
                    payload: Array(body.utf8),
                )
            }
            let scheduled = try #require(await downlinks.next())
            #expect(scheduled.stage == .scheduled)
            #expect(scheduled.id == "mine")
            #expect(scheduled.port == 7)
            #expect(scheduled.counter == nil)
            let sent = try #require(await downlinks.next())
            #expect(sent.stage == .sent)
            #expect(sent.counter == 0)
            let failed = try #require(await downlinks.next())
            #expect(failed.stage == .failed)
            #expect(failed.reason == "payload_too_long")
            let join = try #require(await all.next())
            #expect(join.name == "activations")
            #expect(join.json["dev_addr"] == "26011F2A")
            await client.close()
            await bridge.stop()
        }
    }

    @Test("connections and closes are told, and a closed client connects again")
    func comingAndGoing() async throws {
        try await BrokerProcess.with { broker in
            let proxy = try TCPProxy(to: broker.port)
            let client = try client(broker, port: proxy.port)
            var connections = client.connections().makeAsyncIterator()
            var closes = client.closes().makeAsyncIterator()
            let uplinks = try await client.uplinks()
            try await client.connect()
            #expect(await connections.next() == .connected)
            proxy.cut()
            let lost = try #require(await closes.next())
            #expect(!lost.isExpected)
            #expect(lost.error?.reason == "connection_failed")
            while let event = await connections.next(), !event.isConnected {}
            // Subscriptions are made again by themselves.
            let bridge = try await TestMQTTClient.connected(to: broker, clientID: "bridge")
            let reader = Task { await uplinks.first { _ in true } }
            try await eventually("the uplink is heard again") {
                try await bridge.client.publish(topic: "meters/devices/a1/up", payload: Array(Self.uplink.utf8))
                    != .noSubscribers
            }
            #expect(await reader.value?.counter == 41)
            await client.close()
            #expect(await closes.next() == CloseEvent(isExpected: true))
            #expect(await closes.next() == nil)
            var again = client.connections().makeAsyncIterator()
            try await client.connect()
            #expect(await again.next() == .connected)
            await client.close()
            await bridge.stop()
        }
    }

    @Test("a first connection that fails throws, and is told as an event")
    func refused() async throws {
        try await BrokerProcess.with("listener {port} 127.0.0.1\nallow_anonymous false\n") { broker in
            let client = try client(broker)
            var connections = client.connections().makeAsyncIterator()
            let error = await #expect(throws: TTNClientError.self) { try await client.connect() }
            #expect(error?.reason == "connection_refused")
            let event = try #require(await connections.next())
            #expect(event == .failed(try #require(error)))
            await client.close()
        }
    }

    @Test("a key that may not read uplinks is refused, by connect or by the sequence, and hears other things")
    func forbiddenSubscription() async throws {
        try await RestrictedBroker.with(refusingSubscriptions: ["meters/devices/+/up"]) { broker in
            let client = try client(broker)
            _ = try await client.uplinks()
            let error = await #expect(throws: TTNClientError.self) { try await client.connect() }
            #expect(error?.reason == "not_permitted")
            #expect(error?.description.contains("meters/devices/+/up") == true)
            let other = try self.client(broker)
            try await other.connect()
            var connections = other.connections().makeAsyncIterator()
            let late = await #expect(throws: TTNClientError.self) { _ = try await other.uplinks() }
            #expect(late == error)
            #expect(await connections.next() == .notPermitted(try #require(error)))
            _ = try await other.downlinkEvents()
            await client.close()
            await other.close()
        }
    }

    @Test("a slow reader holds back the broker and misses nothing; memory stays bounded")
    func backPressure() async throws {
        try await BrokerProcess.with(BrokerProcess.open + "\nmax_queued_messages 0\n") { broker in
            let client = try client(broker) {
                $0.bufferLimit = 50
                // The broker is held back for half of this at most.
                $0.keepAlive = .seconds(120)
            }
            var uplinks = try await client.uplinks().makeAsyncIterator()
            try await client.connect()
            let bridge = try await TestMQTTClient.connected(to: broker, clientID: "bridge")
            bridge.client.publish(
                (0..<2_000).map { number in
                    MQTTPublication(
                        token: UInt64(number),
                        topic: "meters/devices/a1/up",
                        payload: Array(#"{"port":1,"counter":\#(number),"payload_raw":null}"#.utf8),
                    )
                },
            )
            // All are the broker's, and the reader has not begun.
            try await bridge.completions(count: 2_000)
            for number in 0..<2_000 {
                guard let uplink = await uplinks.next() else {
                    Issue.record("the sequence ended before uplink \(number)")
                    break
                }
                #expect(uplink.counter == UInt32(number))
            }
            #expect(client.droppedMessages == 0)
            await client.close()
            await bridge.stop()
        }
    }

    @Test("what a reader misses who stays away too long is counted to the last message")
    func dropped() async throws {
        try await BrokerProcess.with { broker in
            let client = try client(broker) {
                $0.bufferLimit = 10
                // The broker is held back for half of this at most.
                $0.keepAlive = .seconds(5)
            }
            var uplinks = try await client.uplinks().makeAsyncIterator()
            try await client.connect()
            let bridge = try await TestMQTTClient.connected(to: broker, clientID: "bridge")
            for number in 0..<300 {
                _ = try await bridge.client.publish(
                    topic: "meters/devices/a1/up",
                    payload: Array(#"{"port":1,"counter":\#(number)}"#.utf8),
                )
            }
            try await eventually("a message is dropped") { client.droppedMessages > 0 }
            var read: [UInt32] = []
            while read.last != 299, let uplink = await uplinks.next() { read.append(uplink.counter) }
            #expect(read == read.sorted())
            #expect(Set(read).count + client.droppedMessages == 300)
            await client.close()
            await bridge.stop()
        }
    }

    @Test("every reader gets every uplink; one that leaves costs the others nothing")
    func readers() async throws {
        try await BrokerProcess.with { broker in
            let client = try client(broker)
            let first = try await client.uplinks()
            let second = try await client.uplinks()
            try await client.connect()
            let leaving = Task { await first.first { _ in true } }
            let staying = Task { await second.first { $0.counter == 2 } }
            let bridge = try await TestMQTTClient.connected(to: broker, clientID: "bridge")
            for counter in 1...2 {
                _ = try await bridge.client.publish(
                    topic: "meters/devices/a1/up",
                    payload: Array(#"{"port":1,"counter":\#(counter)}"#.utf8),
                )
            }
            #expect(await leaving.value?.counter == 1)
            #expect(await staying.value?.counter == 2)
            await client.close()
            await bridge.stop()
        }
    }

    @Test("a cancelled reader ends")
    func cancelledReader() async throws {
        try await BrokerProcess.with { broker in
            let client = try client(broker)
            let uplinks = try await client.uplinks()
            try await client.connect()
            let reader = Task { await uplinks.first { _ in true } }
            reader.cancel()
            #expect(await reader.value == nil)
            await client.close()
        }
    }

    @Test("an id that no application can have is refused", arguments: ["", "A", "a", "a b", "/key"])
    func wrongID(id: String) {
        let error = #expect(throws: TTNClientError.self) {
            try TTNClient.MQTTClient(appID: id, accessKey: "", address: "127.0.0.1")
        }
        #expect(error?.reason == "invalid_argument")
    }
}
