// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANSimulator
import TestSupport
import Testing

/// Requests as people type them: `mosquitto_pub` from Debian, every form that the documentation names.
@Suite struct MosquittoPubTests {
    private static let formatter = [
        "payload_format: custom",
        "decoder: \"function Decoder(bytes, port) { return { n: bytes[0] }; }\"",
        "encoder: \"function Encoder(object, port) { if (object.fail) throw new Error('no such valve'); "
            + "if ('raw' in object) return object.raw; return object.empty ? [] : [object.a, port]; }\"",
    ]

    private static var settings: SceneSettings {
        var settings = SceneSettings()
        settings.applications["app"] = formatter
        settings.network = ["class_c_interval_ms: 0"]
        return settings
    }

    /// A request and the downlinks that must reach the device.
    private struct Form {
        var topic: String
        var body: String
        var options: [String] = []
        var downlinks: [(port: UInt8, payload: [UInt8])]

        static func v2(_ body: String, _ port: UInt8, _ payload: [UInt8], options: [String] = []) -> Form {
            Form(topic: "app/devices/m1/down", body: body, options: options, downlinks: [(port, payload)])
        }

        static func v3(_ action: String, _ body: String, _ downlinks: [(UInt8, [UInt8])]) -> Form {
            Form(
                topic: "v3/app@ttn/devices/m1/down/\(action)",
                body: body,
                downlinks: downlinks.map { ($0.0, $0.1) },
            )
        }
    }

