// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import TTNMessages
import Testing

@Suite struct V3RequestTests {
    private func command(_ body: String, _ action: RequestTopic.Action = .push) throws(RequestError) -> DownlinkCommand
    {
        let topic = RequestTopic(applicationID: "orchard", deviceID: "probe-7", action: action)
        return try DownlinkRequestParser().command(topic: topic, body: Array(body.utf8))
    }

    private func one(_ members: String) throws -> DownlinkRequest {
        try #require(try command("{\"downlinks\":[{\(members)}]}").requests.first)
    }

    private func error(_ body: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> RequestError {
        let thrown = #expect(throws: RequestError.self, sourceLocation: sourceLocation) { try command(body) }
        return try #require(thrown, sourceLocation: sourceLocation)
    }

    @Test func `a push of two is two requests in their order, each with its correlation ids`() throws {
        let body = """
            {"downlinks":[
              {"f_port":10,"frm_payload":"/wEC","priority":"NORMAL","confirmed":true,"correlation_ids":["one"]},
              {"f_port":11,"frm_payload":"AQ==","correlation_ids":["two"],"ttl":30,"unknown":1}
            ],"unknown":2}
            """
        let command = try command(body)
        #expect(command.schedule == .last)
        #expect(!command.discardsCurrent)
        #expect(
            command.requests == [
                DownlinkRequest(
                    port: 10,
                    payload: [0xFF, 1, 2],
                    isConfirmed: true,
                    priority: .normal,
                    correlationIDs: ["one"],
                    origin: .v3,
                ),
                DownlinkRequest(port: 11, payload: [1], ttl: 30, correlationIDs: ["two"], origin: .v3),
            ],
        )
    }

