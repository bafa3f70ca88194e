// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

@Suite struct EndToEndTests {
    @Test("an uplink arrives decoded, with every field of the v2 table that the RAN gives")
    func uplink() async throws {
        let device = try SceneDevice.abp(
            "a1",
            1,
            extra: "latitude: 52.5, longitude: 13.4, altitude: 34, attributes: { site: roof }"
        )
        try await Scene.with([device]) { scene, _ in
            // Temperature 27.2 on channel 3, digital input 255 on channel 5.
            try await scene.simulator.sendUplink(
                devEUI: device.virtual.devEUI,
                port: 1,
                payload: [3, 103, 1, 16, 5, 0, 255]
            )
            let message = try await scene.next("app/devices/a1/up")
            #expect(message["app_id"] == "app")
            #expect(message["dev_id"] == "a1")
            #expect(message["hardware_serial"] == "70B3D57ED0000101")
            #expect(message["port"] == 1)
            #expect(message["counter"] == 0)
            #expect(message["confirmed"] == nil)
            #expect(message["is_retry"] == nil)
            #expect(message["payload_raw"] == "A2cBEAUA/w==")
            #expect(message["payload_fields"]?["temperature_3"] == 27.2)
            #expect(message["payload_fields"]?["digital_in_5"] == 255)
            #expect(message["attributes"]?["site"] == "roof")
            let metadata = try #require(message["metadata"])
            #expect(metadata["time"]?.text?.hasSuffix("Z") == true)
            #expect(try #require(metadata["frequency"]?.double) > 860)
            #expect(metadata["modulation"] == "LORA")
            #expect(metadata["data_rate"] == "SF7BW125")
            #expect(metadata["coding_rate"] == "4/5")
            // 20 octets of PHYPayload at SF7.
            #expect(metadata["airtime"] == 56_576_000)
            #expect(metadata["latitude"] == 52.5)
            #expect(metadata["longitude"] == 13.4)
            #expect(metadata["altitude"] == 34)
            #expect(metadata["location_source"] == "registry")
            let gateway = try #require(metadata["gateways"]?.elements?.first)
            #expect(gateway["gtw_id"] == "eu")
            #expect(gateway["rssi"]?.double != nil)
            #expect(gateway["snr"]?.double != nil)
            #expect(gateway["channel"]?.wholeNumber != nil)
            #expect(gateway["rf_chain"]?.wholeNumber != nil)
            #expect(try await scene.next("app/devices/a1/up/temperature_3") == 27.2)
            let third = try await scene.next("v3/app@ttn/devices/a1/up")
            #expect(third["uplink_message"]?["decoded_payload"]?["temperature_3"] == 27.2)
            #expect(third["end_device_ids"]?["dev_eui"] == "70B3D57ED0000101")
        }
    }