    private static let forms: [Form] = [
        .v2(#"{"port":10,"payload_raw":"/wEC"}"#, 10, [0xFF, 1, 2]),
        // Hexadecimal: no base64 for want of a fourth digit.
        .v2(#"{"port":11,"payload_raw":"0a1B2c3D4e"}"#, 11, [0x0A, 0x1B, 0x2C, 0x3D, 0x4E]),
        .v2(#"{"port":12,"payload_raw":"01ABCD"}"#, 12, [0x01, 0xAB, 0xCD]),
        .v2(#"{"port":12,"payload_raw":"FF"}"#, 12, [0xFF]),
        // Both readings are legal: base64 wins.
        .v2(#"{"port":13,"payload_raw":"01AB"}"#, 13, [0xD3, 0x50, 0x01]),
        .v2(#"{"port":13,"payload_raw":"DEADBEEF"}"#, 13, [0x0C, 0x40, 0x03, 0x04, 0x41, 0x05]),
        .v2(#"{"port":14,"payload_fields":{"a":7}}"#, 14, [7, 14]),
        .v2(#"{"port":14,"payload_fields":{"a":8},"payload_raw":""}"#, 14, [8, 14]),
        .v2(#"{"port":15,"payload_raw":"AQ==","payload_fields":{}}"#, 15, [1]),
        .v2(#"{"port":16,"payload_raw":"AQ==","schedule":"first"}"#, 16, [1]),
        .v2(#"{"port":17,"payload_raw":"AQ==","schedule":"last","confirmed":false}"#, 17, [1]),
        .v2(#"{"port":18,"payload_raw":"AQ==","schedule":"replace"}"#, 18, [1]),
        .v2(#"{"port":19,"payload_raw":"AQ==","colour":"red","app_id":"other","dev_id":"other"}"#, 19, [1]),
        .v2(#"{"port":20,"payload_raw":"AQ==","ttl":60}"#, 20, [1]),
        .v2(
            #"{"port":21,"payload_raw":"AQ=="}"#,
            21,
            [1],
            options: ["-V", "5", "-D", "publish", "message-expiry-interval", "60"]
        ),
        .v2(#"{"port":22,"payload_raw":"AQ=="}"#, 22, [1], options: ["-V", "311", "-q", "0"]),
        .v3("push", #"{"downlinks":[{"f_port":30,"frm_payload":"/wEC"}]}"#, [(30, [0xFF, 1, 2])]),
        // Any form of base64, lower camel case and numbers as texts, as protobuf's JSON allows.
        .v3("push", #"{"downlinks":[{"fPort":"31","frmPayload":"_wE"}]}"#, [(31, [0xFF, 1])]),
        .v3("push", #"{"downlinks":[{"f_port":32,"decoded_payload":{"a":9},"priority":"NORMAL"}]}"#, [(32, [9, 32])]),
        .v3(
            "push",
            #"{"downlinks":[{"f_port":33,"frm_payload":"AQ==","decoded_payload":{"a":9},"priority":3}]}"#,
            [(33, [1])]
        ),
        .v3(
            "push",
            #"{"downlinks":[{"f_port":34,"frm_payload":"AQ=="},{"f_port":35,"frm_payload":"Ag=="}]}"#,
            [(34, [1]), (35, [2])]
        ),
        .v3("replace", #"{"downlinks":[{"f_port":36,"frm_payload":"Aw==","ttl":60,"colour":"red"}]}"#, [(36, [3])]),
        .v3(
            "push",
            #"{"downlinks":[{"f_port":37,"frm_payload":"BA==","class_b_c":{"gateways":[{"gateway_ids":{"gateway_id":"eu"}}]}}]}"#,
            [(37, [4])],
        ),
        .v3(
            "push",
            #"{"downlinks":[{"f_port":38,"frm_payload":"BQ==","confirmed_retry":{"max_attempts":2}}]}"#,
            [(38, [5])]
        ),
    ]

    @Test("every documented form of a request arrives at the device with the right port and octets")
    func forms() async throws {
        let device = try SceneDevice.abp("m1", 80, extra: "class: C") { $0.deviceClass = .c }
        try await Scene.with([device], bridge: MosquittoPubTests.settings) { scene, _ in
            try await scene.hear(device)
            var count = 0
            for form in MosquittoPubTests.forms {
                try await scene.mosquittoPub(form.topic, form.body, form.options)
                count += form.downlinks.count
                let wanted = count
                let report = try await scene.report("the downlink of \(form.body)") {
                    $0.device("m1")?.downlinks.count ?? 0 >= wanted
                }
                let heard = (report.device("m1")?.downlinks ?? []).suffix(form.downlinks.count)
                #expect(heard.map(\.payload) == form.downlinks.map(\.payload), "\(form.body)")
                #expect(heard.map(\.port) == form.downlinks.map(\.port), "\(form.body)")
            }
            try await eventually("every downlink to be told as sent") {
                scene.heard("app/devices/m1/events/down/sent").count == count
            }
            #expect(scene.heard("app/devices/m1/events/down/errors").isEmpty)
            #expect(scene.heard("v3/app@ttn/devices/m1/down/failed").isEmpty)
            // Hexadecimal comes back as base64.
            #expect(scene.heard("app/devices/m1/events/down/sent")[1]["message"]?["payload_raw"] == "ChssPU4=")
            // Topics name the device whatever the body says.
            #expect(scene.heard("other/devices/other/events/down/errors").isEmpty)
        }
    }

    @Test("names that a request brings come back in every event about it, in both formats")
    func names() async throws {
        let device = try SceneDevice.abp("m1", 80, extra: "class: C") { $0.deviceClass = .c }
        try await Scene.with([device], bridge: MosquittoPubTests.settings) { scene, _ in
            try await scene.hear(device)
            try await scene.mosquittoPub(
                "app/devices/m1/down",
                #"{"port":1,"payload_raw":"AQ==","confirmed":true,"id":"valve 17","correlation_ids":["a:1","b:2"],"ttl":90}"#,
            )
            _ = try await scene.next("app/devices/m1/events/down/sent")
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [2])
            _ = try await scene.next("app/devices/m1/events/down/acks")
            _ = try await scene.next("v3/app@ttn/devices/m1/down/ack")
            for name in ["scheduled", "sent", "acks"] {
                let message = try #require(scene.heard("app/devices/m1/events/down/\(name)").first?["message"])
                #expect(message["id"] == "valve 17", "\(name)")
                let ids = message["correlation_ids"]?.elements?.compactMap(\.text) ?? []
                #expect(ids.contains("a:1") && ids.contains("b:2"), "\(name): \(ids)")
                #expect(message["ttl"] == 90)
                #expect(message["confirmed"] == true)
            }
            for name in ["queued", "sent", "ack"] {
                let event = try #require(scene.heard("v3/app@ttn/devices/m1/down/\(name)").first)
                let ids = event["correlation_ids"]?.elements?.compactMap(\.text) ?? []
                #expect(Set(["a:1", "b:2", "valve 17"]).isSubset(of: Set(ids)), "\(name): \(ids)")
                #expect(ids.contains { $0.hasPrefix("as:downlink:") })
            }
            // v3 to v2.
            try await scene.mosquittoPub(
                "v3/app@ttn/devices/m1/down/push",
                #"{"downlinks":[{"f_port":2,"frm_payload":"AQ==","correlation_ids":["mine:3"]},"#
                    + #"{"f_port":3,"frm_payload":"AQ==","correlation_ids":["mine:4"]}]}"#,
            )
            try await eventually("both to be sent") { scene.heard("v3/app@ttn/devices/m1/down/sent").count == 3 }
            for (topic, member) in [("queued", "downlink_queued"), ("sent", "downlink_sent")] {
                let events = scene.heard("v3/app@ttn/devices/m1/down/\(topic)").dropFirst()
                #expect(events.map { $0[member]?["f_port"] } == [2, 3])
                for (event, id) in zip(events, ["mine:3", "mine:4"]) {
                    #expect(event["correlation_ids"]?.elements?.contains(.string(id)) == true)
                    #expect(event[member]?["correlation_ids"]?.elements?.contains(.string(id)) == true)
                }
            }
            let sent = scene.heard("app/devices/m1/events/down/sent").suffix(2)
            #expect(sent.map { $0["message"]?["correlation_ids"]?.elements?.contains("mine:3") } == [true, false])
        }
    }

    @Test("a request with a ttl or an MQTT 5 expiry that no uplink answers in time ends as expired")
    func expiry() async throws {
        let device = try SceneDevice.abp("m2", 81)
        try await Scene.with([device], bridge: MosquittoPubTests.settings) { scene, _ in
            try await scene.mosquittoPub(
                "app/devices/m2/down",
                #"{"port":1,"payload_raw":"AQ==","schedule":"last","ttl":1,"id":"by ttl"}"#,
            )
            try await scene.mosquittoPub(
                "app/devices/m2/down",
                #"{"port":2,"payload_raw":"AQ==","schedule":"last","id":"by mqtt"}"#,
                ["-V", "5", "-D", "publish", "message-expiry-interval", "1"],
            )
            try await scene.mosquittoPub(
                "v3/app@ttn/devices/m2/down/push",
                #"{"downlinks":[{"f_port":3,"frm_payload":"AQ==","id":"stays"}]}"#,
            )
            for id in ["by ttl", "by mqtt"] {
                let event = try await scene.next("app/devices/m2/events/down/errors") {
                    $0["message"]?["id"]?.text == id
                }
                #expect(event["reason"] == "expired")
                #expect(event["message"]?["ttl"] == 1)
            }
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1])
            let report = try await scene.report("the downlink") { $0.device("m2")?.downlinks.isEmpty == false }
            #expect(report.device("m2")?.downlinks.map(\.port) == [3])
        }
    }

    @Test("class_b_c.absolute_time holds a downlink back until then")
    func absoluteTime() async throws {
        let device = try SceneDevice.abp("m1", 80, extra: "class: C") { $0.deviceClass = .c }
        try await Scene.with([device], bridge: MosquittoPubTests.settings) { scene, _ in
            try await scene.hear(device)
            let text = try await ChildProcess.run("date", ["-u", "-d", "+3 seconds", "+%Y-%m-%dT%H:%M:%S.%NZ"])
                .lines.first?.text
            let time = try #require(text)
            try await scene.mosquittoPub(
                "v3/app@ttn/devices/m1/down/push",
                #"{"downlinks":[{"f_port":9,"frm_payload":"AQ==","class_b_c":{"absolute_time":"\#(time)"}}]}"#,
            )
            let queued = try await scene.next("v3/app@ttn/devices/m1/down/queued")
            #expect(queued["downlink_queued"]?["class_b_c"]?["absolute_time"] == .string(time))
            let sent = try await scene.next("v3/app@ttn/devices/m1/down/sent")
            let sentAt = try #require(sent["received_at"]?.text)
            // Both are RFC 3339 in UTC with as many decimals: their texts are ordered as they are.
            #expect(sentAt.prefix(23) >= time.prefix(23), "sent at \(sentAt), wanted not before \(time)")
        }
    }

    @Test("each wrong request is answered with the member that is wrong and why, and disturbs nothing")
    func wrongRequests() async throws {
        let device = try SceneDevice.abp("m1", 80, extra: "class: C") { $0.deviceClass = .c }
        let other = try SceneDevice.abp("m3", 82, application: "bare")
        var settings = MosquittoPubTests.settings
        settings.applications["bare"] = ["payload_format: none"]
        try await Scene.with([device, other], bridge: settings) { scene, _ in
            for wrong in WrongRequest.all {
                try await scene.expectRefusal(wrong)
            }
            try await scene.hear(device)
            try await scene.mosquittoPub("app/devices/m1/down", #"{"port":1,"payload_raw":"AQ=="}"#)
            let report = try await scene.report("the downlink") { $0.device("m1")?.downlinks.isEmpty == false }
            #expect(report.device("m1")?.downlinks.map(\.payload) == [[1]])
        }
    }
}

extension Scene {
    /// Has a device heard by the RAN, which knows no gateway near one that it never heard.
    func hear(_ device: SceneDevice) async throws {
        let known = listener.record.value.messages.count
        try await simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1])
        let topic = "\(device.application)/devices/\(device.virtual.name)/up"
        try await listener.record.wait(for: "an uplink on \(topic)") { record in
            record.messages.dropFirst(known).contains { $0.topic == topic }
        }
    }

    /// Publishes with mosquitto's own program, at QoS 1 unless the options say otherwise.
    func mosquittoPub(_ topic: String, _ body: String, _ options: [String] = []) async throws {
        try await ChildProcess.run(
            "mosquitto_pub",
            ["-h", "127.0.0.1", "-p", "\(broker.port)", "-t", topic, "-m", body]
                + (options.contains("-q") ? [] : ["-q", "1"]) + options,
        )
    }

    /// Publishes a wrong request and reads its answers in both formats.
    fileprivate func expectRefusal(_ wrong: WrongRequest) async throws {
        let levels = wrong.topic.split(separator: "/")
        let isV3 = levels[0] == "v3"
        let application = isV3 ? String(levels[1].split(separator: "@")[0]) : String(levels[0])
        let device = String(isV3 ? levels[3] : levels[2])
        let v2Topic = "\(application)/devices/\(device)/events/down/errors"
        let v3Topic = "v3/\(application)@ttn/devices/\(device)/down/failed"
        let known = (heard(v2Topic).count, heard(v3Topic).count)
        try await mosquittoPub(wrong.topic, wrong.body)
        try await eventually("the answers to \(wrong.body)") {
            heard(v2Topic).count >= known.0 + wrong.count && heard(v3Topic).count >= known.1 + wrong.count
        }
        for event in heard(v2Topic).dropFirst(known.0) {
            #expect(event["reason"]?.text == wrong.reason, "\(wrong.body): \(event.jsonText)")
            #expect(event["field"]?.text == wrong.field, "\(wrong.body): \(event.jsonText)")
            #expect(event["error"]?.text?.contains(wrong.sentence) == true, "\(wrong.body): \(event.jsonText)")
            #expect(event["message"] != nil)
        }
        for event in heard(v3Topic).dropFirst(known.1) {
            let error = event["downlink_failed"]?["error"]
            #expect(error?["attributes"]?["reason"]?.text == wrong.reason, "\(wrong.body): \(event.jsonText)")
            #expect(error?["attributes"]?["field"]?.text == wrong.field, "\(wrong.body): \(event.jsonText)")
            #expect(error?["message_format"]?.text?.contains(wrong.sentence) == true, "\(event.jsonText)")
            #expect(event["end_device_ids"]?["device_id"]?.text == device)
        }
    }
}
