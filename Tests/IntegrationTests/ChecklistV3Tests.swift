// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANSimulator
import TestSupport
import Testing

/// Lines of docs/ttn-checklist.md about v3 that need broker, bridge and RAN together.
@Suite struct ChecklistV3Tests {
    private static let script = """
        "function decodeUplink(input) { \
        if (input.fPort === 73) return { errors: ['x'] }; \
        if (input.fPort === 74) return { data: { a: 1 }, warnings: ['w'] }; \
        if (input.fPort === 80) return { data: { lat: 52.1, lon: 4.9 } }; \
        return { data: { n: input.bytes[0] } }; } \
        function normalizeUplink(input) { if (input.data.n === undefined) return {}; \
        return { data: [{ air: { temperature: 20, relativeHumidity: 120 } }, { wind: { speed: 3 } }] }; }"
        """
    private static let encoder = """
        "function encodeDownlink(input) { if (input.data.fail) return { errors: ['no such valve'] }; \
        return { bytes: [input.data.a], fPort: input.data.port }; }"
        """

    @Test("formatters of v3 end as they do there: errors, warnings, normalized measurements, places")
    func formatters() async throws {
        let device = try SceneDevice.abp("dev", 150, application: "app")
        var settings = SceneSettings()
        settings.applications["app"] = ["payload_format: custom", "decoder: " + ChecklistV3Tests.script]
        try await Scene.with([device], bridge: settings) { scene, _ in
            func uplink(_ port: UInt8, _ payload: [UInt8] = [5]) async throws -> JSONValue {
                try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: port, payload: payload)
                let body = try await scene.next("v3/app@ttn/devices/dev/up") {
                    $0["uplink_message"]?["f_port"]?.wholeNumber == Int64(port)
                }
                return try #require(body["uplink_message"])
            }
            #expect(try await uplink(73)["decoded_payload"] == nil)
            // No event stream here: the failure is told as service data.
            let failure = try await scene.next("v3/app@ttn/devices/dev/service/data")
            #expect(failure["service_data"]?["service"] == "up-errors")
            #expect(failure["service_data"]?["data"]?["error"]?.text?.contains("x") == true)

            let warned = try await uplink(74)
            #expect(warned["decoded_payload"] == ["a": 1])
            #expect(warned["decoded_payload_warnings"] == ["w"])

            let normalized = try await uplink(78)
            #expect(normalized["normalized_payload"]?.elements?.count == 2)
            try await eventually("two normalized messages") {
                scene.heard("v3/app@ttn/devices/dev/up/normalized").count == 2
            }
            let measurements = scene.heard("v3/app@ttn/devices/dev/up/normalized").map { $0["uplink_normalized"] }
            #expect(
                measurements.map { $0?["normalized_payload"] } == [
                    ["air": ["temperature": 20]], ["wind": ["speed": 3]],
                ]
            )
            let warning = measurements[0]?["normalized_payload_warnings"]?.elements?.first?.text
            #expect(warning?.hasPrefix("measurement 1:") == true)

            let placed = try await uplink(80)
            #expect(placed["locations"]?["frm-payload"]?["latitude"] == 52.1)
            let solved = try await scene.next("v3/app@ttn/devices/dev/location/solved")
            #expect(solved["location_solved"]?["service"] == "frm-payload")
            #expect(solved["location_solved"]?["location"]?["source"] == "SOURCE_GPS")
            #expect(solved["location_solved"]?["location"]?["longitude"] == 4.9)

