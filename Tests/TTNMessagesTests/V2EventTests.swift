// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import TTNMessages
import Testing

@Suite struct V2EventTests {
    private func body(_ message: ApplicationMessage) throws -> JSONValue {
        try #require(try Encoded.v2(message).first).json
    }

    @Test func `an activation names the EUIs and the new address, and no key`() throws {
        let value = try body(
            .activation(
                ActivationEvent(device: Sample.device, receivedAt: Sample.time, radio: nil, sessionKeyID: [1, 2]),
            ),
        )
        #expect(value.names == ["app_eui", "dev_eui", "dev_addr", "metadata"])
        #expect(value["app_eui"] == "70B3D57ED0000001")
        #expect(value["dev_eui"] == "A81758FFFE00C0DE")
        #expect(value["dev_addr"] == "26011F2A")
    }

    @Test func `a scheduled downlink has neither schedule nor names`() throws {
        let value = try body(.downlink(Sample.downlink(.scheduled)))
        #expect(value.names == ["message"])
        #expect(
            value["message"]?.names == ["port", "confirmed", "payload_raw", "ttl", "id", "correlation_ids"],
        )
    }

    @Test func `a sent downlink tells the frame, and its frequency in hertz`() throws {
        var event = Sample.downlink(.sent(Sample.transmission))
        event.counter = 0
        let value = try body(.downlink(event))
        #expect(value["payload"] == "YCofASYABQAKnFEOESIzRA==")
        #expect(value["gateway_id"] == "eu")
        #expect(value["message"]?["app_id"] == "orchard")
        #expect(value["config"]?["frequency"] == 869_525_000)
        #expect(value["config"]?["counter"] == nil)
        event.counter = 5
        #expect(try body(.downlink(event))["config"]?["counter"] == 5)
    }

    @Test func `a sent downlink shows the fields and the octets made of them`() throws {
        var request = Sample.request
        request.fields = Array(#"{"valve":1}"#.utf8)
        let message = try body(.downlink(Sample.downlink(.sent(Sample.transmission), request)))["message"]
        #expect(message?["payload_raw"] == "/wEC")
        #expect(message?["payload_fields"] == ["valve": 1])
    }

    @Test func `every event of a request gives its own names back`() throws {
        let stages: [DownlinkEvent.Stage] = [
            .scheduled, .sent(Sample.transmission), .acknowledged, .notAcknowledged, .failed(Sample.failure),
        ]
        for stage in stages {
            let value = try body(.downlink(Sample.downlink(stage)))
            #expect(value["message"]?["id"] == "valve-17")
            #expect(value["message"]?["correlation_ids"] == ["orchard:valve:17"])
            let v3 = try #require(try Encoded.v3(.downlink(Sample.downlink(stage))).first)
            #expect(try v3.json["correlation_ids"] == ["orchard:valve:17", "valve-17"])
        }
    }

    @Test func `a failure has its sentence, its word and its figures`() throws {
        var event = Sample.downlink(.failed(Sample.failure))
        event.ranResult = "GatewayError: TX_FREQ"
        let value = try body(.downlink(event))
        #expect(value.names == ["error", "message", "ran_result", "reason", "field", "size", "limit"])
        #expect(value["ran_result"] == "GatewayError: TX_FREQ")
        #expect(value["reason"] == "payload_too_long")
        #expect(value["size"] == 120)
        #expect(value["limit"] == 51)
    }

    @Test func `a refused frame of no single device goes to the operator once`() throws {
        let event = ErrorEvent(
            subject: .network(devEUI: EUI64(rawValue: 0xA1)),
            kind: .uplink,
            report: FailureReport("No key fits the frame", reason: "mic_failed", figures: [.init("candidates", 3)]),
            time: Sample.time,
        )
        for formats in [[.v2, .v3], [.v3], [.v2]] as [Set<TTNFormat>] {
            let encoder = MessageEncoder(topics: try Encoded.topics(), formats: formats)
            let messages = encoder.messages(for: .error(event))
            #expect(messages.map(\.topic) == ["admin/events/up/errors"])
            #expect(messages.first?.format == nil)
            let value = try #require(messages.first).json
            #expect(value["error"] == "No key fits the frame")
            #expect(value["reason"] == "mic_failed")
            #expect(value["dev_eui"] == "00000000000000A1")
            #expect(value["candidates"] == 3)
        }
    }

    @Test func `figures may be numbers and texts`() throws {
        let report = FailureReport(
            "x",
            reason: "y",
            figures: [.init("whole", -3), .init("share", .number(0.25)), .init("word", "late")],
        )
        let value = try body(
            .error(ErrorEvent(subject: .device(Sample.device), kind: .uplink, report: report, time: Sample.time)),
        )
        #expect(value == ["error": "x", "reason": "y", "whole": -3, "share": 0.25, "word": "late"])
    }

    @Test func `creating tells update_at, deleting tells null`() throws {
        let created = DeviceEvent(device: Sample.registered, change: .created, time: Sample.time)
        #expect(try body(.device(created)).names == ["latitude", "longitude", "altitude", "update_at"])
        let deleted = DeviceEvent(device: Sample.registered, change: .deleted, time: Sample.time)
        let message = try #require(try Encoded.v2(.device(deleted)).first)
        #expect(message.topic == "orchard/devices/probe-7/events/delete")
        #expect(message.text == "null")
    }

    @Test func `an application's event keeps its body`() throws {
        let event = ApplicationEvent(applicationID: "orchard", name: "imported", body: Array(#"{"rows":3}"#.utf8))
        let message = try #require(try Encoded.v2(.application(event)).first)
        #expect(message.topic == "orchard/events/imported")
        #expect(message.text == #"{"rows":3}"#)
        #expect(message.kind == .application)
        #expect(try Encoded.v3(.application(event)).isEmpty)
    }

    @Test(arguments: GoldenCase.all)
    func `every name we give is an identifier in Python`(sample: GoldenCase) throws {
        let keywords: Set<String> = [
            "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
            "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
            "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "count", "index",
        ]
        func check(_ value: JSONValue) {
            for member in value.object?.members ?? [] {
                let characters = Array(member.name.utf8)
                #expect(
                    characters.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
                )
                #expect(characters.first.map { (0x61...0x7A).contains($0) } == true)
                #expect(!keywords.contains(member.name))
                check(member.value)
            }
            for element in value.elements ?? [] { check(element) }
        }
        for message in try Encoded.v2(sample.message) where message.kind != .field { check(try message.json) }
    }
}
