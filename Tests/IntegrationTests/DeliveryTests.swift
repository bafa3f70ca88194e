// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANSimulator
import TestSupport
import Testing

/// What can be chosen of how messages are published.
@Suite struct DeliveryTests {
    /// Temperature 27.2 on channel 1.
    private static let payload: [UInt8] = [1, 103, 1, 16]

    @Test(
        "a format that is switched off is neither published nor listened to",
        arguments: [("v2", "v3/", "app/"), ("v3", "app/", "v3/")]
    )
    func formats(format: String, silent: String, spoken: String) async throws {
        let device = try SceneDevice.abp("dev", 120, extra: "class: C") { $0.deviceClass = .c }
        var settings = SceneSettings()
        settings.mqtt = ["formats: [\(format)]"]
        settings.network = ["class_c_interval_ms: 0"]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.simulator.sendUplink(
                devEUI: device.virtual.devEUI,
                port: 1,
                payload: DeliveryTests.payload
            )
            _ = try await scene.next(format == "v2" ? "app/devices/dev/up" : "v3/app@ttn/devices/dev/up")
            try await scene.publish("app/devices/dev/down", #"{"port":2,"payload_raw":"AQ=="}"#)
            try await scene.publish(
                "v3/app@ttn/devices/dev/down/push",
                #"{"downlinks":[{"f_port":3,"frm_payload":"AQ=="}]}"#,
            )
            _ = try await scene.next(
                format == "v2" ? "app/devices/dev/events/down/sent" : "v3/app@ttn/devices/dev/down/sent"
            )
            let report = await scene.simulator.snapshot()
            #expect(report.device("dev")?.downlinks.map(\.port) == [format == "v2" ? 2 : 3])
            let topics = scene.listener.record.value.messages.map(\.topic)
                .filter { !$0.hasSuffix("/down") && !$0.hasSuffix("/push") }
            #expect(topics.contains { $0.hasPrefix(spoken) })
            #expect(!topics.contains { $0.hasPrefix(silent) }, "\(topics)")
        }
    }