    @Test("a device joins, is announced in both formats, and is heard under its new address")
    func join() async throws {
        let device = try SceneDevice.otaa("j1", 1)
        try await Scene.with([device], simulator: { $0.timeScale = 1 }) { scene, _ in
            try await scene.simulator.join(devEUI: device.virtual.devEUI)
            let activation = try await scene.next("app/devices/j1/events/activations")
            #expect(activation["dev_eui"] == "70B3D57ED0000201")
            #expect(activation["app_eui"] == "70B3D57ED0F00001")
            let address = try #require(activation["dev_addr"]?.text)
            #expect(address.utf8.count == 8)
            // NetID 000013 is of type 0: its addresses begin with 0010011 in binary.
            #expect(["26", "27"].contains(String(address.prefix(2))))
            let accept = try await scene.next("v3/app@ttn/devices/j1/join")
            #expect(accept["end_device_ids"]?["dev_addr"]?.text == address)
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 103, 0, 10])
            let uplink = try await scene.next("app/devices/j1/up", within: .seconds(40))
            #expect(uplink["payload_fields"]?["temperature_1"] == 1)
            let report = await scene.simulator.snapshot()
            #expect(report.device("j1")?.joins == 1)
            #expect(report.wrongAcks == 0)
        }
    }

    @Test("copies of a frame are merged to one uplink that names every reception, and each is acked")
    func copies() async throws {
        let device = try SceneDevice.abp("c1", 2) {
            $0.gateways = [GatewayReception(), GatewayReception(), GatewayReception()]
        }
        try await Scene.with([device]) { scene, _ in
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            let message = try await scene.next("app/devices/c1/up")
            #expect(message["metadata"]?["gateways"]?.elements?.count == 3)
            let report = try await scene.report("three acks") { $0.acks == 3 }
            #expect(report.wrongAcks == 0)
            #expect(scene.heard("app/devices/c1/up").count == 1)
        }
    }

    @Test("two devices on one address are told apart by their keys")
    func sharedAddress() async throws {
        let first = try SceneDevice.abp("s1", 3, address: 0x2601_0999)
        let second = try SceneDevice.abp("s2", 4, address: 0x2601_0999)
        try await Scene.with([first, second]) { scene, _ in
            try await scene.simulator.sendUplink(devEUI: second.virtual.devEUI, port: 1, payload: [1, 0, 2])
            try await scene.simulator.sendUplink(devEUI: first.virtual.devEUI, port: 1, payload: [1, 0, 1])
            #expect(try await scene.next("app/devices/s1/up")["payload_fields"]?["digital_in_1"] == 1)
            #expect(try await scene.next("app/devices/s2/up")["payload_fields"]?["digital_in_1"] == 2)
        }
    }

    @Test("an application's own decoder and encoder are used")
    func customFormatter() async throws {
        let device = try SceneDevice.abp("f1", 5, application: "custom") { $0.deviceClass = .c }
        var registered = device
        registered.registration = registered.registration.replacing(" }", with: ", class: C }")
        var settings = SceneSettings()
        settings.applications["custom"] = [
            "payload_format: custom",
            "decoder: \"function Decoder(bytes, port) { return { sum: bytes[0] + bytes[1], port: port }; }\"",
            "encoder: \"function Encoder(object, port) { return [object.a, object.b]; }\"",
        ]
        try await Scene.with([registered], bridge: settings) { scene, _ in
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 9, payload: [20, 22])
            let fields = try await scene.next("custom/devices/f1/up")["payload_fields"]
            #expect(fields == ["sum": 42, "port": 9])
            try await scene.publish("custom/devices/f1/down", #"{"port":7,"payload_fields":{"a":1,"b":255}}"#)
            let report = try await scene.report("the downlink") { $0.device("f1")?.downlinks.isEmpty == false }
            #expect(report.device("f1")?.downlinks.first?.payload == [1, 255])
            #expect(report.device("f1")?.downlinks.first?.port == 7)
        }
    }

    @Test("a v2 downlink reaches a class A device in a window of its next uplink and is told of as it goes")
    func classADownlink() async throws {
        let device = try SceneDevice.abp("d1", 6)
        try await Scene.with([device]) { scene, _ in
            try await scene.publish("app/devices/d1/down", #"{"port":10,"payload_raw":"/wEC","schedule":"last"}"#)
            let scheduled = try await scene.next("app/devices/d1/events/down/scheduled")
            #expect(scheduled["message"]?["port"] == 10)
            #expect(scheduled["message"]?["schedule"] == nil)
            #expect(try await scene.next("v3/app@ttn/devices/d1/down/queued")["downlink_queued"] != nil)
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            let report = try await scene.report("the downlink") { $0.device("d1")?.downlinks.isEmpty == false }
            let downlink = try #require(report.device("d1")?.downlinks.first)
            #expect(downlink.payload == [0xFF, 1, 2])
            #expect(downlink.port == 10)
            #expect(downlink.fCntDown == 0)
            let sent = try await scene.next("app/devices/d1/events/down/sent")
            #expect(sent["message"]?["payload_raw"] == "/wEC")
            #expect(sent["gateway_id"] == "eu")
            #expect(sent["config"]?["counter"] == nil)
            #expect(try #require(sent["config"]?["frequency"]?.wholeNumber) > 860_000_000)
            #expect(sent["payload"]?.text?.isEmpty == false)
        }
    }

    @Test("a v3 push reaches a class C device at once, and its correlation id comes back")
    func classCDownlink() async throws {
        let device = try SceneDevice.abp("d2", 7, extra: "class: C") { $0.deviceClass = .c }
        try await Scene.with([device]) { scene, _ in
            // The RAN knows no gateway near a device that it never heard.
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            _ = try await scene.next("app/devices/d2/up")
            try await scene.publish(
                "v3/app@ttn/devices/d2/down/push",
                #"{"downlinks":[{"f_port":15,"frm_payload":"vu8=","priority":"NORMAL","correlation_ids":["my-17"]}]}"#,
            )
            let report = try await scene.report("the downlink") { $0.device("d2")?.downlinks.isEmpty == false }
            #expect(report.device("d2")?.downlinks.first?.payload == [0xBE, 0xEF])
            let sent = try await scene.next("v3/app@ttn/devices/d2/down/sent")
            #expect(sent["correlation_ids"]?.elements?.contains("my-17") == true)
        }
    }

    @Test("an application that answers an uplink at once is served in that uplink's own window")
    func answerInWindow() async throws {
        let device = try SceneDevice.abp("d3", 8)
        try await Scene.with([device]) { scene, _ in
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 3, payload: [1, 0, 1])
            _ = try await scene.next("app/devices/d3/up")
            // Without a port the uplink's is used.
            try await scene.publish("app/devices/d3/down", #"{"payload_raw":"AQ=="}"#)
            let report = try await scene.report("the downlink") { $0.device("d3")?.downlinks.isEmpty == false }
            #expect(report.device("d3")?.downlinks.first?.port == 3)
            #expect(report.device("d3")?.uplinks.count == 1)
        }
    }

    @Test("a confirmed uplink is acknowledged, a confirmed downlink's acknowledgement is told")
    func confirmed() async throws {
        let device = try SceneDevice.abp("d4", 9)
        try await Scene.with([device]) { scene, _ in
            try await scene.publish("app/devices/d4/down", #"{"port":4,"payload_raw":"AQ==","confirmed":true}"#)
            _ = try await scene.next("app/devices/d4/events/down/scheduled")
            try await scene.simulator.sendUplink(
                devEUI: device.virtual.devEUI,
                port: 1,
                payload: [1, 0, 1],
                isConfirmed: true
            )
            #expect(try await scene.next("app/devices/d4/up")["confirmed"] == true)
            let report = try await scene.report("the downlink") { $0.device("d4")?.downlinks.isEmpty == false }
            #expect(report.device("d4")?.downlinks.first?.isAck == true)
            #expect(report.device("d4")?.downlinks.first?.isConfirmed == true)
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 2])
            _ = try await scene.next("app/devices/d4/events/down/acks")
            _ = try await scene.next("v3/app@ttn/devices/d4/down/ack")
        }
    }
}
