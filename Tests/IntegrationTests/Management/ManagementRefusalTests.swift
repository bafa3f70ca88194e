// SPDX-License-Identifier: Apache-2.0
import JSON
import MQTTShim
import TestSupport
import Testing

@Suite struct ManagementRefusalTests {
    /// A request that is wrong, and what its answer says.
    struct Wrong: Sendable {
        var path: String
        var body: JSONValue
        var code: String
        var field: String?

        init(_ path: String, _ body: JSONValue, _ code: String, _ field: String? = nil) {
            self.path = path
            self.body = body
            self.code = code
            self.field = field
        }
    }

    private static let key: JSONValue = "33333333333333333333333333333301"

    static let wrong: [Wrong] = [
        Wrong("app/request/Device", ["dev_id": "a1"], "unimplemented"),
        Wrong("app/request/", [:], "unimplemented"),
        Wrong("APP/request/get", [:], "not_found"),
        Wrong("admin/request/keys/device", ["dev_id": "a1"], "not_found"),
        Wrong("app/request/unregister", ["sure": true], "invalid_argument", "sure"),
        Wrong("app/request/set_payload_format", [:], "invalid_argument", "payload_format"),
        Wrong("app/request/devices", ["after": 7], "invalid_argument", "after"),
        Wrong("app/request/events", ["dev_id": "a1", "limit": 1000], "invalid_argument", "limit"),
        Wrong("app/request/export_devices", ["format": "csv", "limit": -1], "invalid_argument", "limit"),
        Wrong("admin/request/register", [:], "invalid_argument", "app_id"),
        Wrong("admin/request/add_access_key", ["app_id": "app", "name": "A!"], "invalid_argument", "name"),
        Wrong(
            "app/request/remove_device_from_multicast_group",
            ["group_id": "none", "dev_id": "a1"],
            "not_found",
            "group_id"
        ),
        Wrong("app/request/register_device", ["dev_id": "d9", "device": []], "invalid_argument", "device"),
        Wrong(
            "app/request/register_device",
            ["dev_id": .string(String(repeating: "d", count: 37)), "device": [:]],
            "invalid_argument",
            "dev_id"
        ),
        Wrong(
            "app/request/register_device",
            ["dev_id": "d9", "device": ["lorawan_device": 7]],
            "invalid_argument",
            "device.lorawan_device"
        ),
        Wrong("app/request/dance", [:], "unimplemented"),
        Wrong("admin/request/get", [:], "unimplemented"),
        Wrong("app/request/keys/unregister", [:], "unimplemented"),
        Wrong("nobody/request/get", [:], "not_found"),
        Wrong("app/request/get", ["colour": 1], "invalid_argument", "colour"),
        Wrong("app/request/device", [:], "invalid_argument", "dev_id"),
        Wrong("app/request/device", ["dev_id": 7], "invalid_argument", "dev_id"),
        Wrong("app/request/device", ["dev_id": "absent"], "not_found", "dev_id"),
        Wrong("app/request/delete_device", ["dev_id": "absent"], "not_found", "dev_id"),
        Wrong("app/request/update_device", ["dev_id": "absent", "device": [:]], "not_found", "dev_id"),
        Wrong("app/request/devices", ["limit": 0], "invalid_argument", "limit"),
        Wrong("app/request/devices", ["attributes": ["a": 1]], "invalid_argument", "attributes.a"),
        Wrong("app/request/set_payload_format", ["payload_format": "lpp"], "invalid_argument", "payload_format"),
        Wrong("app/request/set_custom_payload_functions", [:], "invalid_argument"),
        Wrong("app/request/set_custom_payload_functions", ["decoder": 1], "invalid_argument", "decoder"),
        Wrong("app/request/register_device", ["dev_id": "A!", "device": [:]], "invalid_argument", "dev_id"),
        Wrong("app/request/register_device", ["dev_id": "d9"], "invalid_argument", "device"),
        Wrong("app/request/register_device", ["dev_id": "d9", "device": [:]], "invalid_argument", "device.dev_eui"),
        Wrong(
            "app/request/register_device",
            ["dev_id": "d9", "device": ["dev_eui": "0004A30B001C0530", "colour": 1]],
            "invalid_argument",
            "device.colour",
        ),
        Wrong(
            "app/request/register_device",
            ["dev_id": "d9", "device": ["dev_eui": "0004A30B001C0530", "app_key": key]],
            "invalid_argument",
            "device.app_eui",
        ),
        Wrong(
            "app/request/register_device",
            [
                "dev_id": "d9",
                "device": [
                    "dev_eui": "0004A30B001C0530", "app_eui": "0000000000000001", "app_key": key, "coverage": "mars",
                ],
            ],
            "invalid_argument",
            "device.coverage",
        ),
        // Another device has it.
        Wrong(
            "app/request/register_device",
            [
                "dev_id": "d9",
                "device": ["dev_eui": "70B3D57ED0000101", "app_eui": "0000000000000001", "app_key": key],
            ],
            "already_exists",
            "device.dev_eui",
        ),
        Wrong(
            "app/request/register_device",
            [
                "dev_id": "a1",
                "device": ["dev_eui": "70B3D57ED0000101", "app_eui": "0000000000000001", "app_key": key],
            ],
            "already_exists",
            "dev_id",
        ),
        Wrong(
            "app/request/update_device",
            ["dev_id": "a1", "device": ["adr": "no"]],
            "invalid_argument",
            "device.adr"
        ),
        Wrong(
            "app/request/update_device",
            ["dev_id": "a1", "device": ["latitude": 7]],
            "invalid_argument",
            "device.longitude",
        ),
        Wrong(
            "app/request/simulate_uplink",
            ["dev_id": "a1", "payload_raw": "AQ==", "port": 0],
            "invalid_argument",
            "port"
        ),
        Wrong(
            "app/request/simulate_uplink",
            ["dev_id": "a1", "payload_raw": "!", "port": 1],
            "invalid_argument",
            "payload_raw"
        ),
        Wrong("app/request/dry_uplink", ["payload_raw": "AQ=="], "invalid_argument", "port"),
        Wrong("app/request/dry_downlink", ["payload_fields": 7], "invalid_argument", "payload_fields"),
        Wrong("app/request/import_devices", ["format": "xls", "data": ""], "invalid_argument", "format"),
        Wrong("app/request/import_devices", ["format": "csv", "data": ""], "invalid_argument", "data"),
        Wrong("app/request/export_devices", ["format": "xml"], "invalid_argument", "format"),
        Wrong("app/request/delete_multicast_group", ["group_id": "none"], "not_found", "group_id"),
        Wrong("app/request/create_multicast_group", ["group_id": "g1", "addr": "1"], "invalid_argument", "addr"),
        Wrong(
            "app/request/send_multicast",
            ["group_id": "g1", "port": 1, "payload_raw": "AQ=="],
            "not_found",
            "group_id"
        ),
        Wrong("admin/request/register", ["app_id": "app"], "already_exists", "app_id"),
        Wrong("admin/request/register", ["app_id": "admin"], "invalid_argument", "app_id"),
        Wrong("admin/request/register", ["app_id": "No"], "invalid_argument", "app_id"),
        Wrong(
            "admin/request/add_access_key",
            ["app_id": "no", "name": "k1", "rights": ["devices"]],
            "not_found",
            "app_id"
        ),
        Wrong(
            "admin/request/add_access_key",
            ["app_id": "app", "name": "k1", "rights": []],
            "invalid_argument",
            "rights"
        ),
        Wrong(
            "admin/request/add_access_key",
            ["app_id": "app", "name": "k1", "rights": ["all"]],
            "invalid_argument",
            "rights"
        ),
        Wrong(
            "admin/request/add_access_key",
            ["app_id": "app", "name": "k1", "rights": ["devices"]],
            "failed_precondition",
        ),
        Wrong("admin/request/remove_access_key", ["app_id": "app", "name": "k1"], "not_found", "name"),
        Wrong("admin/request/ran_apply", ["plan": "0"], "failed_precondition", "plan"),
    ]

