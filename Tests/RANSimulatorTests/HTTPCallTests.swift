// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTPCallTests {
    @Test("a device inserted is selected, updated, dropped")
    func routingTable() async throws {
        try await RunningSimulator.with { running async throws in
            let insert: JSONValue = ["DevEUI": "fedcba9876543210", "JoinEUI": "ffffffffffffffff", "Details": "{}"]
            let inserted = try await running.call("POST", "devices/insert", insert)
            #expect(inserted.status == 201)
            #expect(inserted.body["DevEUI"] == "fedcba9876543210")
            #expect(inserted.body["JoinEUI"] == "ffffffffffffffff")
            #expect(inserted.body["ActiveDevAddr"] == .null)
            #expect(inserted.body["Details"] == "{}")
            let createdAt = try #require(inserted.body["CreatedAt"]?.text)
            #expect(createdAt.count == 26 || createdAt.count == 19)
            #expect(!createdAt.hasSuffix("Z"))

            let update: JSONValue = [
                "DevEUI": "fedcba9876543210", "JoinEUI": "ffffffffffffffff", "TargetDevAddr": "fefefefe",
            ]
            let updated = try await running.call("POST", "devices/update", update)
            #expect(updated.body["TargetDevAddr"] == "fefefefe")
            #expect(updated.body["ActiveDevAddr"] == .null)

            let abp: JSONValue = ["DevEUI": "0000000000000001", "DevAddr": "fefefefe"]
            #expect(try await running.call("POST", "devices/insert", abp).status == 201)
            let all = try await running.call("GET", "devices/select")
            #expect(all.body.elements?.compactMap { $0["DevEUI"]?.text } == ["fedcba9876543210", "0000000000000001"])
            let paged = try await running.call("GET", "devices/select?offset=1&limit=5")
            #expect(paged.body.elements?.count == 1)
            let named = try await running.call(
                "GET",
                "devices/select?DevEUIs=0000000000000001&DevEUIs=00000000000000ff"
            )
            #expect(named.body.elements?.compactMap { $0["DevEUI"]?.text } == ["0000000000000001"])

            let drop: JSONValue = ["DevEUIs": ["0000000000000001", "00000000000000ff"]]
            #expect(try await running.call("POST", "devices/drop", drop).body == ["deleted": 1])
            #expect(try await running.call("POST", "devices/drop-all").body == ["deleted": 1])
            #expect(try await running.call("GET", "devices/select").body == [])
        }
    }

    @Test("the older base path is served too")
    func olderBasePath() async throws {
        try await RunningSimulator.with { running async throws in
            #expect(try await running.call("GET", "devices/select", base: "/api/v1/").status == 200)
            #expect(try await running.call("GET", "devices/select", base: "/api/v2/").status == 404)
        }
    }

    @Test("multicast groups follow their devices")
    func multicastGroups() async throws {
        try await RunningSimulator.with { running async throws in
            let path = "multicast/multicast-groups/"
            let created = try await running.call("POST", path + "create", ["name": "lamps", "addr": "ef046a1e"])
            #expect(created.status == 201)
            #expect(created.body["devices"] == [])
            #expect(created.body["name"] == "lamps")
            #expect(
                try await running.refusal("POST", path + "create", ["name": "x", "addr": "ef046a1e"])
                    == "MulticastGroup.AlreadyExists"
            )

            let member: JSONValue = ["addr": "ef046a1e", "dev_eui": "0000000000000001"]
            #expect(try await running.refusal("POST", path + "add-device", member) == "Device.NotFound")
            let stranger: JSONValue = ["addr": "00000000", "dev_eui": "0000000000000001"]
            #expect(try await running.refusal("POST", path + "add-device", stranger) == "MulticastGroup.NotFound")
            _ = try await running.call("POST", "devices/insert", ["DevEUI": "0000000000000001", "DevAddr": "00000001"])
            #expect(try await running.call("POST", path + "add-device", member).body == ["is_added": true])
            #expect(
                try await running.refusal("POST", path + "add-device", member)
                    == "MulticastGroup.AlreadyContainsTheDevice"
            )

            let update: JSONValue = ["addr": "ef046a1e", "update": ["name": "lights", "addr": "ffffffff"]]
            #expect(try await running.call("POST", path + "update", update).body["name"] == "lights")
            #expect(try await running.refusal("POST", path + "update", update) == "MulticastGroup.NotFound")
            let got = try await running.call("POST", path + "get", ["addrs": []])
            #expect(got.body.elements?.first?["devices"] == ["0000000000000001"])
            #expect(try await running.call("POST", path + "remove-device", stranger).body == ["is_removed": false])
            _ = try await running.call("POST", "devices/drop-all")
            let emptied = try await running.call("POST", path + "get", ["addrs": ["ffffffff"]])
            #expect(emptied.body.elements?.first?["devices"] == [])
            #expect(try await running.call("POST", path + "delete", ["addrs": ["ffffffff"]]).body == ["deleted": 1])
        }
    }

    @Test(
        "a wrong body is refused with its fields",
        arguments: [
            ("devices/insert", #"{"DevEUI":"1"}"#, ["DevEUI", nil]),
            ("devices/insert", #"{"DevEUI":"0000000000000001"}"#, [nil]),
            (
                "devices/insert", #"{"DevEUI":"0000000000000001","JoinEUI":"0000000000000001","DevAddr":"00000001"}"#,
                [nil]
            ),
            ("devices/insert", #"{"DevEUI":null,"DevAddr":"00000001"}"#, ["DevEUI"]),
            ("devices/insert", #"[]"#, [nil]),
            ("devices/insert", #"{"#, [nil]),
            ("devices/update", #"{"DevEUI":"0000000000000001","JoinEUI":"0000000000000001"}"#, [nil]),
            (
                "devices/update", #"{"DevEUI":"0000000000000001","JoinEUI":"0000000000000001","ActiveDevAddr":null}"#,
                ["ActiveDevAddr"]
            ),
            ("devices/drop", #"{"DevEUIs":["x"]}"#, ["DevEUIs"]),
            ("multicast/multicast-groups/create", #"{"addr":"00000001"}"#, ["name"]),
            ("multicast/multicast-groups/update", #"{"addr":"00000001","update":{}}"#, ["update"]),
        ] as [(String, String, [String?])],
    )
    func validation(call: String, body: String, fields: [String?]) async throws {
        try await RunningSimulator.with { running async throws in
            let client = SocketClient()
            try await client.connect(port: running.port)
            let path = "/api/v1.0/" + call
            let (status, text) = try await client.request(
                "POST",
                path,
                body: Array(body.utf8),
                token: RunningSimulator.token
            )
            let detail = try JSONValue(parsing: text)["detail"]
            #expect(status == 422)
            #expect(detail?["error_code"] == "ValidationFailed")
            let issues = try #require(detail?["error_detail"]?.elements)
            let named = issues.map { $0["loc"]?.elements?.compactMap(\.text).dropFirst().first }
            #expect(named == fields)
        }
    }

    @Test("every documented device error is answered")
    func deviceErrors() async throws {
        try await RunningSimulator.with {
            $0.subscriptionLimit = 1
        } _: { running async throws in
            let abp: JSONValue = ["DevEUI": "0000000000000001", "DevAddr": "00000001"]
            #expect(try await running.call("POST", "devices/insert", abp).status == 201)
            #expect(try await running.refusal("POST", "devices/insert", abp) == "Device.AlreadyExists")
            let more: JSONValue = ["DevEUI": "0000000000000002", "DevAddr": "00000001"]
            #expect(try await running.refusal("POST", "devices/insert", more) == "Device.LimitExhausted")
            let update: JSONValue = [
                "DevEUI": "0000000000000003", "JoinEUI": "0000000000000001", "ActiveDevAddr": "00000001",
            ]
            #expect(try await running.refusal("POST", "devices/update", update) == "Device.NotFound")
            let abpUpdate: JSONValue = [
                "DevEUI": "0000000000000001", "JoinEUI": "0000000000000001", "ActiveDevAddr": "00000001",
            ]
            #expect(try await running.refusal("POST", "devices/update", abpUpdate) == "ValidationFailed")
            #expect(try await running.refusal("GET", "devices/select?offset=-1") == "ValidationFailed")
            #expect(try await running.refusal("GET", "devices/select?DevEUIs=12") == "ValidationFailed")
            #expect(try await running.refusal("GET", "devices/nothing") == "Unknown")
        }
    }

    @Test("a wrong token is refused everywhere", arguments: ["", "wrong"])
    func wrongToken(token: String) async throws {
        try await RunningSimulator.with { running async throws in
            let call = try await running.call("GET", "devices/select", token: token)
            #expect(call.status == 401)
            #expect(call.body["detail"]?["error_code"] == "Unauthorized")
            for stream in ["upstream", "downstream"] {
                let client = SocketClient()
                try await client.connect(port: running.port)
                #expect(try await client.open("/api/v1.0/stream/\(stream)/?access_token=\(token)") == 401)
            }
            await running.expect { $0.unauthorized == 3 }
        }
    }

    @Test("calls can be made to fail with any status, and on one connection one after the other")
    func failingCalls() async throws {
        try await RunningSimulator.with { running async throws in
            try await running.simulator.inject(.httpStatus(503, count: 2))
            let client = SocketClient()
            try await client.connect(port: running.port)
            var statuses: [Int] = []
            for _ in 0..<3 {
                let path = "/api/v1.0/devices/drop-all"
                statuses.append(try await client.request("POST", path, body: [], token: RunningSimulator.token).status)
            }
            #expect(statuses == [503, 503, 200])
        }
    }
}