            // Port 0 is the network's own: published, but no formatter sees it.
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 0, payload: [0x02])
            let commands = try await scene.next("v3/app@ttn/devices/dev/up") {
                $0["uplink_message"]?["f_port"] == nil
            }
            #expect(commands["uplink_message"]?["decoded_payload"] == nil)
            let second = try await scene.next("app/devices/dev/up") { $0["port"] == 0 }
            #expect(second["payload_raw"] == .null)
            #expect(second["payload_fields"] == nil)
        }
    }

    @Test("a script of v2 serves v3 by its Decoder alone; Converter and Validator are not run")
    func olderScript() async throws {
        let device = try SceneDevice.abp("dev", 151)
        var settings = SceneSettings()
        settings.applications["app"] = [
            "payload_format: custom",
            "decoder: \"function Decoder(bytes, port) { return { n: bytes[0] }; }\"",
            "converter: \"function Converter(decoded) { return { n: decoded.n * 2 }; }\"",
            "validator: \"function Validator(converted) { return converted.n < 100; }\"",
        ]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [60])
            let third = try await scene.next("v3/app@ttn/devices/dev/up")
            #expect(third["uplink_message"]?["decoded_payload"] == ["n": 60])
            _ = try await scene.next("app/devices/dev/events/up/errors")
            #expect(scene.heard("app/devices/dev/up").isEmpty)
        }
    }

    @Test("encodeDownlink chooses the port; its error fails the request with a word about it")
    func encoder() async throws {
        let device = try SceneDevice.abp("dev", 152, extra: "class: C") { $0.deviceClass = .c }
        var settings = SceneSettings()
        settings.network = ["class_c_interval_ms: 0"]
        settings.applications["app"] = ["payload_format: custom", "encoder: " + ChecklistV3Tests.encoder]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.hear(device)
            let push = "v3/app@ttn/devices/dev/down/push"
            try await scene.publish(push, #"{"downlinks":[{"f_port":3,"decoded_payload":{"a":9,"port":7}}]}"#)
            _ = try await scene.next("v3/app@ttn/devices/dev/down/sent") { $0["downlink_sent"]?["f_port"] == 7 }
            try await scene.publish(
                push,
                #"{"downlinks":[{"f_port":3,"decoded_payload":{"fail":1},"correlation_ids":["mine"]}]}"#
            )
            let failed = try await scene.next("v3/app@ttn/devices/dev/down/failed")
            #expect(failed["correlation_ids"]?.elements?.contains("mine") == true)
            let error = failed["downlink_failed"]?["error"]
            #expect(error?["message_format"]?.text?.contains("no such valve") == true)
            #expect(error?["attributes"]?["field"] == "downlinks[0].decoded_payload")
            let report = await scene.simulator.snapshot()
            #expect(report.device("dev")?.downlinks.map(\.port) == [7])
            #expect(scene.heard("v3/app@ttn/devices/dev/down/queued").count == 1)
        }
    }

    @Test("one over-long item fails its whole push and leaves the queue as it was; replace with nothing empties it")
    func allOrNothing() async throws {
        let device = try SceneDevice.abp("dev", 153)
        try await Scene.with([device]) { scene, _ in
            let base = "v3/app@ttn/devices/dev/down"
            try await scene.publish("\(base)/push", #"{"downlinks":[{"f_port":1,"frm_payload":"AQ=="}]}"#)
            _ = try await scene.next("\(base)/queued")
            let long = Base64.text([UInt8](repeating: 7, count: 250))
            try await scene.publish(
                "\(base)/push",
                #"{"downlinks":[{"f_port":2,"frm_payload":"AQ=="},{"f_port":3,"frm_payload":"\#(long)"}]}"#,
            )
            try await eventually("two failures") { scene.heard("\(base)/failed").count == 2 }
            for event in scene.heard("\(base)/failed") {
                #expect(event["downlink_failed"]?["error"]?["name"] == "application_downlink_too_long")
                #expect(event["downlink_failed"]?["error"]?["attributes"]?["length"] == 250)
            }
            #expect(scene.heard("\(base)/queued").count == 1)
            try await scene.hear(device)
            let report = try await scene.report("the first") { $0.device("dev")?.downlinks.isEmpty == false }
            #expect(report.device("dev")?.downlinks.map(\.port) == [1])

            // An empty replace of an empty queue is silent; one that pushes something out tells it of that alone.
            try await scene.publish("\(base)/replace", #"{"downlinks":[]}"#)
            try await scene.publish("\(base)/push", #"{"downlinks":[{"f_port":4,"frm_payload":"AQ=="}]}"#)
            _ = try await scene.next("\(base)/queued") { $0["downlink_queued"]?["f_port"] == 4 }
            #expect(scene.heard("\(base)/failed").count == 2)
            try await scene.publish("\(base)/replace", #"{"downlinks":[]}"#)
            try await eventually("the word about the one that waited") { scene.heard("\(base)/failed").count == 3 }
            let replaced = scene.heard("\(base)/failed")[2]["downlink_failed"]
            #expect(replaced?["error"]?["attributes"]?["reason"] == "replaced")
            #expect(replaced?["downlink"]?["f_port"] == 4)
            #expect(scene.heard("\(base)/queued").count == 2)
        }
    }

    @Test("a device that never joined fails a push with no_device_session; the join itself names address and session")
    func sessions() async throws {
        let device = try SceneDevice.otaa("dev", 61)
        try await Scene.with([device]) { scene, _ in
            try await scene.publish(
                "v3/app@ttn/devices/dev/down/push",
                #"{"downlinks":[{"f_port":1,"frm_payload":"AQ=="}]}"#,
            )
            let failed = try await scene.next("v3/app@ttn/devices/dev/down/failed")
            #expect(failed["downlink_failed"]?["error"]?["name"] == "no_device_session")
            try await scene.simulator.join(devEUI: device.virtual.devEUI)
            let join = try await scene.next("v3/app@ttn/devices/dev/join")
            #expect(join["end_device_ids"]?["dev_addr"]?.text?.count == 8)
            #expect(join["join_accept"]?["session_key_id"]?.text?.isEmpty == false)
            #expect(join["join_accept"]?["app_s_key"] == nil)
        }
    }

    @Test("down/sent follows the RAN's word that the frame went out, and no other")
    func sentAfterTransmission() async throws {
        let device = try SceneDevice.abp("dev", 154, extra: "class: C") { $0.deviceClass = .c }
        var settings = SceneSettings()
        settings.network = ["ran_attempts: 1", "class_c_interval_ms: 0"]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.hear(device)
            try await scene.simulator.inject(.downstreamResult(.gatewayError, message: "no power", count: 100))
            try await scene.publish(
                "v3/app@ttn/devices/dev/down/push",
                #"{"downlinks":[{"f_port":1,"frm_payload":"AQ=="}]}"#,
            )
            let failed = try await scene.next("v3/app@ttn/devices/dev/down/failed")
            let words = failed["downlink_failed"]?["error"]?["attributes"]?["ran_result"]?.text
            #expect(words?.contains("no power") == true, "\(failed.jsonText)")
            try await scene.simulator.inject(.downstreamResult(.gatewayError, message: "", count: 0))
            try await scene.publish(
                "v3/app@ttn/devices/dev/down/push",
                #"{"downlinks":[{"f_port":2,"frm_payload":"AQ=="}]}"#,
            )
            _ = try await scene.next("v3/app@ttn/devices/dev/down/sent")
            #expect(scene.heard("v3/app@ttn/devices/dev/down/sent").map { $0["downlink_sent"]?["f_port"] } == [2])
        }
    }
}
