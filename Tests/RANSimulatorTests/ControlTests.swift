// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct ControlTests {
    @Test("an uplink asked for over HTTP shows in the report with its ack")
    func uplinkAndReport() async throws {
        let device = TestNetwork.abp("d1", 0xFEDC_BA98_7654_3210)
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            let body: JSONValue = [
                "dev_eui": "fedcba9876543210", "port": 9, "payload_hex": "c0ffee", "confirmed": true, "fcnt": 70_000,
                "fopts_hex": "0d",
            ]
            #expect(try await running.call("POST", "uplink", body, base: "/control/").body == ["queued": true])
            let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
            let frame = try upstream.data
            #expect(frame.isConfirmed && frame.counter == 4464 && frame.options == [0x0D])
            let keys = TestNetwork.keys(device.devEUI.rawValue)
            let mic = MIC.dataUplink10(
                key: keys.fNwkSIntKey,
                devAddr: frame.devAddr,
                counter: 70_000,
                octets: upstream.octets,
            )
            try await socket.send(TestNetwork.ack(upstream, device.devEUI, mic.rawValue))
            await running.expect { $0.acks == 1 }
            let report = try await running.call("GET", "report", token: nil, base: "/control/").body
            #expect(report["acks"] == 1)
            let uplink = report["devices"]?.elements?.first?["uplinks"]?.elements?.first
            #expect(uplink?["fcnt"] == 70_000)
            #expect(uplink?["payload_hex"] == "c0ffee")
            #expect(uplink?["acked"] == true)
            #expect(report["devices"]?.elements?.first?["next_fcnt_up"] == 70_001)
        }
    }

    @Test(
        "what makes no sense is refused in words",
        arguments: [
            ("uplink", #"{}"#), ("uplink", #"{"dev_eui":"0000000000000009"}"#), ("uplink", "no JSON"),
            ("uplink", #"{"dev_eui":"0000000000000001","port":256}"#),
            ("uplink", #"{"dev_eui":"0000000000000001","payload_hex":"abc","port":1}"#),
            ("uplink", #"{"dev_eui":"0000000000000001","payload_hex":"ab"}"#),
            ("join", #"{"dev_eui":"0000000000000001"}"#), ("faults", #"{"burn":true}"#),
            ("faults", #"{"slow_ms":"much"}"#), ("faults", #"[]"#),
        ] as [(String, String)],
    )
    func refusals(call: String, body: String) async throws {
        try await RunningSimulator.with([TestNetwork.abp("d1", 1)]) { running async throws in
            let client = SocketClient()
            try await client.connect(port: running.port)
            let (status, text) = try await client.request("POST", "/control/" + call, body: Array(body.utf8))
            #expect(status == 400)
            #expect(try JSONValue(parsing: text)["error"]?.text?.isEmpty == false)
            #expect(try await running.call("GET", "nothing", base: "/control/").status == 404)
        }
    }

    @Test("a device can be added while it runs, in the words of a scenario")
    func addDevice() async throws {
        try await RunningSimulator.with { running async throws in
            let device: JSONValue = [
                "name": "late", "dev_eui": "fedcba9876543210", "dev_addr": "26011a01", "count": 2,
                "nwk_s_key": "00000000000000000000000000000001", "app_s_key": "00000000000000000000000000000002",
            ]
            #expect(try await running.call("POST", "devices", device, base: "/control/").body == ["added": 2])
            await running.expect { $0.devices.map(\.name) == ["late-0", "late-1"] }
            let again = try await running.call("POST", "devices", device, base: "/control/")
            #expect(again.status == 400)
            #expect(again.body["error"]?.text?.contains("two devices") == true)
            let wrong = try await running.call("POST", "devices", ["dev_eui": "1"], base: "/control/")
            #expect(wrong.status == 400)
            #expect(wrong.body["error"]?.text?.contains("dev_eui") == true)
        }
    }

    @Test("every fault has a form in JSON")
    func faultForms() async throws {
        try await RunningSimulator.with { running async throws in
            let faults: JSONValue = [
                "drop_sockets": "all", "close_sockets": ["sockets": "upstream", "code": 1001],
                "drop_upstream_every_ms": 0, "refuse_connections_ms": 0, "refuse_tokens": true, "slow_ms": 0,
                "http_status": ["status": 500, "count": 1], "freeze_sockets": false, "send_upstream": ["{"],
                "malformed_every": 0, "downstream_result": ["code": "NoAck", "message": "m", "count": 1],
                "ignore_downstream": 0,
            ]
            #expect(try await running.call("POST", "faults", faults, base: "/control/").body == ["injected": true])
            #expect(try await running.call("GET", "devices/select").status == 500)
            #expect(try await running.call("GET", "devices/select").status == 401)
        }
    }
}
