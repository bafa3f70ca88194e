// SPDX-License-Identifier: Apache-2.0
import JSON
import TTNMessages
import Testing

@Suite struct V2RequestTests {
    private static let topic = RequestTopic(applicationID: "orchard", deviceID: "probe-7", action: .down)

    private func command(_ body: String) throws(RequestError) -> DownlinkCommand {
        try DownlinkRequestParser().command(topic: V2RequestTests.topic, body: Array(body.utf8))
    }

    private func request(_ body: String) throws -> DownlinkRequest {
        let command = try command(body)
        #expect(command.requests.count == 1)
        return try #require(command.requests.first)
    }

    private func error(_ body: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> RequestError {
        let thrown = #expect(throws: RequestError.self, sourceLocation: sourceLocation) { try command(body) }
        return try #require(thrown, sourceLocation: sourceLocation)
    }

    @Test func `a full request is read`() throws {
        let body = """
            {"port":10,"confirmed":true,"schedule":"last","payload_raw":"/wEC","ttl":60,"id":"valve-17",
             "correlation_ids":["a","b"],"app_id":"other","dev_id":"other","unknown":{"x":[1]}}
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
                    ttl: 60,
                    id: "valve-17",
                    correlationIDs: ["a", "b"],
                    origin: .v2,
                )
            ],
        )
    }

    @Test(
        arguments: [
            (#"{"payload_raw":"AQ=="}"#, .replace), (#"{"payload_raw":"AQ==","schedule":"replace"}"#, .replace),
            (#"{"payload_raw":"AQ==","schedule":null}"#, .replace),
            (#"{"payload_raw":"AQ==","schedule":"first"}"#, .first),
            (#"{"payload_raw":"AQ==","schedule":"last"}"#, .last),
        ] as [(String, DownlinkCommand.Schedule)]
    )
    func `the schedule's default is replace, which drops the current downlink too`(
        body: String,
        schedule: DownlinkCommand.Schedule,
    ) throws {
        let command = try command(body)
        #expect(command.schedule == schedule)
        #expect(command.discardsCurrent == (schedule == .replace))
    }

    @Test(
        arguments: [
            ("01AB", [0xD3, 0x50, 0x01]), ("AQID", [1, 2, 3]), ("/wEC", [0xFF, 1, 2]), ("AQ==", [1]),
            ("01ABCD", [0x01, 0xAB, 0xCD]), ("01abCDef12", [0x01, 0xAB, 0xCD, 0xEF, 0x12]), ("FF", [0xFF]), ("00", [0]),
            ("DEADBEEF", [0x0C, 0x40, 0x03, 0x04, 0x41, 0x05]),
        ] as [(String, [UInt8])]
    )
    func `padded base64 wins, other even hexadecimal is hexadecimal`(text: String, octets: [UInt8]) throws {
        #expect(try request(#"{"payload_raw":"\#(text)"}"#).payload == octets)
    }

    @Test(arguments: ["AQ", "A", "xyz", "01ABC", "AQ=", "A===", "-_-_", "01 AB", "AQ==\\n"])
    func `a payload of neither form is refused`(text: String) throws {
        let error = try error(#"{"payload_raw":"\#(text)","id":"x"}"#)
        #expect(error.reason == .payloadEncoding)
        #expect(error.report.field == "payload_raw")
        #expect(error.requests.first?.id == "x")
    }

    @Test func `fields are kept as JSON text`() throws {
        let request = try request(#"{"payload_fields":{"valve": 1, "big":18446744073709551615, "t":22.70}}"#)
        #expect(request.payload == nil)
        let fields = try JSONValue(parsing: try #require(request.fields))
        #expect(fields == ["valve": 1, "big": .unsigned(.max), "t": 22.7])
    }

    @Test(arguments: [#"{"payload_raw":"AQ==","payload_fields":{}}"#, #"{"payload_raw":"","payload_fields":{"a":1}}"#])
    func `an empty form beside the other does not count`(body: String) throws {
        let request = try request(body)
        #expect((request.payload == nil) != (request.fields == nil))
    }

    @Test(arguments: [
        #"{"payload_raw":"AQ=="}"#, #"{"payload_raw":"AQ==","port":0}"#, #"{"payload_raw":"AQ==","port":null}"#,
    ])
    func `without a port, or with 0, the uplink's port is taken`(body: String) throws {
        #expect(try request(body).port == nil)
    }

    @Test func `members are known by their exact names`() throws {
        #expect(try request(#"{"payload_raw":"AQ==","Port":5}"#).port == nil)
    }

    @Test(arguments: ["{}", #"{"port":3}"#, #"{"payload_raw":"","payload_fields":{}}"#, #"{"payload_raw":null}"#])
    func `an empty request is refused in TTN's words`(body: String) throws {
        let error = try error(body)
        #expect(error.description == "Downlink Payload not valid: empty")
        #expect(error.reason == .payloadEmpty)
    }

    @Test(arguments: [#""next""#, #""REPLACE""#, "3", "true"])
    func `an unknown schedule is refused in TTN's words`(word: String) throws {
        let error = try error(#"{"payload_raw":"AQ==","schedule":\#(word)}"#)
        #expect(error.description == "ScheduleType not valid: unknown")
        #expect(error.report.field == "schedule")
        #expect(error.report.figures.first?.name == "schedule")
    }

    @Test func `both forms are refused in TTN's words`() throws {
        let error = try error(#"{"payload_raw":"AQ==","payload_fields":{"a":1}}"#)
        #expect(error.description == "Downlink not valid: Both Fields and Payload provided")
        #expect(error.reason == .bothPayloads)
        #expect(error.requests.first?.payload == [1])
    }

    @Test(arguments: [
        ("256", RequestReason.invalidPort), ("-1", .invalidPort), ("1.5", .invalidPort),
        ("18446744073709551615", .invalidPort), ("1e99", .invalidPort), (#""1""#, .wrongType), ("true", .wrongType),
        ("[]", .wrongType),
    ])
    func `a wrong port is answered`(port: String, reason: RequestReason) throws {
        let error = try error(#"{"payload_raw":"AQ==","port":\#(port),"correlation_ids":["c"]}"#)
        #expect(error.reason == reason)
        #expect(error.report.field == "port")
        #expect(error.requests.first?.correlationIDs == ["c"])
    }

    @Test(arguments: [
        (#"{"payload_raw":5}"#, "payload_raw", RequestReason.wrongType),
        (#"{"payload_raw":"AQ==","confirmed":"yes"}"#, "confirmed", .wrongType),
        (#"{"payload_raw":"AQ==","confirmed":1}"#, "confirmed", .wrongType),
        (#"{"payload_fields":[1]}"#, "payload_fields", .wrongType),
        (#"{"payload_fields":"a"}"#, "payload_fields", .wrongType),
        (#"{"payload_raw":"AQ==","ttl":0}"#, "ttl", .invalidTTL),
        (#"{"payload_raw":"AQ==","ttl":-1}"#, "ttl", .invalidTTL),
        (#"{"payload_raw":"AQ==","ttl":"60"}"#, "ttl", .invalidTTL),
        (#"{"payload_raw":"AQ==","ttl":1.5}"#, "ttl", .invalidTTL),
        (#"{"payload_raw":"AQ==","id":7}"#, "id", .invalidCorrelationID),
        (#"{"payload_raw":"AQ==","id":""}"#, "id", .invalidCorrelationID),
        (#"{"payload_raw":"AQ==","correlation_ids":"a"}"#, "correlation_ids", .wrongType),
        (#"{"payload_raw":"AQ==","correlation_ids":["a",2]}"#, "correlation_ids[1]", .invalidCorrelationID),
    ])
    func `a wrong member is named`(body: String, field: String, reason: RequestReason) throws {
        let error = try error(body)
        #expect(error.report.field == field)
        #expect(error.reason == reason)
        #expect(error.report.reason == reason.rawValue)
        #expect(error.description.contains(field.prefix(3)))
    }

    @Test func `a payload longer than any frame is refused with its size and the limit`() throws {
        let error = try error(#"{"payload_raw":"\#(String(repeating: "00", count: 257))"}"#)
        #expect(error.reason == .payloadTooLong)
        #expect(error.report.figures == [.init("size", 257), .init("limit", 255)])
        #expect(try request(#"{"payload_raw":"\#(String(repeating: "AAAA", count: 85))"}"#).payload?.count == 255)
    }

    @Test(arguments: [
        "", "{", "nonsense", #"{"port":1,}"#, #"{"port":01}"#, "{} {}", "{'a':1}", "\u{0}", #"{"a":NaN}"#,
    ])
    func `what is not JSON is answered with the place of the fault`(body: String) throws {
        let error = try error(body)
        #expect(error.reason == .malformedJSON)
        #expect(error.report.figures.map(\.name) == ["size", "offset"])
        #expect(error.report.figures.first == .init("size", body.utf8.count))
        #expect(error.requests.count == 1)
    }

    @Test(arguments: ["null", "[]", "7", #""x""#])
    func `what is no object is answered`(body: String) throws {
        #expect(try error(body).reason == .wrongType)
    }

    @Test func `a body above the limit is refused unread`() throws {
        let parser = DownlinkRequestParser(limits: RequestLimits(bodySize: 100))
        let body = Array((#"{"payload_raw":"AQ==","x":""# + String(repeating: "y", count: 100) + "\"}").utf8)
        let thrown = #expect(throws: RequestError.self) {
            try parser.command(topic: V2RequestTests.topic, body: body)
        }
        let error = try #require(thrown)
        #expect(error.reason == .requestTooLarge)
        #expect(error.report.figures == [.init("size", body.count), .init("limit", 100)])
    }

    @Test func `an error becomes an event under the names that were used`() throws {
        let topic = RequestTopic(applicationID: "No Such", deviceID: "x.y", action: .down)
        let error = try error(#"{"port":256,"payload_raw":"AQ==","id":"me"}"#)
        let events = error.events(for: topic.device, at: Sample.time)
        let event = try #require(events.first)
        let message = try #require(try Encoded.v2(.downlink(event)).first)
        #expect(message.topic == "No Such/devices/x.y/events/down/errors")
        #expect(try message.json["reason"] == "invalid_port")
        #expect(try message.json["port"] == 256)
        #expect(try message.json["message"]?["id"] == "me")
    }
}
