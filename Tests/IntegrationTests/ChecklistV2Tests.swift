// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANSimulator
import TestSupport
import Testing

/// Lines of docs/ttn-checklist.md about v2 that need broker, bridge and RAN together.
@Suite struct ChecklistV2Tests {
    @Test("an uplink goes out on its topic at QoS 1 and is not retained: who comes later gets none")
    func uplinkTopic() async throws {
        let device = try SceneDevice.abp("c1", 140)
        try await Scene.with([device]) { scene, _ in
            try await scene.hear(device)
            let message = try #require(scene.listener.record.value.messages.first { $0.topic == "app/devices/c1/up" })
            #expect(message.qos == .atLeastOnce)
            #expect(!message.isRetained)
            // Nobody leads with a slash or a version.
            let topics = Set(scene.listener.record.value.messages.map(\.topic))
            #expect(topics.contains("app/devices/c1/up"))
            let late = try await TestMQTTClient.connected(
                to: scene.broker,
                clientID: "late",
                subscriptions: [MQTTSubscription("app/#"), MQTTSubscription("v3/#"), MQTTSubscription("marker")],
            )
            _ = try await late.client.publish(topic: "marker", payload: [])
            #expect(try await late.next().topic == "marker")
            await late.stop()
        }
    }

    @Test("a frame that the device sends again is published again, with is_retry, in v2 alone")
    func retry() async throws {
        let device = try SceneDevice.abp("c2", 141)
        let other = try SceneDevice.abp("c7", 145)
        var settings = SceneSettings()
        settings.network = ["copy_window_ms: 100"]
        try await Scene.with([device, other], bridge: settings) { scene, _ in
            for counter in [0, 7, 7] as [UInt32] {
                try await scene.simulator.sendUplink(
                    devEUI: device.virtual.devEUI,
                    port: 1,
                    payload: [1, 0, 1],
                    fCnt: counter,
                )
                // What follows within the copy window would be a copy from another gateway: an uplink of another
                // device takes the merge window of 200 ms at least.
                try await scene.hear(other)
            }
            try await eventually("three uplinks") { scene.heard("app/devices/c2/up").count == 3 }
            let uplinks = scene.heard("app/devices/c2/up")
            #expect(uplinks.map { $0["counter"] } == [0, 7, 7])
            // A device whose first frame has the counter 0 repeats nothing.
            #expect(uplinks.map { $0["is_retry"] } == [nil, nil, true])
            #expect(uplinks[1]["payload_raw"] == uplinks[2]["payload_raw"])
            #expect(scene.heard("v3/app@ttn/devices/c2/up").count == 2)
        }
    }

