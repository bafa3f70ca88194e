// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANClient
import RANSimulator
import TestSupport
import Testing

/// What the seed's client could not do.
@Suite struct ManagementMoreTests {
    @Test("queues, simulated uplinks, trial runs and events are served", arguments: [MQTTProtocolVersion.v5, .v311])
    func tools(_ version: MQTTProtocolVersion) async throws {
        let device = try SceneDevice.abp("a1", 1)
        try await Scene.managed([device], version: version) { scene, client in
            #expect(try await client.result("app/request/downlink_queue", ["dev_id": "a1"])["downlinks"] == [])
            try await scene.publish("app/devices/a1/down", #"{"port":7,"payload_raw":"AQID","confirmed":true}"#)
            _ = try await scene.next("app/devices/a1/events/down/scheduled")
            let queue = try await client.result("app/request/downlink_queue", ["dev_id": "a1"])["downlinks"]?.elements
            #expect(queue?.count == 1)
            #expect(queue?.first?["payload_raw"] == "AQID")
            #expect(queue?.first?["port"] == 7)
            #expect(queue?.first?["confirmed"] == true)
            #expect(try await client.result("app/request/clear_downlink_queue", ["dev_id": "a1"])["cleared"] == 1)
            #expect(try await client.result("app/request/downlink_queue", ["dev_id": "a1"])["downlinks"] == [])

            // Temperature 27.2 on channel 3.
            let simulated = try await client.result(
                "app/request/simulate_uplink",
                ["dev_id": "a1", "payload_raw": "A2cBEA==", "port": 1],
            )
            #expect(simulated["payload_raw"] == "A2cBEA==")
            let uplink = try await scene.next("app/devices/a1/up")
            #expect(uplink["payload_fields"] == ["temperature_3": 27.2])
            #expect(uplink["counter"] == 0)
            let third = try await scene.next("v3/app@ttn/devices/a1/up")
            #expect(third["simulated"] == true)

            let stored = try await client.result("app/request/dry_uplink", ["payload_raw": "A2cBEA==", "port": 1])
            #expect(stored["payload_fields"] == ["temperature_3": 27.2])
            let trial = try await client.result(
                "app/request/dry_uplink",
                [
                    "payload_raw": "AgM=", "port": 1, "dev_id": "a1",
                    "decoder":
                        "function Decoder(b, port) { console.log('seen', b.length); return { sum: b[0] + b[1] } }",
                    "converter": "function Converter(d, port) { return { doubled: d.sum * 2 } }",
                ],
            )
            #expect(trial["payload_fields"] == ["doubled": 10])
            #expect(trial["steps"]?.elements?.map { $0["function"]?.text ?? "" }.contains("Decoder") == true)
            #expect(trial["logs"]?.elements?.first?["fields"] == ["seen", 2])
            #expect(try await client.result("app/request/get")["decoder"] == "", "a trial stores nothing")
            let broken = try await client.result(
                "app/request/dry_uplink",
                ["payload_raw": "AgM=", "port": 1, "decoder": "function Decoder(b) { throw new Error('no') }"],
            )
            #expect(broken["payload_fields"] == nil)
            #expect(broken["error"]?["message"]?.text?.contains("no") == true)
            let down = try await client.result(
                "app/request/dry_downlink",
                ["payload_fields": ["on": true], "port": 3, "encoder": "function Encoder(o) { return [o.on ? 1 : 0] }"],
            )
            #expect(down["payload_raw"] == "AQ==")
            #expect(down["port"] == 3)

            let events = try await client.result("app/request/events", ["dev_id": "a1"])["events"]?.elements
            let names = events?.map { $0["event"]?.text ?? "" } ?? []
            #expect(names.contains("events/down/scheduled"))
            #expect(names.contains("up"))
            #expect(events?.last?["data"]?["payload_fields"] == ["temperature_3": 27.2])
        }
    }

    @Test("multicast groups are made, filled, sent to and deleted", arguments: [MQTTProtocolVersion.v5, .v311])
    func groups(_ version: MQTTProtocolVersion) async throws {
        let device = try SceneDevice.abp("c1", 1, extra: "class: C")
        try await Scene.managed([device], version: version) { scene, client in
            let made = try await client.result(
                "app/request/create_multicast_group",
                [
                    "group_id": "lamps", "addr": "26fffff1", "class": "C",
                    "nwk_s_key": "55555555555555555555555555555501", "app_s_key": "66666666666666666666666666666601",
                ],
            )
            #expect(made["addr"] == "26FFFFF1")
            #expect(made["nwk_s_key"] == nil)
            let keyed = try await client.result("app/request/keys/multicast_groups")["multicast_groups"]?.elements
            #expect(keyed?.first?["nwk_s_key"] == "55555555555555555555555555555501")
            let member: JSONValue = ["group_id": "lamps", "dev_id": "c1"]
            let filled = try await client.result("app/request/add_device_to_multicast_group", member)
            #expect(filled["devices"] == ["c1"])
            #expect(
                try await client.fault("app/request/add_device_to_multicast_group", member)["code"] == "already_exists"
            )
            let shown = try await client.result("app/request/device", ["dev_id": "c1"])
            #expect(shown["multicast_groups"] == ["lamps"])
            try await eventually("the RAN knows the group") {
                let groups = try await client.result("app/request/multicast_groups", ["group_id": "lamps"])
                return groups["multicast_groups"]?.elements?.first?["ran"] == ["state": "in_effect"]
            }
            let sent = try await client.result(
                "app/request/send_multicast",
                ["group_id": "lamps", "port": 9, "payload_raw": "AQI="],
            )
            #expect(sent["state"] == "queued")
            _ = try await scene.next("app/devices/lamps/events/down/scheduled")
            let renamed = try await client.result(
                "app/request/update_multicast_group",
                ["group_id": "lamps", "name": "all lamps"],
            )
            #expect(renamed["name"] == "all lamps")
            let taken = try await client.fault(
                "app/request/register_device",
                ["dev_id": "lamps", "device": ManagementTests.otaa],
            )
            #expect(taken["code"] == "already_exists")
            let emptied = try await client.result("app/request/remove_device_from_multicast_group", member)
            #expect(emptied["devices"] == [])
            _ = try await client.result("app/request/delete_multicast_group", ["group_id": "lamps"])
            #expect(try await client.result("app/request/multicast_groups")["multicast_groups"] == [])
        }
    }

