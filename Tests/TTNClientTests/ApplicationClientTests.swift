// SPDX-License-Identifier: Apache-2.0
import JSON
import TTNClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ApplicationClientTests {
    private static let application: JSONValue = [
        "app_id": "meters", "payload_format": "custom", "decoder": "D", "converter": "C", "validator": "V",
        "encoder": "E", "register_on_join_access_key": "K",
    ]
    private static let device: JSONValue = [
        "app_id": "meters", "dev_id": "a1", "latitude": 52.5, "longitude": 13.4, "altitude": 34,
        "description": "roof", "attributes": ["site": "north"], "class": "C",
        "lorawan_device": [
            "app_eui": "70B3D57ED0F00001", "dev_eui": "70B3D57ED0000004", "dev_addr": "26011F2A",
            "f_cnt_up": 4_294_967_295, "f_cnt_down": 7, "disable_f_cnt_check": false, "uses32_bit_f_cnt": true,
            "lorawan_version": "1.0.3",
        ],
        "ran": ["state": "refused", "error": "the RAN has no room for more devices"],
    ]

    /// What the bridge was asked, and what the client made of its answer.
    private func exchange<Result: Sendable>(
        answering result: JSONValue,
        _ body: (ApplicationClient) async throws -> Result,
    ) async throws -> (asked: [ScriptedBridge.Asked], result: Result) {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { [ScriptedBridge.success($0, result)] }
            let client = try ApplicationClient(appID: "meters", accessKey: "", address: broker.url)
            let result = try await body(client)
            await client.close()
            await bridge.stop()
            return (bridge.asked.value, result)
        }
    }

    @Test("the application's methods ask as the protocol says, and its form is read whole")
    func application() async throws {
        let (asked, application) = try await exchange(answering: Self.application) { client in
            try await client.setPayloadFormat("custom")
            try await client.setCustomPayloadFunctions(decoder: "D", encoder: "")
            try await client.unregister()
            return try await client.get()
        }
        #expect(
            asked.map(\.topic) == [
                "meters/request/set_payload_format", "meters/request/set_custom_payload_functions",
                "meters/request/unregister", "meters/request/get",
            ]
        )
        #expect(asked[0].arguments == ["payload_format": "custom"])
        #expect(asked[1].arguments == ["decoder": "D", "encoder": ""])
        #expect(asked[2].arguments == [:])
        #expect(application.appID == "meters")
        #expect(application.payloadFormat == "custom")
        #expect(application.decoder == "D")
        #expect(application.converter == "C")
        #expect(application.validator == "V")
        #expect(application.encoder == "E")
        #expect(application.registerOnJoinAccessKey == "K")
    }

    @Test("a device is read with all its attributes, and the RAN's answer in words")
    func device() async throws {
        let (asked, device) = try await exchange(answering: Self.device) { client in
            _ = try await client.device("a1", withKeys: true)
            return try await client.device("a1")
        }
        #expect(asked.map(\.topic) == ["meters/request/keys/device", "meters/request/device"])
        #expect(asked[1].arguments == ["dev_id": "a1"])
        #expect(device.appID == "meters")
        #expect(device.devID == "a1")
        #expect(device.latitude == 52.5)
        #expect(device.longitude == 13.4)
        #expect(device.altitude == 34)
        #expect(device.description == "roof")
        #expect(device.attributes.attributes == ["site": "north"])
        #expect(device.additional == ["class": "C"])
        #expect(device.lorawanDevice.appEUI == "70B3D57ED0F00001")
        #expect(device.lorawanDevice.devEUI == "70B3D57ED0000004")
        #expect(device.lorawanDevice.devAddr == "26011F2A")
        #expect(device.lorawanDevice.fCntUp == .max)
        #expect(device.lorawanDevice.fCntDown == 7)
        #expect(device.lorawanDevice.disableFCntCheck == false)
        #expect(device.lorawanDevice.uses32BitFCnt == true)
        #expect(device.lorawanDevice.nwkSKey == nil)
        #expect(device.lorawanDevice.additional == ["lorawan_version": "1.0.3"])
        #expect(device.ran?.state == .refused)
        #expect(device.ran?.error == "the RAN has no room for more devices")
    }

    @Test("registering and updating say what is given and nothing else")
    func changing() async throws {
        let (asked, _) = try await exchange(answering: Self.device) { client in
            let radio = LoRaWANDevice(
                appEUI: "70B3D57ED0F00001",
                devEUI: "70B3D57ED0000004",
                appKey: "00112233445566778899AABBCCDDEEFF",
                additional: ["lorawan_version": "1.0.3"],
            )
            let attributes = DeviceAttributes(
                latitude: 52.5,
                attributes: ["b": "2", "a": "1"],
                lorawanDevice: radio,
                additional: ["class": "C"],
            )
            try await client.registerDevice("a1", attributes)
            try await client.registerDevice("a1", attributes, overwrite: true)
            try await client.updateDevice("a1", DeviceAttributes(description: ""))
            try await client.deleteDevice("a1")
        }
        let device: JSONValue = [
            "latitude": 52.5, "attributes": ["a": "1", "b": "2"], "class": "C",
            "lorawan_device": [
                "app_eui": "70B3D57ED0F00001", "dev_eui": "70B3D57ED0000004",
                "app_key": "00112233445566778899AABBCCDDEEFF", "lorawan_version": "1.0.3",
            ],
        ]
        #expect(asked.map(\.method) == ["register_device", "register_device", "update_device", "delete_device"])
        #expect(asked[0].arguments == ["dev_id": "a1", "device": device])
        #expect(asked[1].arguments == ["dev_id": "a1", "device": device, "overwrite": true])
        #expect(asked[2].arguments == ["dev_id": "a1", "device": ["description": ""]])
        #expect(asked[3].arguments == ["dev_id": "a1"])
    }

    @Test("devices are asked for page after page until none is left")
    func pages() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { asked in
                let first = asked.body["after"]?.text.flatMap { Int($0.dropFirst()) }.map { $0 + 1 } ?? 10
                let devices = (first..<min(first + 4, 20)).map { number -> JSONValue in
                    ["app_id": "meters", "dev_id": .string("d\(number)")]
                }
                var result: JSONObject = ["devices": .array(devices)]
                if first + 4 < 20 { result["next"] = .string("d\(first + 3)") }
                return [ScriptedBridge.success(asked, .object(result))]
            }
            let client = try ApplicationClient(appID: "meters", accessKey: "", address: broker.url)
            let devices = try await client.devices(attributes: ["site": "north"])
            #expect(devices.map(\.devID) == (10..<20).map { "d\($0)" })
            #expect(bridge.asked.value.count == 3)
            #expect(bridge.asked.value.allSatisfy { $0.body["attributes"] == ["site": "north"] })
            let page = try await client.devicePage(limit: 2, after: "d11")
            #expect(page.next == "d15")
            #expect(bridge.asked.value.last?.arguments == ["limit": 2, "after": "d11"])
            await client.close()
            await bridge.stop()
        }
    }

    @Test("queues, trial runs and simulated uplinks ask as the protocol says")
    func downlinks() async throws {
        let (asked, _) = try await exchange(answering: []) { client in
            _ = try await client.downlinkQueue("a1")
            try await client.clearDownlinkQueue("a1")
            _ = try await client.dryUplink([1], port: 2, devID: "a1", functions: ["decoder": "D"])
            _ = try await client.dryDownlink(["led": "on"], port: 3, encoder: "E")
            try await client.simulateUplink("a1", [1, 2], port: 4)
        }
        #expect(
            asked.map(\.method) == [
                "downlink_queue", "clear_downlink_queue", "dry_uplink", "dry_downlink", "simulate_uplink",
            ]
        )
        #expect(asked[2].arguments == ["payload_raw": "AQ==", "port": 2, "dev_id": "a1", "decoder": "D"])
        #expect(asked[3].arguments == ["payload_fields": ["led": "on"], "port": 3, "encoder": "E"])
        #expect(asked[4].arguments == ["dev_id": "a1", "payload_raw": "AQI=", "port": 4])
    }

    @Test("the handler's two clients serve one application, under names of their own")
    func handler() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { [ScriptedBridge.success($0, Self.application)] }
            var options = ConnectionOptions()
            options.clientID = "program"
            let handler = HandlerClient(appID: "meters", accessKey: "", address: broker.url, options: options)
            let data = try handler.data()
            let application = try handler.application()
            var closes = data.closes().makeAsyncIterator()
            try await data.connect()
            #expect(try await application.get().appID == "meters")
            #expect(data.appID == "meters")
            #expect(application.appID == "meters")
            await data.close()
            #expect(await closes.next()?.isExpected == true)
            await application.close()
            await bridge.stop()
        }
    }

    @Test("keys do not show themselves in a description")
    func secrets() {
        let radio = LoRaWANDevice(devEUI: "70B3D57ED0000004", appKey: "00112233445566778899AABBCCDDEEFF")
        #expect("\(radio)".contains("70B3D57ED0000004"))
        #expect(!"\(radio)".contains("0011"))
        #expect(!"\(DeviceAttributes(lorawanDevice: radio))".contains("0011"))
        var dumped = ""
        dump(radio, to: &dumped)
        #expect(!dumped.contains("0011"))
    }
}

extension ScriptedBridge.Asked {
    /// The body without the request id.
    var arguments: JSONValue {
        var object = body.object ?? [:]
        object["request_id"] = nil
        return .object(object)
    }
}
