// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANSimulator
import TestSupport
import Testing

@Suite struct ManagementTests {
    static let otaa: JSONValue = [
        "description": "in the roof", "latitude": 52.5, "longitude": 13.4, "attributes": ["site": "roof"],
        "lorawan_device": [
            "dev_eui": "70B3D57ED0001001", "app_eui": "70B3D57ED0F00001",
            "app_key": "33333333333333333333333333333301",
        ],
    ]
    static let abp: JSONValue = [
        "devEui": "70b3d57ed0001002", "devAddr": "26012002", "nwkSKey": "11111111111111111111111111111102",
        "appSKey": "22222222222222222222222222222202", "uses32BitFCnt": true,
    ]

    @Test("every method on applications and devices is served", arguments: [MQTTProtocolVersion.v5, .v311])
    func methods(_ version: MQTTProtocolVersion) async throws {
        try await Scene.managed(version: version) { scene, client in
            let made = try await client.result("admin/request/register", ["app_id": "meters"])
            #expect(made["app_id"] == "meters")
            #expect(made["payload_format"] == "none")
            let applications = try await client.result("admin/request/applications")["applications"]?.elements
            #expect(applications?.map { $0["app_id"] } == ["meters"])
            let coverage = try await client.result("admin/request/coverages")["coverages"]?.elements?.first
            #expect(coverage?["name"] == "eu")
            #expect(coverage?["downstream"] == "connected")

            let first = try await client.result(
                "meters/request/register_device",
                ["dev_id": "d1", "device": Self.otaa],
            )
            #expect(first["ran"] == ["state": "in_effect"])
            #expect(first["app_id"] == "meters")
            #expect(first["lorawan_device"]?["dev_eui"] == "70B3D57ED0001001")
            #expect(first["lorawan_device"]?["app_key"] == nil, "keys are shown under keys/ alone")
            let created = try await scene.next("meters/devices/d1/events/create")
            #expect(created["latitude"] == 52.5)
            let keyed = try await client.result("meters/request/keys/device", ["dev_id": "d1"])
            #expect(keyed["lorawan_device"]?["app_key"] == "33333333333333333333333333333301")
            _ = try await client.result("meters/request/register_device", ["dev_id": "d2", "device": Self.abp])
            #expect(try await scene.routedDevices() == ["70B3D57ED0001001", "70B3D57ED0001002"])

            let list = try await client.result("meters/request/devices")
            #expect(list["devices"]?.elements?.map { $0["dev_id"] } == ["d1", "d2"])
            #expect(list["next"] == nil)
            let page = try await client.result("meters/request/devices", ["limit": 1])
            #expect(page["devices"]?.elements?.map { $0["dev_id"] } == ["d1"])
            #expect(page["next"] == "d1")
            let rest = try await client.result("meters/request/devices", ["after": "d1"])
            #expect(rest["devices"]?.elements?.map { $0["dev_id"] } == ["d2"])
            let tagged = try await client.result("meters/request/devices", ["attributes": ["site": "roof"]])
            #expect(tagged["devices"]?.elements?.map { $0["dev_id"] } == ["d1"])

            let updated = try await client.result(
                "meters/request/update_device",
                ["dev_id": "d1", "device": ["description": "in the cellar", "attributes": ["floor": "-1"]]],
            )
            #expect(updated["description"] == "in the cellar")
            #expect(updated["latitude"] == 52.5)
            #expect(updated["attributes"] == ["site": "roof", "floor": "-1"])
            _ = try await scene.next("meters/devices/d1/events/update")
            let cleared = try await client.result(
                "meters/request/update_device",
                ["dev_id": "d1", "device": ["attributes": ["floor": nil], "latitude": nil, "longitude": nil]],
            )
            #expect(cleared["attributes"] == ["site": "roof"])
            #expect(cleared["latitude"] == nil)

            let format = try await client.result("meters/request/set_payload_format", ["payload_format": "custom"])
            #expect(format["payload_format"] == "custom")
            let functions = try await client.result(
                "meters/request/set_custom_payload_functions",
                ["decoder": "function Decoder(b, p) { return { first: b[0] } }"],
            )
            #expect(functions["decoder"]?.text?.contains("first") == true)
            let kept = try await client.result(
                "meters/request/set_custom_payload_functions",
                ["encoder": "function Encoder(o, p) { return [1] }"],
            )
            #expect(kept["decoder"] == functions["decoder"], "functions that are not given stay")
            #expect(try await client.result("meters/request/get")["encoder"] == kept["encoder"])

            let deleted = try await client.result("meters/request/delete_device", ["dev_id": "d2"])
            #expect(deleted["dev_id"] == "d2")
            #expect(deleted["ran"] == ["state": "in_effect"])
            #expect(try await scene.routedDevices() == ["70B3D57ED0001001"])
            #expect(try await client.fault("meters/request/device", ["dev_id": "d2"])["code"] == "not_found")
            let gone = try await client.result("meters/request/unregister")
            #expect(gone["devices"] == 1)
            try await eventually("an empty routing table") { try await scene.routedDevices().isEmpty }
            #expect(try await client.fault("meters/request/get")["code"] == "not_found")
        }
    }

    @Test("a device that is registered at run time is heard and answered, also after a restart")
    func alive() async throws {
        let device = try SceneDevice.abp("a1", 1)
        try await Scene.with([], simulator: { $0.devices = [device.virtual] }) { scene, bridge in
            let client = try await ManagementClient(scene.broker)
            _ = try await client.result("admin/request/register", ["app_id": "late"])
            _ = try await client.result("late/request/set_payload_format", ["payload_format": "cayennelpp"])
            let answer = try await client.result(
                "late/request/register_device",
                [
                    "dev_id": "a1",
                    "device": [
                        "dev_eui": .string(device.virtual.devEUI.hex), "dev_addr": "26010101",
                        "nwk_s_key": "11111111111111111111111111111101",
                        "app_s_key": "22222222222222222222222222222201",
                    ],
                ],
            )
            #expect(answer["ran"] == ["state": "in_effect"])
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [3, 103, 1, 16])
            let uplink = try await scene.next("late/devices/a1/up")
            #expect(uplink["payload_fields"] == ["temperature_3": 27.2])
            let shown = try await client.result("late/request/keys/device", ["dev_id": "a1"])
            #expect(shown["lorawan_device"]?["f_cnt_up"] == 0)
            try await bridge.kill9()
            let again = try scene.startBridge()
            try await scene.ready(again)
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [3, 103, 1, 17])
            let second = try await scene.next("late/devices/a1/up") { $0["counter"] == 1 }
            #expect(second["payload_fields"] == ["temperature_3": 27.3])
            try await again.kill9()
            await client.stop()
        }
    }
}