    @Test("field topics can be switched off; the whole message stays")
    func withoutFields() async throws {
        let device = try SceneDevice.abp("dev", 121)
        var settings = SceneSettings()
        settings.mqtt = ["publish_fields: false"]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.simulator.sendUplink(
                devEUI: device.virtual.devEUI,
                port: 1,
                payload: DeliveryTests.payload
            )
            #expect(try await scene.next("app/devices/dev/up")["payload_fields"]?["temperature_1"] == 27.2)
            // The messages of one uplink go out together and in this order: with v3's here, all of v2's are.
            _ = try await scene.next("v3/app@ttn/devices/dev/up")
            #expect(!scene.listener.record.value.messages.contains { $0.topic.hasPrefix("app/devices/dev/up/") })
        }
    }

    @Test(
        "on a shared broker everything lives below the prefix; without a tenant v3 has the open-source form",
        arguments: [("\"\"", "v3/app"), ("my-tenant", "v3/app@my-tenant")]
    )
    func prefixAndTenant(tenant: String, user: String) async throws {
        let device = try SceneDevice.abp("dev", 122, extra: "class: C") { $0.deviceClass = .c }
        var settings = SceneSettings()
        settings.mqtt = ["topic_prefix: site/7", "tenant: \(tenant)"]
        settings.network = ["class_c_interval_ms: 0"]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.simulator.sendUplink(
                devEUI: device.virtual.devEUI,
                port: 1,
                payload: DeliveryTests.payload
            )
            _ = try await scene.next("site/7/app/devices/dev/up")
            _ = try await scene.next("site/7/app/devices/dev/up/temperature_1")
            let third = try await scene.next("site/7/\(user)/devices/dev/up")
            #expect(third["end_device_ids"]?["application_ids"]?["application_id"] == "app")
            try await scene.publish("site/7/app/devices/dev/down", #"{"port":2,"payload_raw":"AQ=="}"#)
            _ = try await scene.next("site/7/app/devices/dev/events/down/sent")
            try await scene.publish(
                "site/7/\(user)/devices/dev/down/push",
                #"{"downlinks":[{"f_port":3,"frm_payload":"AQ=="}]}"#,
            )
            _ = try await scene.next("site/7/\(user)/devices/dev/down/sent") { $0["downlink_sent"]?["f_port"] == 3 }
            let topics = scene.listener.record.value.messages.map(\.topic)
            #expect(topics.allSatisfy { $0.hasPrefix("site/7/") }, "\(topics)")
            #expect(topics.contains("site/7/admin/status"))
        }
    }

    @Test("quality and retention are chosen kind by kind; by default at least once and not retained")
    func qualities() async throws {
        let device = try SceneDevice.abp("dev", 123)
        var settings = SceneSettings()
        settings.mqtt = ["qos_0: [field]", "qos_2: [uplink]", "retain: [downlink]"]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.simulator.sendUplink(
                devEUI: device.virtual.devEUI,
                port: 1,
                payload: DeliveryTests.payload
            )
            try await scene.publish("app/devices/dev/down", #"{"port":2,"payload_raw":"?"}"#)
            for (topic, quality) in [
                ("app/devices/dev/up", "q2, r0"), ("app/devices/dev/up/temperature_1", "q0, r0"),
                ("v3/app@ttn/devices/dev/up", "q2, r0"), ("app/devices/dev/events/down/errors", "q1, r1"),
            ] {
                let line = try await scene.broker.logLine(containing: "from ran-mqtt-bridge (d0, q", topic: topic)
                #expect(line.contains("(d0, \(quality), "), "\(line)")
            }
            // Whoever comes later finds what was retained, and nothing else.
            let late = try await TestMQTTClient.connected(
                to: scene.broker,
                clientID: "late",
                subscriptions: [MQTTSubscription("app/#"), MQTTSubscription("late")],
            )
            _ = try await late.client.publish(topic: "late", payload: [])
            let found = try await late.next("the marker") { $0.topic == "late" }
            #expect(found.topic == "late")
            let retained = late.record.value.messages.filter { $0.topic != "late" }
            #expect(retained.map(\.topic) == ["app/devices/dev/events/down/errors"])
            #expect(!retained.contains { !$0.isRetained })
            await late.stop()
        }
    }

    @Test("MQTT 5 messages say what they are: content type, format, coverage, and an expiry on request")
    func properties() async throws {
        let device = try SceneDevice.abp("dev", 124, extra: "class: C") { $0.deviceClass = .c }
        var settings = SceneSettings()
        settings.mqtt = ["message_expiry_s: 3600", "protocol: 5"]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.hear(device)
            try await scene.publish("app/devices/dev/down", #"{"port":2,"payload_raw":"AQ=="}"#)
            for (topic, format, coverage) in [
                ("app/devices/dev/up", "v2", "eu"), ("v3/app@ttn/devices/dev/up", "v3", "eu"),
                ("app/devices/dev/events/down/scheduled", "v2", nil),
                ("v3/app@ttn/devices/dev/down/sent", "v3", "eu"),
            ] as [(String, String, String?)] {
                _ = try await scene.next(topic)
                let message = try #require(scene.listener.record.value.messages.first { $0.topic == topic })
                #expect(message.properties.contentType == "application/json", "\(topic)")
                let expiry = try #require(message.properties.messageExpiry)
                #expect((3000...3600).contains(expiry), "\(topic)")
                var wanted = [MQTTProperties.UserProperty("format", format)]
                if let coverage { wanted.append(.init("coverage", coverage)) }
                #expect(message.properties.userProperties == wanted, "\(topic)")
            }
        }
    }
}

extension BrokerProcess {
    /// The line that tells of a packet of the bridge on a topic.
    fileprivate func logLine(containing text: String, topic: String) async throws -> String {
        _ = try await logLine(containing: "'\(topic)'")
        let lines = log.split(separator: "\n")
        return lines.first { $0.contains("Received PUBLISH \(text)") && $0.contains("'\(topic)'") }.map(String.init)
            ?? ""
    }
}