    @Test("an import takes each line wholly or not at all and says what is wrong with the others")
    func importing() async throws {
        try await Scene.managed([try SceneDevice.abp("a1", 1)]) { scene, client in
            let key = "33333333333333333333333333333301"
            let lines = [
                #"{"dev_id":"b1","dev_eui":"0004A30B001C0531","app_eui":"0000000000000001","app_key":"\#(key)"}"#,
                #"{"dev_id":"b2","dev_eui":"0004A30B001C0532","app_eui":"0000000000000001","app_key":"short"}"#,
                #"{"dev_id":"b3","dev_eui":"70B3D57ED0000101","app_eui":"0000000000000001","app_key":"\#(key)"}"#,
                #"{"dev_id":"b1","dev_eui":"0004A30B001C0534","app_eui":"0000000000000001","app_key":"\#(key)"}"#,
                #"{"dev_id":"b5","dev_eui":"0004A30B001C0531","app_eui":"0000000000000001","app_key":"\#(key)"}"#,
                "nonsense",
            ]
            let report = try await client.result(
                "app/request/import_devices",
                ["format": "jsonl", "data": .string(lines.joined(separator: "\n"))],
            )
            #expect(report["lines"] == 6)
            #expect(report["created"] == 1)
            #expect(report["failed"] == 5)
            let errors = report["errors"]?.elements ?? []
            #expect(errors.map { $0["line"] } == [2, 3, 4, 5, 6])
            #expect(errors[0]["field"] == "app_key")
            #expect(errors[1]["code"] == "already_exists")
            #expect(errors[2]["field"] == "dev_id")
            #expect(errors[3]["code"] == "already_exists")
            try await eventually("the row of the imported device") {
                try await scene.routedDevices() == ["70B3D57ED0000101", "0004A30B001C0531"]
            }
            let table = "id;dev_eui;join_eui;app_key;name\nb1;0004A30B001C0531;0000000000000001;\(key);renamed\n"
            let refused = try await client.result(
                "app/request/import_devices",
                ["format": "csv", "data": .string(table)]
            )
            #expect(refused["failed"] == 1, "it is registered otherwise")
            let replaced = try await client.result(
                "app/request/import_devices",
                ["format": "csv", "data": .string(table), "overwrite": true],
            )
            #expect(replaced["updated"] == 1)
            let again = try await client.result(
                "app/request/import_devices",
                ["format": "csv", "data": .string(table)]
            )
            #expect(again["unchanged"] == 1)
        }
    }

    @Test("an update of counters moves the session, and keys make a device another")
    func sessions() async throws {
        let device = try SceneDevice.abp("a1", 1)
        try await Scene.managed([device]) { scene, client in
            let shown = try await client.result(
                "app/request/update_device",
                ["dev_id": "a1", "device": ["f_cnt_up": 40, "f_cnt_down": 9]],
            )
            #expect(shown["lorawan_device"]?["f_cnt_up"] == 40)
            #expect(shown["lorawan_device"]?["f_cnt_down"] == 9)
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [3, 103, 1, 16])
            let refused = try await scene.next("app/devices/a1/events/up/errors")
            #expect(refused["reason"] == "f_cnt_replayed", "its counter is 0, below 40")
            let joined = try await client.result(
                "app/request/update_device",
                [
                    "dev_id": "a1",
                    "device": [
                        "dev_addr": nil, "nwk_s_key": nil, "app_s_key": nil, "app_eui": "0000000000000001",
                        "app_key": "33333333333333333333333333333301",
                    ],
                ],
            )
            #expect(joined["lorawan_device"]?["dev_addr"] == nil)
            #expect(joined["ran"] == ["state": "in_effect"])
            let row = try await scene.routingTable().first
            #expect(row?.joinEUI == EUI64(rawValue: 1))
            let fault = try await client.fault(
                "app/request/update_device",
                ["dev_id": "a1", "device": ["nwk_s_key": "33333333333333333333333333333301"]],
            )
            #expect(fault["code"] == "failed_precondition")
        }
    }

    @Test("what the configuration file names and a request took away stays away; what was changed stays changed")
    func coexistence() async throws {
        let devices = [try SceneDevice.abp("a1", 1), try SceneDevice.abp("a2", 2)]
        try await Scene.with(devices) { scene, bridge in
            let client = try await ManagementClient(scene.broker)
            _ = try await client.result("app/request/delete_device", ["dev_id": "a1"])
            _ = try await client.result(
                "app/request/update_device",
                ["dev_id": "a2", "device": ["description": "new"]]
            )
            try await bridge.kill9()
            let again = try scene.startBridge()
            try await scene.ready(again)
            #expect(try await client.fault("app/request/device", ["dev_id": "a1"])["code"] == "not_found")
            #expect(try await client.result("app/request/device", ["dev_id": "a2"])["description"] == "new")
            #expect(try await scene.routedDevices() == ["70B3D57ED0000102"])
            try await again.kill9()
            await client.stop()
        }
    }
}
