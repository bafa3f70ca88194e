// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANSimulator
import TestSupport
import Testing

@Suite struct OrderTests {
    private static let devices = 20
    private static let uplinks = 500

    /// Queues everything for a subscriber that is away.
    private static let broker = BrokerProcess.open + "\nmax_queued_messages 0\nmax_inflight_messages 100\n"

    @Test("10,000 uplinks at QoS 1 reach a subscriber that comes and goes, all of them, in each device's order")
    func tenThousand() async throws {
        let devices = try (0..<OrderTests.devices).map { number in
            try SceneDevice.abp("o\(number)", UInt8(100 + number)) { $0.overlapsWindows = true }
        }
        var settings = SceneSettings()
        settings.broker = OrderTests.broker
        settings.mqtt = ["formats: [v2]", "publish_fields: false"]
        settings.applications["app"] = ["payload_format: none"]
        try await Scene.with(devices, bridge: settings) { scene, _ in
            let proxy = try TCPProxy(to: scene.broker.port)
            // The session exists before the first uplink.
            var subscriber = try await OrderTests.subscriber(through: proxy)
            let sending = Task {
                for number in 0..<OrderTests.uplinks {
                    for device in devices {
                        try await scene.simulator.sendUplink(
                            devEUI: device.virtual.devEUI,
                            port: 1,
                            payload: [UInt8(number >> 8), UInt8(number & 255)],
                        )
                    }
                }
            }
            var heard: [MQTTInboundMessage] = []
            // Two orderly absences, and two lines that break, which the client mends by itself.
            for absence in 1...4 {
                let wanted = absence * OrderTests.devices * OrderTests.uplinks / 6 - heard.count
                try await subscriber.messages(count: wanted, within: .seconds(120))
                if absence.isMultiple(of: 2) {
                    await subscriber.stop()
                    heard += subscriber.record.value.messages
                    let acks = await scene.simulator.snapshot().acks
                    _ = try await scene.report("traffic without the subscriber", within: .seconds(120)) {
                        $0.acks >= min(acks + 200, OrderTests.devices * OrderTests.uplinks)
                    }
                    subscriber = try await OrderTests.subscriber(through: proxy)
                } else {
                    proxy.cut()
                    try await subscriber.connected(times: 2)
                }
                let isPresent = subscriber.record.value.connections.last.map {
                    if case .connected(let present, _) = $0 { present } else { false }
                }
                #expect(isPresent == true, "the broker kept the session over absence \(absence)")
            }
            try await sending.value
            let report = try await scene.report("every ack", within: .seconds(120)) {
                $0.acks >= OrderTests.devices * OrderTests.uplinks
            }
            #expect(report.wrongAcks == 0)
            let earlier = Set(heard.map(OrderTests.identity))
            try await eventually("the last of the uplinks", within: .seconds(120)) {
                let all = earlier.union(subscriber.record.value.messages.map(OrderTests.identity))
                return all.count >= OrderTests.devices * OrderTests.uplinks
            }
            await subscriber.stop()
            heard += subscriber.record.value.messages
            try OrderTests.expectOrder(heard, devices)
        }
    }

    /// Topic and body: what a message is, however often the broker delivers it.
    private static func identity(_ message: MQTTInboundMessage) -> String { message.topic + message.text }

    private static func subscriber(through proxy: TCPProxy) async throws -> TestMQTTClient {
        let address = MQTTBrokerAddress(host: "127.0.0.1", port: proxy.port)
        let test = try TestMQTTClient(address, clientID: "order-subscriber") {
            $0.isCleanSession = false
            $0.receiveMaximum = 100
        }
        try test.client.subscribe([MQTTSubscription("app/devices/+/up", qos: .atLeastOnce)])
        try await test.connected()
        try await test.subscribed(count: 1)
        return test
    }

    /// Every counter of every device, each in its place; what the broker delivered again after an absence is no fault.
    private static func expectOrder(_ heard: [MQTTInboundMessage], _ devices: [SceneDevice]) throws {
        var counters: [String: [Int64]] = [:]
        var seen: Set<String> = []
        for message in heard where seen.insert(identity(message)).inserted {
            #expect(message.qos == .atLeastOnce)
            #expect(!message.isRetained)
            let body = try JSONValue(parsing: message.payload)
            let counter = try #require(body["counter"]?.wholeNumber)
            #expect(body["is_retry"] == nil)
            #expect(body["payload_raw"] == .string(Base64.text([UInt8(counter >> 8), UInt8(counter & 255)])))
            counters[try #require(body["dev_id"]?.text), default: []].append(counter)
        }
        for device in devices {
            #expect(counters[device.virtual.name] == (0..<Int64(uplinks)).map { $0 }, "\(device.virtual.name)")
        }
    }
}
