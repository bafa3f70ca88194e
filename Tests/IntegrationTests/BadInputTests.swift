// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

@Suite struct BadInputTests {
    @Test(
        "a wrong downlink request is answered with a sentence, a word and the member, and disturbs nothing",
        arguments: [
            (#"{"port":1,"#, "malformed_json"),
            (#"{}"#, "payload_empty"),
            (#"{"port":256,"payload_raw":"AQ=="}"#, "invalid_port"),
            (#"{"port":1,"payload_raw":"AQ==","schedule":"soon"}"#, "invalid_schedule"),
            (#"{"port":1,"payload_raw":"?!"}"#, "invalid_payload_encoding"),
            (#"[1]"#, "wrong_type"),
        ]
    )
    func downlink(body: String, reason: String) async throws {
        let device = try SceneDevice.abp("b1", 10)
        try await Scene.with([device]) { scene, _ in
            try await scene.publish("app/devices/b1/down", body)
            let event = try await scene.next("app/devices/b1/events/down/errors")
            #expect(event["reason"]?.text == reason)
            #expect(event["error"]?.text?.isEmpty == false)
            try await scene.publish("app/devices/b1/down", #"{"port":1,"payload_raw":"AQ=="}"#)
            _ = try await scene.next("app/devices/b1/events/down/scheduled")
        }
    }

    @Test("a downlink for nobody is answered under the names it used")
    func unknownNames() async throws {
        let device = try SceneDevice.abp("b1", 10)
        try await Scene.with([device]) { scene, _ in
            try await scene.publish("app/devices/nobody/down", #"{"port":1,"payload_raw":"AQ=="}"#)
            #expect(try await scene.next("app/devices/nobody/events/down/errors")["reason"] == "unknown_device")
            try await scene.publish("nothing/devices/b1/down", #"{"port":1,"payload_raw":"AQ=="}"#)
            #expect(try await scene.next("nothing/devices/b1/events/down/errors")["reason"] == "unknown_application")
            try await scene.publish(
                "v3/app@ttn/devices/nobody/down/push",
                #"{"downlinks":[{"f_port":1,"frm_payload":"AQ=="}]}"#,
            )
            #expect(try await scene.next("v3/app@ttn/devices/nobody/down/failed")["downlink_failed"] != nil)
        }
    }

    @Test("a frame whose MIC fits no candidate is rejected as MICFailed and told to its only candidate")
    func wrongMIC() async throws {
        let device = try SceneDevice.abp("m1", 11)
        try await Scene.with([device]) { scene, _ in
            let frame: [UInt8] = [0x40, 0x0B, 0x01, 0x01, 0x26, 0, 0, 0, 1, 0xAA, 0xBB]
            let message = RawUpstream(devEUIs: [device.virtual.devEUI], octets: frame, mic: 0x1234_5678)
            let reply = try await scene.simulator.inject(message)
            guard case .reject(let code, _) = reply else { throw SceneError(problem: "got \(reply)") }
            #expect(code == "MICFailed")
            #expect(try await scene.next("app/devices/m1/events/up/errors")["reason"] == "mic_failed")
        }
    }

    @Test("a frame of devices that are not registered here is rejected and told to the operator")
    func unknownDevice() async throws {
        let device = try SceneDevice.abp("m2", 12)
        try await Scene.with([device]) { scene, _ in
            let frame: [UInt8] = [0x40, 1, 2, 3, 4, 0, 0, 0, 1, 0xAA]
            let message = RawUpstream(devEUIs: [EUI64(rawValue: 0xFEDC_BA98_7654_3210)], octets: frame, mic: 7)
            let reply = try await scene.simulator.inject(message)
            guard case .reject(let code, _) = reply else { throw SceneError(problem: "got \(reply)") }
            #expect(code == "MICFailed")
            let event = try await scene.next("admin/events/up/errors")
            #expect(event["reason"] == "unknown_device")
            #expect(event.jsonText.contains("FEDCBA9876543210"))
        }
    }

    @Test(
        "octets that are no frame are rejected as Other",
        arguments: [[], [0x40], [0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]]
    )
    func malformed(octets: [UInt8]) async throws {
        let device = try SceneDevice.abp("m3", 13)
        try await Scene.with([device]) { scene, _ in
            let message = RawUpstream(devEUIs: [device.virtual.devEUI], octets: octets, mic: 7)
            let reply = try await scene.simulator.inject(message)
            guard case .reject(let code, let text) = reply else { throw SceneError(problem: "got \(reply)") }
            #expect(code == "Other")
            #expect(text?.isEmpty == false)
        }
    }

    @Test("a replayed counter is rejected with both figures, and the device goes on")
    func replay() async throws {
        let device = try SceneDevice.abp("r1", 14)
        try await Scene.with([device]) { scene, _ in
            for counter in [5, 6] as [UInt32] {
                try await scene.simulator.sendUplink(
                    devEUI: device.virtual.devEUI,
                    port: 1,
                    payload: [1, 0, UInt8(counter)],
                    fCnt: counter,
                )
                _ = try await scene.next("app/devices/r1/up") { $0["counter"]?.wholeNumber == Int64(counter) }
            }
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 9], fCnt: 3)
            let event = try await scene.next("app/devices/r1/events/up/errors")
            #expect(event["reason"] == "f_cnt_replayed")
            #expect(event["last_f_cnt"] == 6)
            #expect(event["f_cnt"] == 3)
            let report = try await scene.report("the reject") { $0.rejects.values.reduce(0, +) > 0 }
            #expect(report.rejects["Other"] == 1)
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 7], fCnt: 7)
            _ = try await scene.next("app/devices/r1/up") { $0["counter"] == 7 }
        }
    }

    @Test("a malformed message on the socket costs that message only")
    func malformedMessage() async throws {
        let device = try SceneDevice.abp("x1", 15)
        try await Scene.with([device]) { scene, _ in
            try await scene.simulator.inject(.sendUpstream(["{", "null", #"{"TransactionID":5}"#, "\u{1}"]))
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            _ = try await scene.next("app/devices/x1/up")
        }
    }

    @Test("a decoder that fails leaves the uplink published without fields and says why")
    func decoderFails() async throws {
        let device = try SceneDevice.abp("j1", 16, application: "custom")
        var settings = SceneSettings()
        settings.applications["custom"] = [
            "payload_format: custom",
            "decoder: \"function Decoder(bytes, port) { if (port === 2) { while (true) {} } throw new Error('no ' + port); }\"",
        ]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1])
            let up = try await scene.next("custom/devices/j1/up")
            #expect(up["payload_fields"] == nil)
            #expect(up["payload_raw"] == "AQ==")
            let event = try await scene.next("custom/devices/j1/events/up/errors")
            #expect(event["error"]?.text?.hasPrefix("Unable to decode payload fields: ") == true)
            #expect(event["error"]?.text?.contains("no 1") == true)
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 2, payload: [2])
            _ = try await scene.next("custom/devices/j1/up") { $0["port"] == 2 }
        }
    }

    @Test("a downlink that the RAN refuses for good ends in one error with the RAN's own words")
    func refusedByRAN() async throws {
        let device = try SceneDevice.abp("g1", 17, extra: "class: C") { $0.deviceClass = .c }
        try await Scene.with([device]) { scene, _ in
            // Never heard: there is no gateway near it.
            try await scene.publish("app/devices/g1/down", #"{"port":1,"payload_raw":"AQ==","id":"my-1"}"#)
            let retried = try await scene.next("app/devices/g1/events/down/scheduled") { $0["attempt"] != nil }
            #expect(retried["ran_result"]?.text?.hasPrefix("GatewayNotFound") == true)
            let failed = try await scene.next("app/devices/g1/events/down/errors", within: .seconds(60))
            #expect(failed["reason"] == "ran_refused")
            #expect(failed["ran_result"]?.text?.hasPrefix("GatewayNotFound") == true)
            #expect(failed.jsonText.contains("my-1"))
        }
    }

    @Test("a payload longer than its window carries is refused with size and limit")
    func payloadTooLong() async throws {
        let device = try SceneDevice.abp("g2", 18) { $0.dataRate = 0 }
        try await Scene.with([device]) { scene, _ in
            let payload = Base64.text([UInt8](repeating: 7, count: 100))
            try await scene.publish("app/devices/g2/down", #"{"port":1,"payload_raw":"\#(payload)"}"#)
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            let event = try await scene.next("app/devices/g2/events/down/errors")
            #expect(event["reason"] == "payload_too_long")
            #expect(event["size"] == 100)
            #expect(event["limit"] == 51)
        }
    }
}