    @Test(
        "requests that are wrong are answered with code and field, and change nothing",
        arguments: [
            MQTTProtocolVersion.v5, .v311,
        ]
    )
    func wrongRequests(_ version: MQTTProtocolVersion) async throws {
        let device = try SceneDevice.abp("a1", 1)
        try await Scene.managed([device], version: version) { scene, client in
            let before = try await Self.everything(client)
            for wrong in Self.wrong {
                let fault = try await client.fault(wrong.path, wrong.body)
                #expect(fault["code"]?.text == wrong.code, "\(wrong.path) \(wrong.body.jsonText): \(fault.jsonText)")
                #expect(fault["field"]?.text == wrong.field, "\(wrong.path) \(wrong.body.jsonText): \(fault.jsonText)")
                #expect(fault["message"]?.text?.isEmpty == false)
            }
            #expect(try await Self.everything(client) == before)
            #expect(try await scene.routedDevices() == ["70B3D57ED0000101"])
        }
    }

    /// All that requests could have changed.
    private static func everything(_ client: ManagementClient) async throws -> JSONValue {
        [
            "applications": try await client.result("admin/request/applications"),
            "application": try await client.result("app/request/get"),
            "devices": try await client.result("app/request/keys/devices"),
            "groups": try await client.result("app/request/multicast_groups"),
        ]
    }