    @Test("last, last, first are sent third, first, second; replace then pushes out what still waits")
    func schedules() async throws {
        let device = try SceneDevice.abp("c3", 142)
        try await Scene.with([device]) { scene, _ in
            for (port, schedule) in [(1, "last"), (2, "last"), (3, "first")] {
                try await scene.publish(
                    "app/devices/c3/down",
                    #"{"port":\#(port),"payload_raw":"AQ==","schedule":"\#(schedule)"}"#,
                )
                // Answered at once, before any uplink.
                let event = try await scene.next("app/devices/c3/events/down/scheduled") {
                    $0["message"]?["port"]?.wholeNumber == Int64(port)
                }
                #expect(event["message"]?["schedule"] == nil)
                #expect(event["message"]?["app_id"] == nil)
            }
            for count in 1...2 {
                try await scene.hear(device)
                _ = try await scene.report("downlink \(count)") { $0.device("c3")?.downlinks.count ?? 0 >= count }
            }
            try await scene.publish("app/devices/c3/down", #"{"port":9,"payload_raw":"Ag=="}"#)
            let replaced = try await scene.next("app/devices/c3/events/down/errors")
            #expect(replaced["reason"] == "replaced")
            #expect(replaced["message"]?["port"] == 2)
            try await scene.hear(device)
            let report = try await scene.report("the third") { $0.device("c3")?.downlinks.count ?? 0 >= 3 }
            #expect(report.device("c3")?.downlinks.map(\.port) == [3, 1, 9])
        }
    }

    @Test("a confirmed downlink that is not acknowledged is told and sent again with the same port and octets")
    func notAcknowledged() async throws {
        // The device listens four seconds too early and so never hears, while the RAN does send.
        let device = try SceneDevice.abp("c4", 143) { $0.rx1Delay = 1 }
        try await Scene.with([device]) { scene, _ in
            try await scene.publish(
                "app/devices/c4/down",
                #"{"port":4,"payload_raw":"AQ==","confirmed":true,"id":"lost"}"#,
            )
            for count in 1...2 {
                try await scene.hear(device)
                try await eventually("transmission \(count)", within: .seconds(30)) {
                    scene.heard("app/devices/c4/events/down/sent").count >= count
                }
            }
            let nack = try await scene.next("app/devices/c4/events/down/nacks")
            #expect(nack["message"]?["id"] == "lost")
            let third = try await scene.next("v3/app@ttn/devices/c4/down/nack")
            #expect(third["downlink_nack"]?["confirmed_retry"]?["attempt"] == 1)
            #expect(third["downlink_nack"]?["confirmed"] == true)
            let sent = scene.heard("app/devices/c4/events/down/sent")
            #expect(sent.map { $0["message"]?["payload_raw"] } == ["AQ==", "AQ=="])
            // The first has the counter 0, which is left out.
            #expect(sent.map { $0["config"]?["counter"] } == [nil, 1])
            for event in sent {
                #expect(try #require(event["config"]?["frequency"]?.wholeNumber) > 860_000_000)
                #expect(try #require(event["payload"]?.text.flatMap(Base64.octets)).count > 12)
            }
            #expect(scene.heard("app/devices/c4/events/down/acks").isEmpty)
        }
    }

    @Test("a reused DevNonce is told as already used, with the EUIs of the request")
    func reusedDevNonce() async throws {
        let device = try SceneDevice.otaa("c5", 60)
        let other = try SceneDevice.abp("c8", 146)
        guard case .otaa(let joinEUI, let appKey, _) = device.virtual.activation else { return }
        var settings = SceneSettings()
        settings.network = ["copy_window_ms: 100"]
        try await Scene.with([device, other], bridge: settings) { scene, _ in
            let octets =
                [0] + ChecklistV2Tests.littleEndian(joinEUI) + ChecklistV2Tests.littleEndian(device.virtual.devEUI)
                + [0x34, 0x12]
            var message = RawUpstream(
                devEUIs: [device.virtual.devEUI],
                octets: octets,
                mic: MIC.joinRequest(key: appKey, octets: octets).rawValue,
            )
            guard case .ack = try await scene.simulator.inject(message) else {
                throw SceneError(problem: "the first join request was not taken")
            }
            let activation = try await scene.next("app/devices/c5/events/activations")
            #expect(activation["dev_eui"]?.text == "\(device.virtual.devEUI)".uppercased())
            #expect(activation["app_eui"]?.text == "\(joinEUI)".uppercased())
            #expect(activation["metadata"]?["gateways"]?.elements?.count == 1)
            // Longer than the copy window: the merge window of another device's uplink.
            try await scene.hear(other)
            message.transactionID = nil
            _ = try await scene.simulator.inject(message)
            let event = try await scene.next("app/devices/c5/events/activations/errors")
            #expect(event["error"]?.text?.contains("already used") == true, "\(event.jsonText)")
            #expect(event["dev_eui"]?.text == "\(device.virtual.devEUI)".uppercased())
            #expect(event["metadata"]?["time"]?.text?.hasSuffix("Z") == true)
            #expect(event["metadata"]?["gateways"]?.elements?.first?["gtw_id"] == "eu")
            let keyText = appKey.hex.uppercased()
            for message in scene.listener.record.value.messages {
                #expect(!message.text.uppercased().contains(keyText), "\(message.topic)")
            }
        }
    }

    @Test("decoder, converter and validator of v2 end as they did there, each with its event")
    func functions() async throws {
        let device = try SceneDevice.abp("c6", 144, application: "fn")
        var settings = SceneSettings()
        settings.applications["fn"] = [
            "payload_format: custom",
            "decoder: \"function Decoder(bytes, port) { if (port === 44) return { a: { b: NaN } }; "
                + "return { n: bytes[0], door: { open: true }, name: 'x', 'a+b': 1 }; }\"",
            "validator: \"function Validator(converted, port) { if (port === 40) return false; "
                + "return port === 41 ? 1 : true; }\"",
        ]
        try await Scene.with([device], bridge: settings) { scene, _ in
            func errors() -> [JSONValue] { scene.heard("fn/devices/c6/events/up/errors") }
            func send(_ port: UInt8) async throws {
                try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: port, payload: [5])
            }
            try await send(40)
            try await eventually("the validator's refusal") { errors().count == 1 }
            #expect(errors()[0]["error"] == "Payload not valid: payload validator function returned false")
            try await send(41)
            let unchecked = try await scene.next("fn/devices/c6/up") { $0["port"] == 41 }
            #expect(unchecked["payload_fields"] == nil)
            try await eventually("the validator's fault") { errors().count == 2 }
            #expect(errors()[1]["error"]?.text?.contains("Validator not valid: does not return a boolean") == true)
            try await send(44)
            let notANumber = try await scene.next("fn/devices/c6/up") { $0["port"] == 44 }
            #expect(notANumber["payload_fields"] == nil)
            try await eventually("the fault of NaN") { errors().count == 3 }
            #expect(errors()[2]["error"]?.text?.contains("cannot be marshaled") == true)
            // Without a converter the decoder's result passes through.
            try await send(45)
            let good = try await scene.next("fn/devices/c6/up") { $0["port"] == 45 }
            #expect(good["payload_fields"]?["n"] == 5)
            #expect(good["payload_fields"]?["a+b"] == 1)
            #expect(try await scene.next("fn/devices/c6/up/name") == "x")
            #expect(try await scene.next("fn/devices/c6/up/door") == ["open": true])
            #expect(try await scene.next("fn/devices/c6/up/door/open") == true)
            // The uplink that the validator dropped never came out, the others did once.
            #expect(scene.heard("fn/devices/c6/up").compactMap { $0["port"]?.wholeNumber } == [41, 44, 45])
            #expect(scene.listener.record.value.messages.allSatisfy { !$0.topic.contains("+") })
            #expect(errors().count == 3)
        }
    }

    private static func littleEndian(_ eui: EUI64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: eui.rawValue >> UInt64(8 * $0)) }
    }
}
