// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

@Suite struct FormatterTests {
    @Test("a hostile script in one application leaves another's uplinks flowing, decoded and in order")
    func hostileNeighbour() async throws {
        let bad = try SceneDevice.abp("bad", 61, application: "hostile") { $0.interval = .milliseconds(40) }
        let good = try SceneDevice.abp("good", 62, application: "honest") { $0.interval = .milliseconds(40) }
        var settings = SceneSettings()
        settings.extraLines = ["codec: { workers: 1 }"]
        settings.applications = [
            "hostile": [
                "payload_format: custom",
                "decoder: \"function Decoder(b) { if (b[0] % 2) for (;;) {} return /^(a+)+$/.test('a'.repeat(60) + 'b'); }\"",
            ],
            "honest": [
                "payload_format: custom", "decoder: \"function Decoder(b, p) { return { port: p, size: b.length }; }\"",
            ],
        ]
        try await Scene.with([bad, good], bridge: settings) { scene, _ in
            let topic = "honest/devices/good/up"
            _ = try await scene.next(topic, within: .seconds(120)) { ($0["counter"]?.wholeNumber ?? 0) >= 100 }
            let uplinks = scene.heard(topic)
            let counters = uplinks.compactMap { $0["counter"]?.wholeNumber }
            // What the device said before the routing table had it is nobody's.
            let first = counters.first ?? 0
            #expect(counters.prefix(50) == (first..<first + 50).map { $0 }[...])
            #expect(uplinks.allSatisfy { $0["payload_fields"]?["size"]?.wholeNumber != nil })
            let event = try await scene.next("hostile/devices/bad/events/up/errors", within: .seconds(60))
            #expect(["script_timeout", "script_interrupt"].contains(event["reason"]?.text))
            #expect(event["error"]?.text?.hasPrefix("Unable to decode payload fields: ") == true)
            let bare = try await scene.next("hostile/devices/bad/up", within: .seconds(60))
            #expect(bare["payload_fields"] == nil)
            #expect(bare["payload_raw"] != nil)
        }
    }

    @Test("a device's formatter comes from the repository, and SIGHUP brings a changed one; a bad one changes nothing")
    func repository() async throws {
        let directory = try TemporaryDirectory("formatters")
        func write(_ version: Int, firmware: String = "1.0") throws {
            _ = try directory.write(
                "function decodeUplink(input) { return { data: { version: \(version), first: input.bytes[0] } }; }"
                    + "function encodeDownlink(input) { return { bytes: [\(version), input.data.level], fPort: 9 }; }",
                to: "probe.js",
            )
            _ = try directory.write(
                #"[{"vendor":"acme","model":"probe","firmware":"\#(firmware)","file":"probe.js"}]"#,
                to: "formatters.json",
            )
        }
        try write(1)
        let device = try SceneDevice.abp("r1", 63, extra: "formatter: acme/probe")
        var settings = SceneSettings()
        settings.extraLines = ["codec: { formatters: \"\(directory.path)\" }"]
        try await Scene.with([device], bridge: settings) { scene, bridge in
            let devEUI = device.virtual.devEUI
            func fields(_ counter: Int64) async throws -> JSONValue? {
                try await scene.simulator.sendUplink(devEUI: devEUI, port: 1, payload: [7])
                return try await scene.next("app/devices/r1/up") { $0["counter"]?.wholeNumber == counter }[
                    "payload_fields"
                ]
            }
            #expect(try await fields(0) == ["version": 1, "first": 7])
            try write(2)
            bridge.send(SIGHUP)
            try await bridge.line(containing: "formatters_reloaded")
            #expect(try await fields(1) == ["version": 2, "first": 7])
            // A script that does not parse is named; the formatters of before stay.
            _ = try directory.write("function decodeUplink( {", to: "probe.js")
            bridge.send(SIGHUP)
            try await bridge.line(containing: "formatters_refused")
            #expect(bridge.record.value.text.contains("\(directory.path)/probe.js: SyntaxError"))
            #expect(try await fields(2) == ["version": 2, "first": 7])
            // A device whose formatter is gone says so with each message.
            _ = try directory.write("[]", to: "formatters.json")
            bridge.send(SIGHUP)
            try await bridge.line(containing: "formatter_unknown")
            #expect(try await fields(3) == nil)
            let event = try await scene.next("app/devices/r1/events/up/errors")
            #expect(event["reason"] == "formatter_unknown")
            #expect(event["error"]?.text?.contains("the repository has no formatter acme/probe") == true)
        }
    }

    @Test("a validator's false drops the uplink and says so; an exception names its line")
    func events() async throws {
        let device = try SceneDevice.abp("v1", 64)
        var settings = SceneSettings()
        settings.applications = [
            "app": [
                "payload_format: custom",
                "decoder: |",
                "  function Decoder(bytes) {",
                "    if (bytes[0] === 2) throw new Error('two');",
                "    return { n: bytes[0] };",
                "  }",
                "validator: \"function Validator(fields) { return fields.n < 3; }\"",
            ]
        ]
        try await Scene.with([device], bridge: settings) { scene, _ in
            for octet: UInt8 in [3, 2, 1] {
                try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [octet])
            }
            let topic = "app/devices/v1/events/up/errors"
            let rejected = try await scene.next(topic) { $0["f_cnt"] == 0 }
            #expect(rejected["error"] == "Payload not valid: payload validator function returned false")
            #expect(rejected["reason"] == "validator_rejected")
            let threw = try await scene.next(topic) { $0["f_cnt"] == 1 }
            #expect(threw["reason"] == "script")
            #expect(threw["error"]?.text?.hasSuffix("Decoder threw error: Error: two") == true)
            #expect(threw["line"] == 2)
            // The refused one is not published in v2; the others are, in their order.
            let last = try await scene.next("app/devices/v1/up") { $0["counter"] == 2 }
            #expect(last["payload_fields"]?["n"] == 1)
            #expect(scene.heard("app/devices/v1/up").compactMap { $0["counter"]?.wholeNumber } == [1, 2])
        }
    }
}