    /// Attributes that no device can have, and where the fault is.
    static let wrongAttributes: [(JSONObject, String)] = [
        (["dev_eui": "70B3D57ED000010"], "device.dev_eui"),
        (["devEui": "70B3D57ED000010G"], "device.devEui"),
        (["dev_addr": "260101"], "device.dev_addr"),
        (["nwk_s_key": "3333333333333333333333333333330"], "device.nwk_s_key"),
        (["lorawan_device": ["app_s_key": 7]], "device.lorawan_device.app_s_key"),
        (["dev_addr": "26010101", "devAddr": "26010102"], "device.devAddr"),
        (["f_cnt_up": -1], "device.f_cnt_up"),
        (["f_cnt_down": 4_294_967_296], "device.f_cnt_down"),
        (["latitude": 90.5, "longitude": 1], "device.latitude"),
        (["longitude": "east"], "device.longitude"),
        (["description": .string(String(repeating: "x", count: 2001))], "device.description"),
        (["class": "D"], "device.class"),
        (["lorawan_version": "2.0"], "device.lorawan_version"),
        (["region": "MARS"], "device.region"),
        (["attributes": ["floor": 1]], "device.attributes.floor"),
        (["attributes": []], "device.attributes"),
        (["app_id": "other"], "device.app_id"),
        (["dev_id": "other"], "device.dev_id"),
        (["disable_f_cnt_check": "true"], "device.disable_f_cnt_check"),
    ]

    @Test("attributes that are wrong are refused by name, and the device stays as it is")
    func wrongAttributes() async throws {
        try await Scene.managed([try SceneDevice.abp("a1", 1)]) { _, client in
            let before = try await Self.everything(client)
            for (attributes, field) in Self.wrongAttributes {
                let fault = try await client.fault(
                    "app/request/update_device",
                    ["dev_id": "a1", "device": .object(attributes)],
                )
                #expect(fault["code"] == "invalid_argument", "\(field): \(fault.jsonText)")
                #expect(fault["field"]?.text == field, "\(fault.jsonText)")
            }
            #expect(try await Self.everything(client) == before)
        }
    }

