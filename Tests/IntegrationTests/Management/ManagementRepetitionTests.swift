// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import TestSupport
import Testing

/// Requests that are repeated under their ids, because their answers were lost.
@Suite struct ManagementRepetitionTests {
    @Test("a request repeated under its id gets the same answer and is not done twice, also across a restart")
    func repeated() async throws {
        try await Scene.with([]) { scene, bridge in
            let client = try await ManagementClient(scene.broker, .v311)
            _ = try await client.result("admin/request/register", ["app_id": "app", "request_id": "make"])
            let again = client.test.record.value.messages.count
            try await client.publish("admin/request/register", #"{"app_id":"app","request_id":"make"}"#)
            let second = try await client.test.record.wait(for: "the answer again") { $0.messages.count > again }
            #expect(second.messages.last?.json?["ok"] == true, "not already_exists")

            let device = ManagementTests.otaa
            let body = #"{"request_id":"r1","dev_id":"d1","device":\#(device.jsonText)}"#
            try await client.publish("app/request/register_device", body)
            let first = try await client.answer("an answer") { $0.topic == "app/response/r1" }
            #expect(first["result"]?["ran"] == ["state": "in_effect"])
            _ = try await client.result("app/request/delete_device", ["dev_id": "d1"])
            try await bridge.kill9()
            let restarted = try scene.startBridge()
            try await scene.ready(restarted)
            let count = client.test.record.value.messages.count
            try await client.publish("app/request/register_device", body)
            let record = try await client.test.record.wait(for: "the same answer") { $0.messages.count > count }
            #expect(record.messages.last?.json == first)
            #expect(try await client.fault("app/request/device", ["dev_id": "d1"])["code"] == "not_found")
            #expect(try await scene.routedDevices().isEmpty)
            // The same id for something else is a mistake, not a repetition.
            let other = try await client.fault("app/request/get", ["request_id": "r1"])
            #expect(other["field"] == "request_id")
            // What one scope was told is not told to another: a reader without keys learns none by repeating.
            _ = try await client.result("app/request/register_device", ["dev_id": "d1", "device": device])
            let keyed = try await client.result("app/request/keys/device", ["dev_id": "d1", "request_id": "k1"])
            #expect(keyed["lorawan_device"]?["app_key"] != nil)
            let bare = try await client.result("app/request/device", ["dev_id": "d1", "request_id": "k1"])
            #expect(bare["lorawan_device"]?["app_key"] == nil)
            try await restarted.kill9()
            await client.stop()
        }
    }

    @Test("an import that kill -9 cuts short is taken up where it was, and no line of it is done twice")
    func importing() async throws {
        try await Scene.with([]) { scene, first in
            let client = try await ManagementClient(scene.broker, .v311)
            var bridge = first
            var isCut = false
            for attempt in 0..<6 where !isCut {
                let application = "app\(attempt)"
                _ = try await client.result("admin/request/register", ["app_id": .string(application)])
                let lines = ["nonsense"] + (0..<4000).map { Self.line($0, attempt) } + ["[]"]
                let body: JSONValue = [
                    "request_id": "many", "format": "jsonl", "data": .string(lines.joined(separator: "\n")),
                ]
                // Beside the import, not before it: the broker has taken it when this returns.
                try await client.publish("\(application)/request/import_devices", body.jsonText)
                _ = try await scene.next("\(application)/devices/d0000/events/create")
                try await bridge.kill9()
                bridge = try scene.startBridge()
                try await scene.ready(bridge)
                let left = try await client.result("admin/request/applications")["applications"]?.elements?
                    .first { $0["app_id"]?.text == application }?["devices"]?.wholeNumber
                isCut = try #require(left) < 4000
                // What was done before the crash and undone since stays undone.
                _ = try await client.result("\(application)/request/delete_device", ["dev_id": "d0000"])
                try await client.publish("\(application)/request/import_devices", body.jsonText)
                let answer = try await client.answer("the report") { $0.topic == "\(application)/response/many" }
                #expect(answer["result"]?["created"] == 4000, "\(answer.jsonText.prefix(500))")
                #expect(answer["result"]?["unchanged"] == 0)
                #expect(answer["result"]?["errors"]?.elements?.map { $0["line"] } == [1, 4002])
                let fault = try await client.fault("\(application)/request/device", ["dev_id": "d0000"])
                #expect(fault["code"] == "not_found")
                let creations = scene.listener.record.value.messages.count {
                    $0.topic == "\(application)/devices/d0600/events/create"
                }
                #expect(creations >= 1)
            }
            #expect(isCut, "no import was cut short")
            try await bridge.kill9()
            await client.stop()
        }
    }

    private static func line(_ number: Int, _ attempt: Int) -> String {
        let devEUI = EUI64(rawValue: 0x70B3_D57E_D200_0000 + UInt64(attempt * 10_000 + number)).upperHex
        let name = "d\(String(number + 10_000).dropFirst())"
        return #"{"dev_id":"\#(name)","dev_eui":"\#(devEUI)","app_eui":"0000000000000001","#
            + #""app_key":"33333333333333333333333333333301"}"#
    }

    @Test("whenever kill -9 comes, a request that is repeated after it is done once and answered as done")
    func killed() async throws {
        let device = try SceneDevice.abp("c1", 1, extra: "class: C")
        try await Scene.with([device]) { scene, first in
            var bridge = first
            var random = SeededGenerator(seed: 7)
            for victim in Self.requests(0).indices {
                let client = try await ManagementClient(scene.broker, .v311)
                let requests = Self.requests(victim)
                var told: [String: JSONValue] = [:]
                for request in requests[..<victim] { told[request.id] = try await Self.answer(to: request, client) }
                try await Self.publish(requests[victim], client)
                // Another moment each time: some words with the broker later.
                for _ in 0..<Int.random(in: 0..<30, using: &random) { try await client.publish("aside", "") }
                try await bridge.kill9()
                bridge = try scene.startBridge()
                try await scene.ready(bridge)
                for request in requests {
                    // The answer may have come before the end, or after it from a bridge that was given the request again.
                    let topic = "app/response/\(request.id)"
                    let heard = client.test.record.value.messages.first { $0.topic == topic }?.json
                    let answer = try await Self.answer(to: request, client)
                    #expect(answer["ok"] == true, "\(requests[victim]) was killed, \(request): \(answer.jsonText)")
                    if let former = told[request.id] ?? heard { #expect(answer == former, "\(request)") }
                }
                let shown = try await client.result("app/request/devices")["devices"]?.elements
                #expect(shown?.map { $0["dev_id"] } == ["c1"])
                #expect(shown?.first?["lorawan_device"]?["f_cnt_down"]?.wholeNumber ?? 0 >= 100 + Int64(victim))
                #expect(try await client.result("app/request/multicast_groups")["multicast_groups"] == [])
                await client.stop()
            }
            try await bridge.kill9()
        }
    }

    private struct Request: CustomStringConvertible {
        var id: String
        var method: String
        var body: JSONObject
        var description: String { method }
    }

    /// Most of them fail when they are done twice, or when one before was not done.
    private static func requests(_ round: Int) -> [Request] {
        let group: JSONObject = ["group_id": .string("g\(round)")]
        func with(_ members: JSONObject) -> JSONObject {
            var body = group
            for member in members.members { body[member.name] = member.value }
            return body
        }
        let counter = JSONValue.integer(Int64(100 + round))
        let steps: [(String, JSONObject)] = [
            (
                "create_multicast_group",
                with([
                    "addr": .string("26FFFF\(10 + round)"), "class": "C",
                    "nwk_s_key": "55555555555555555555555555555501", "app_s_key": "66666666666666666666666666666601",
                ])
            ),
            ("add_device_to_multicast_group", with(["dev_id": "c1"])),
            ("send_multicast", with(["port": 9, "payload_raw": "AQI="])),
            ("update_multicast_group", with(["name": "others"])),
            ("update_device", ["dev_id": "c1", "device": ["f_cnt_down": counter]]),
            ("register_device", ["dev_id": "o1", "device": ManagementTests.otaa]),
            ("update_device", ["dev_id": "o1", "device": ["description": .string("round \(round)")]]),
            ("delete_device", ["dev_id": "o1"]),
            ("clear_downlink_queue", ["dev_id": "c1"]),
            ("remove_device_from_multicast_group", with(["dev_id": "c1"])),
            ("delete_multicast_group", group),
        ]
        return steps.enumerated().map { number, step in
            Request(id: "r\(round).\(number)", method: step.0, body: step.1)
        }
    }

    private static func publish(_ request: Request, _ client: ManagementClient) async throws {
        var body = request.body
        body["request_id"] = .string(request.id)
        try await client.publish("app/request/\(request.method)", JSONValue.object(body).jsonText)
    }

    private static func answer(to request: Request, _ client: ManagementClient) async throws -> JSONValue {
        let earlier = client.test.record.value.messages.count
        try await publish(request, client)
        return try await client.answer("an answer to \(request)", after: earlier) {
            $0.topic == "app/response/\(request.id)"
        }
    }
}