    @Test(arguments: [#"{"downlinks":[]}"#, "{}", #"{"downlinks":null}"#])
    func `replace with nothing empties the queue, push with nothing does nothing`(body: String) throws {
        #expect(try command(body, .replace) == DownlinkCommand(schedule: .replace, requests: []))
        #expect(try command(body, .push) == DownlinkCommand(schedule: .last, requests: []))
    }

    @Test func `a misspelt downlinks does not empty the queue`() throws {
        let error = #expect(throws: RequestError.self) { try command(#"{"downlink":[{"f_port":1}]}"#, .replace) }
        #expect(error?.report.field == "downlinks")
    }

    @Test func `replace leaves what is being sent alone`() throws {
        let command = try command(#"{"downlinks":[{"f_port":1,"frm_payload":"AQ=="}]}"#, .replace)
        #expect(command.schedule == .replace)
        #expect(!command.discardsCurrent)
    }

    @Test(arguments: ["/+8=", "_-8=", "/+8", "_-8"])
    func `every form of base64 is accepted and the padded standard form given back`(text: String) throws {
        let request = try one(#""f_port":1,"frm_payload":"\#(text)""#)
        #expect(request.payload == [0xFF, 0xEF])
        let message = try #require(try Encoded.v3(.downlink(Sample.downlink(.scheduled, request))).first)
        #expect(try message.json["downlink_queued"]?["frm_payload"] == "/+8=")
    }

    @Test func `the raw payload wins and the fields are carried along`() throws {
        let request = try one(#""f_port":1,"frm_payload":"AQ==","decoded_payload":{"a":1}"#)
        #expect(request.payload == [1])
        #expect(request.fields == Array(#"{"a":1}"#.utf8))
    }

    @Test func `fields alone need no port`() throws {
        let request = try one(#""decoded_payload":{"a":1}"#)
        #expect(request.payload == nil)
        #expect(request.port == nil)
    }

    @Test(arguments: [
        ("", DownlinkRequest.Priority.lowest), (#","priority":"LOWEST""#, .lowest), (#","priority":null"#, .lowest),
        (#","priority":"NORMAL""#, .normal), (#","priority":3"#, .normal), (#","priority":"HIGHEST""#, .highest),
        (#","priority":"BELOW_NORMAL""#, .belowNormal), (#","priority":6"#, .highest),
    ])
    func `priorities are names or numbers, the lowest by default`(
        member: String,
        priority: DownlinkRequest.Priority,
    ) throws {
        #expect(try one(#""f_port":1,"frm_payload":"AQ=="\#(member)"#).priority == priority)
    }

    @Test func `lower camel case and numbers as texts are read, as protobuf allows`() throws {
        let request = try one(
            #"""
            "fPort":"7","frmPayload":"AQ==","correlationIds":["c"],
            "classBC":{"absoluteTime":"2024-05-02T10:00:01.5Z"},"confirmedRetry":{"maxAttempts":"5"}
            """#,
        )
        #expect(request.port == 7)
        #expect(request.correlationIDs == ["c"])
        #expect(request.forbidsClassA)
        #expect(request.absoluteTime == UnixTime(milliseconds: 1_714_644_001_500))
        #expect(request.maximumAttempts == 5)
    }

    @Test func `class_b_c without a time still forbids class A`() throws {
        let request = try one(#""f_port":1,"frm_payload":"AQ==","class_b_c":{"gateways":[{"gateway_ids":{}}]}"#)
        #expect(request.forbidsClassA)
        #expect(request.absoluteTime == nil)
    }

    @Test(arguments: [
        (#""f_port":224,"frm_payload":"AQ==""#, "f_port", RequestReason.invalidPort),
        (#""f_port":256,"frm_payload":"AQ==""#, "f_port", .invalidPort),
        (#""f_port":"x","frm_payload":"AQ==""#, "f_port", .invalidPort),
        (#""frm_payload":"AQ==""#, "f_port", .noPort),
        (#""f_port":0,"frm_payload":"AQ==""#, "f_port", .noPort),
        (#""f_port":1,"frm_payload":"=""#, "frm_payload", .payloadEncoding),
        (#""f_port":1,"frm_payload":7"#, "frm_payload", .wrongType),
        (#""f_port":1,"frm_payload":"AQ==","priority":"URGENT""#, "priority", .invalidPriority),
        (#""f_port":1,"frm_payload":"AQ==","priority":7"#, "priority", .invalidPriority),
        (#""f_port":1,"frm_payload":"AQ==","class_b_c":true"#, "class_b_c", .wrongType),
        (
            #""f_port":1,"frm_payload":"AQ==","class_b_c":{"absolute_time":"soon"}"#, "class_b_c.absolute_time",
            .invalidTime
        ),
        (
            #""f_port":1,"frm_payload":"AQ==","confirmed_retry":{"max_attempts":0}"#, "confirmed_retry.max_attempts",
            .invalidAttempts
        ),
        (
            #""f_port":1,"frm_payload":"AQ==","confirmed_retry":{"max_attempts":101}"#, "confirmed_retry.max_attempts",
            .invalidAttempts
        ),
        (#""f_port":1,"decoded_payload":[1]"#, "decoded_payload", .wrongType),
        (#""f_port":1,"frm_payload":"AQ==","confirmed":"yes""#, "confirmed", .wrongType),
    ])
    func `one wrong member refuses the whole request and each downlink is answered`(
        members: String,
        field: String,
        reason: RequestReason,
    ) throws {
        let good = #"{"f_port":1,"frm_payload":"AQ==","correlation_ids":["good"]}"#
        let error = try error("{\"downlinks\":[\(good),{\"correlation_ids\":[\"bad\"],\(members)}]}")
        #expect(error.reason == reason)
        #expect(error.report.field == "downlinks[1].\(field)")
        #expect(error.requests.map(\.correlationIDs) == [["good"], ["bad"]])
        let events = error.events(for: Sample.device, at: Sample.time)
        for (event, id) in zip(events, ["good", "bad"]) {
            let message = try #require(try Encoded.v3(.downlink(event)).first)
            #expect(message.topic == "v3/orchard@ttn/devices/probe-7/down/failed")
            #expect(try message.json["correlation_ids"] == [.string(id)])
            #expect(try message.json["downlink_failed"]?["error"]?["attributes"]?["reason"] == .string(reason.rawValue))
        }
    }

    @Test func `an empty downlink is no_payload`() throws {
        let error = try error(#"{"downlinks":[{"f_port":1}]}"#)
        #expect(error.reason == .payloadEmpty)
        let event = try #require(error.events(for: Sample.device, at: Sample.time).first)
        let value = try #require(try Encoded.v3(.downlink(event)).first).json
        #expect(value["downlink_failed"]?["error"]?["name"] == "no_payload")
        #expect(value["downlink_failed"]?["error"]?["code"] == 3)
    }

    @Test(arguments: [
        #"{"downlinks":{}}"#, #"{"downlinks":[7]}"#, "[]", "{\"downlinks\":[{]}", #"{"downlinks":[{}],}"#,
    ])
    func `what is no request is answered once at least`(body: String) throws {
        let error = try error(body)
        #expect(!error.requests.isEmpty)
        #expect(error.requests.allSatisfy { $0.origin == .v3 })
    }

    @Test func `more downlinks than the limit are refused`() throws {
        let parser = DownlinkRequestParser(limits: RequestLimits(downlinks: 2))
        let topic = RequestTopic(applicationID: "a", deviceID: "b", action: .push)
        let body = Array(#"{"downlinks":[{},{},{}]}"#.utf8)
        let thrown = #expect(throws: RequestError.self) { try parser.command(topic: topic, body: body) }
        let error = try #require(thrown)
        #expect(error.reason == .requestTooLarge)
        #expect(error.report.figures == [.init("size", 3), .init("limit", 2)])
        #expect(error.requests.count == 1)
    }

    @Test func `a topic without the tenant is answered`() throws {
        let topic = RequestTopic(applicationID: "orchard", deviceID: "p", action: .push, tenant: .missing)
        let body = Array(#"{"downlinks":[]}"#.utf8)
        let error = #expect(throws: RequestError.self) { try DownlinkRequestParser().command(topic: topic, body: body) }
        #expect(error?.reason == .tenantMissing)
    }

    @Test func `a wrong request leaves no trace in the next`() throws {
        let parser = DownlinkRequestParser()
        let topic = RequestTopic(applicationID: "orchard", deviceID: "p", action: .push)
        let good = Array(#"{"downlinks":[{"f_port":1,"frm_payload":"AQ=="}]}"#.utf8)
        let first = try parser.command(topic: topic, body: good)
        #expect(throws: RequestError.self) { try parser.command(topic: topic, body: Array("{".utf8)) }
        #expect(try parser.command(topic: topic, body: good) == first)
    }
}
