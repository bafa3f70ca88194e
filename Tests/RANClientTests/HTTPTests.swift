// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import LoRaWAN
import Observability
import RANClient
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct HTTPTests: HTTPSuite {
    static let device = """
        {"DevEUI":"fedcba9876543210","JoinEUI":"8000000000000001","ActiveDevAddr":null,"TargetDevAddr":"ff00aa11",\
        "Details":"roof","CreatedAt":"2022-05-30T10:06:44.726471","Extra":1}
        """
    static let devEUI = EUI64(rawValue: 0xFEDC_BA98_7654_3210)
    static let joinEUI = EUI64(rawValue: 0x8000_0000_0000_0001)
    let requests = Events<PeerConnection.Request>()
    let metrics = MetricRegistry()

    @Test("a device is inserted as the wire wants it and read back with all 64 bits")
    func insert() async throws {
        let peer = peer([(201, HTTPTests.device)])
        let entry = try await client(peer).routingTable.insert(
            devEUI: HTTPTests.devEUI,
            joinEUI: HTTPTests.joinEUI,
            details: "roof",
        )
        #expect(
            entry
                == RoutingEntry(
                    devEUI: HTTPTests.devEUI,
                    joinEUI: HTTPTests.joinEUI,
                    activeDevAddr: nil,
                    targetDevAddr: DevAddr(rawValue: 0xFF00_AA11),
                    details: "roof",
                    createdAt: UnixTime(nanoseconds: 1_653_905_204_726_471_000),
                )
        )
        let request = await requests.next()
        #expect(request.method == "POST")
        #expect(request.target == "/api/v1.0/devices/insert")
        #expect(request.headers["authorization"] == "Bearer s3cret+/token")
        #expect(request.headers["content-type"] == "application/json")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"DevEUI":"fedcba9876543210","JoinEUI":"8000000000000001","Details":"roof"}"#
        )
    }

    @Test("every other call of the routing table is written as the wire wants it")
    func routingTable() async throws {
        let peer = peer([
            (201, HTTPTests.device), (200, HTTPTests.device), (200, "[\(HTTPTests.device)]"), (200, #"{"deleted":2}"#),
            (200, #"{"deleted":9}"#),
        ])
        let table = try client(peer).routingTable
        let devAddr = DevAddr(rawValue: 0x0102_0304)
        try await table.insert(devEUI: HTTPTests.devEUI, devAddr: devAddr)
        try await table.update(devEUI: HTTPTests.devEUI, joinEUI: HTTPTests.joinEUI, activeDevAddr: devAddr)
        #expect(try await table.select(devEUIs: [HTTPTests.devEUI], offset: 1, limit: 5).count == 1)
        #expect(try await table.delete(devEUIs: [HTTPTests.devEUI, HTTPTests.devEUI]) == 2)
        #expect(try await table.deleteAll() == 9)
        let insert = await requests.next()
        #expect(insert.document == ["DevEUI": "fedcba9876543210", "DevAddr": "01020304"])
        let update = await requests.next()
        #expect(update.target == "/api/v1.0/devices/update")
        #expect(
            update.document
                == ["DevEUI": "fedcba9876543210", "JoinEUI": "8000000000000001", "ActiveDevAddr": "01020304"]
        )
        let select = await requests.next()
        #expect(select.method == "GET")
        #expect(select.target == "/api/v1.0/devices/select?DevEUIs=fedcba9876543210&offset=1&limit=5")
        #expect(await requests.next().document == ["DevEUIs": ["fedcba9876543210"]])
        let deleteAll = await requests.next()
        #expect(deleteAll.target == "/api/v1.0/devices/drop-all")
        #expect(deleteAll.body.isEmpty)
    }

    @Test(
        "a select without a limit pages through all rows, and one of an empty list asks nothing",
        arguments: [0, 1, 1000, 2345, 9000, 12_001],
    )
    func paging(_ count: Int) async throws {
        let peer = Peer { [requests] connection, _ in
            while true {
                let request = try connection.request()
                requests.add(request)
                let words = request.target.split(whereSeparator: { "?&=".contains($0) }).map(String.init)
                func number(_ name: String) -> Int { words.firstIndex(of: name).flatMap { Int(words[$0 + 1]) } ?? 0 }
                let rows = (0..<count).dropFirst(number("offset")).prefix(number("limit")).map { number in
                    let devEUI = EUI64(rawValue: UInt64(number)).hex
                    return #"{"DevEUI":"\#(devEUI)","JoinEUI":"\#(devEUI)","CreatedAt":"2022-05-30T10:06:44"}"#
                }
                try connection.respond(200, "[\(rows.joined(separator: ","))]")
            }
        }
        let table = try client(peer).routingTable
        #expect(try await table.select(devEUIs: []).isEmpty)
        let rows = try await table.select()
        #expect(rows.map(\.devEUI.rawValue) == (0..<UInt64(count)).map(\.self))
        #expect(await requests.next().target == "/api/v1.0/devices/select?limit=1000")
    }

    @Test("calls one after the other use one connection")
    func keepAlive() async throws {
        let connections = Events<Int>()
        let peer = Peer { connection, number in
            connections.add(number)
            while true {
                _ = try connection.request()
                try connection.respond(200, #"{"deleted":0}"#)
            }
        }
        let table = try client(peer).routingTable
        for _ in 0..<5 { try await table.deleteAll() }
        peer.stop()
        connections.add(0)
        #expect(await connections.next() == 1)
        #expect(await connections.next() == 0)
    }

    @Test(
        "each documented error code has its case, with the server's words and without the token",
        arguments: [
            ("Device.AlreadyExists", "device_already_exists"), ("Device.LimitExhausted", "device_limit_exhausted"),
            ("Device.NotFound", "device_not_found"), ("Unauthorized", "unauthorized"),
            ("MulticastGroup.AlreadyExists", "multicast_group_already_exists"),
            ("MulticastGroup.NotFound", "multicast_group_not_found"),
            ("MulticastGroup.AlreadyContainsTheDevice", "multicast_group_already_contains_device"),
            ("Unknown", "refused"), ("Something.New", "refused"), ("ValidationFailed", "validation_failed"),
        ]
    )
    func errorCodes(code: String, reason: String) async throws {
        let peer = peer([
            (
                400,
                #"{"detail":{"error_code":"\#(code)","error_description":"what s3cret+/token said","#
                    + #""error_detail":[{"loc":["body","DevEUI"],"msg":"too short","type":"value_error"}]}}"#
            )
        ])
        let client = try client(peer)
        do throws(RANError) {
            try await client.routingTable.deleteAll()
            Issue.record("a 400 is an error")
        } catch {
            #expect(error.reason == reason)
            #expect("\(error)".contains("what *** said"))
            #expect(!error.isTransient)
            if case .validationFailed(_, let problems) = error {
                #expect(
                    problems == [ValidationProblem(location: "body.DevEUI", message: "too short", kind: "value_error")]
                )
            }
        }
        #expect(metrics.counter("ran_http_retries_total", ("coverage", "test")).value == 0)
    }

    @Test("any other body is an unknown error that carries its text", arguments: [404, 418, 500, 503])
    func unknownErrors(status: Int) async throws {
        let peer = peer([(status, "<html>a proxy's page</html>")])
        let impatient = try client(peer, attempts: 2)
        do throws(RANError) {
            try await impatient.routingTable.deleteAll()
            Issue.record("\(status) is an error")
        } catch {
            #expect(error.reason == (status >= 500 ? "server_error" : "refused"))
            #expect("\(error)".contains("<html>a proxy's page</html>"))
            #expect("\(error)".contains("HTTP \(status)"))
        }
        #expect(metrics.counter("ran_http_retries_total", ("coverage", "test")).value == (status >= 500 ? 1 : 0))
    }

    @Test("a 401 without a document is a wrong token")
    func unauthorized() async throws {
        let peer = peer([(401, "")])
        await #expect { try await client(peer).routingTable.deleteAll() } throws: {
            if case RANError.unauthorized = $0 { true } else { false }
        }
    }

    @Test("an answer that is no JSON or lacks what was promised is a protocol violation", arguments: ["{", "[]", "{}"])
    func violations(body: String) async throws {
        let peer = peer([(200, body)])
        await #expect { try await client(peer).routingTable.deleteAll() } throws: {
            if case RANError.protocolViolation = $0 { true } else { false }
        }
    }

    @Test("what no server would accept is refused without a call")
    func parameters() async throws {
        let peer = peer([(500, "")])
        let client = try client(peer)
        let groups = client.multicastGroups
        let address = DevAddr(rawValue: 1)
        func refuses(_ body: () async throws(RANError) -> Void) async {
            do throws(RANError) {
                try await body()
                Issue.record("not refused")
            } catch {
                #expect(error.reason == "invalid_parameter")
            }
        }
        await refuses { () throws(RANError) in _ = try await client.routingTable.select(offset: -1) }
        await refuses { () throws(RANError) in _ = try await client.routingTable.select(limit: -1) }
        await refuses { () throws(RANError) in
            try await client.routingTable.update(devEUI: HTTPTests.devEUI, joinEUI: HTTPTests.joinEUI)
        }
        await refuses { () throws(RANError) in
            try await groups.create(name: String(repeating: "x", count: 256), address: address)
        }
        await refuses { () throws(RANError) in try await groups.update(address: address) }
        #expect(metrics.counter("ran_http_calls_total", ("coverage", "test")).value == 0)
    }

    @Test("every call of the multicast groups is written as the wire wants it")
    func multicastGroups() async throws {
        let group = """
            {"addr":"ffed8719","name":"lamps","created_at":"2022-05-30T10:06:44","devices":["fedcba9876543210"],"id":3}
            """
        let peer = peer([
            (201, group), (200, group), (200, "[\(group)]"), (200, "[]"), (201, #"{"is_added":true}"#),
            (200, #"{"is_removed":false}"#), (200, #"{"deleted":1}"#),
        ])
        let groups = try client(peer).multicastGroups
        let address = DevAddr(rawValue: 0xFFED_8719)
        let made = try await groups.create(name: "lamps", address: address)
        #expect(
            made
                == MulticastGroup(
                    address: address,
                    name: "lamps",
                    createdAt: UnixTime(nanoseconds: 1_653_905_204_000_000_000),
                    devices: [HTTPTests.devEUI],
                )
        )
        try await groups.update(address: address, name: "b", newAddress: DevAddr(rawValue: 1))
        #expect(try await groups.get().count == 1)
        #expect(try await groups.get(addresses: [address]).isEmpty)
        #expect(try await groups.get(addresses: []).isEmpty)
        #expect(try await groups.addDevice(HTTPTests.devEUI, to: address))
        #expect(try await !groups.removeDevice(HTTPTests.devEUI, from: address))
        #expect(try await groups.delete(addresses: [address]) == 1)
        let prefix = "/api/v1.0/multicast/multicast-groups/"
        let expected: [(String, JSONValue)] = [
            ("create", ["name": "lamps", "addr": "ffed8719"]),
            ("update", ["addr": "ffed8719", "update": ["name": "b", "addr": "00000001"]]),
            ("get", ["addrs": []]), ("get", ["addrs": ["ffed8719"]]),
            ("add-device", ["addr": "ffed8719", "dev_eui": "fedcba9876543210"]),
            ("remove-device", ["addr": "ffed8719", "dev_eui": "fedcba9876543210"]),
            ("delete", ["addrs": ["ffed8719"]]),
        ]
        for (path, document) in expected {
            let request = await requests.next()
            #expect(request.target == prefix + path)
            #expect(request.document == document)
        }
    }
}