    @Test("bodies that cannot be read are answered where nothing else is known")
    func unreadable() async throws {
        try await Scene.managed([try SceneDevice.abp("a1", 1)]) { scene, client in
            let long = #"{"request_id":"\#(String(repeating: "r", count: 65))"}"#
            for body in [
                "{", "[]", "7", "null", "\u{0}", "{} {}", "{'a':1}", #"{"request_id":"a b"}"#, #"{"request_id":""}"#,
                long,
                #"{"request_id":7}"#, #"{"a":NaN}"#,
            ] {
                let count = client.test.record.value.messages.count
                try await client.publish("app/request/get", body)
                let answer = try await client.test.record.wait(for: "an answer to \(body)") {
                    $0.messages.count > count
                }
                #expect(answer.messages.last?.topic == "app/response")
                #expect(answer.messages.last?.json?["error"]?["code"] == "invalid_argument")
            }
            // An empty body is an empty object.
            try await client.publish("app/request/get", "")
            let empty = try await client.answer("an answer to nothing") { $0.json?["ok"] == true }
            #expect(empty["result"]?["app_id"] == "app")
            // A response topic elsewhere is refused, and not used.
            try await client.publish(
                "app/request/get",
                #"{"request_id":"elsewhere"}"#,
                MQTTProperties(responseTopic: "app/devices/a1/down", correlationData: [7]),
            )
            let refused = try await client.answer("a refusal") { $0.topic == "app/response/elsewhere" }
            #expect(refused["error"]?["field"] == "response_topic")
            try await client.publish(
                "app/request/keys/device",
                #"{"dev_id":"a1"}"#,
                MQTTProperties(responseTopic: "app/response/mine", correlationData: [8]),
            )
            let hidden = try await client.answer("a refusal") { $0.topic == "app/response/keys" }
            #expect(hidden["error"]?["field"] == "response_topic")
            #expect(!scene.listener.record.value.messages.contains { $0.topic == "app/devices/a1/down" })
        }
    }

    @Test("a request that is retained is done when it is sent, and not again at each start")
    func retained() async throws {
        try await Scene.with([]) { scene, bridge in
            let client = try await ManagementClient(scene.broker, .v311)
            _ = try await client.result("admin/request/register", ["app_id": "app"])
            _ = try await client.result(
                "app/request/register_device",
                ["dev_id": "d1", "device": ManagementTests.otaa]
            )
            _ = try await client.test.client.publish(
                topic: "app/request/delete_device",
                payload: Array(#"{"request_id":"kept","dev_id":"d1"}"#.utf8),
                retain: true,
            )
            let done = try await client.answer("an answer") { $0.topic == "app/response/kept" }
            #expect(done["ok"] == true)
            _ = try await client.result(
                "app/request/register_device",
                ["dev_id": "d1", "device": ManagementTests.otaa]
            )
            let earlier = client.test.record.value.messages.count
            try await bridge.kill9()
            let again = try scene.startBridge()
            try await scene.ready(again)
            let refused = try await client.answer("a refusal", after: earlier) { $0.topic == "app/response/kept" }
            #expect(refused["error"]?["code"] == "invalid_argument")
            #expect(refused["error"]?["message"]?.text?.contains("retained") == true)
            #expect(try await client.result("app/request/device", ["dev_id": "d1"])["dev_id"] == "d1")
            try await again.kill9()
            await client.stop()
        }
    }

    @Test("requests of an application are answered in order")
    func order() async throws {
        try await Scene.managed([try SceneDevice.abp("a1", 1)]) { _, client in
            for number in 0..<200 {
                client.test.client.publish([
                    MQTTPublication(
                        token: 0,
                        topic: "app/request/update_device",
                        payload: Array(
                            #"{"request_id":"n\#(number)","dev_id":"a1","device":{"description":"\#(number)"}}"#.utf8
                        ),
                    )
                ])
            }
            let record = try await client.test.record.wait(for: "all answers") { record in
                record.messages.count { $0.topic.hasPrefix("app/response/n") } == 200
            }
            let answers = record.messages.filter { $0.topic.hasPrefix("app/response/n") }
            #expect(answers.map(\.topic) == (0..<200).map { "app/response/n\($0)" })
            #expect(answers.allSatisfy { $0.json?["ok"] == true })
            #expect(try await client.result("app/request/device", ["dev_id": "a1"])["description"] == "199")
        }
    }
}
