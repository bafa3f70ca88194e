// SPDX-License-Identifier: Apache-2.0
import JSON
import TTNMessages
import Testing

@Suite struct FieldTopicTests {
    private func topics(
        _ fields: String,
        origin: UplinkMessage.FieldsOrigin = .script,
    ) throws -> [String: String] {
        var uplink = Sample.uplink
        uplink.fields = Array(fields.utf8)
        uplink.fieldsOrigin = origin
        let messages = try Encoded.v2(.uplink(uplink))
        #expect(messages.first?.kind == .uplink)
        #expect(messages.dropFirst().allSatisfy { $0.kind == .field })
        let own = messages.dropFirst().map { message in
            (String(message.topic.dropFirst("orchard/devices/probe-7/up/".count)), message.text)
        }
        return Dictionary(uniqueKeysWithValues: own)
    }

    @Test func `an object is published whole and by its members`() throws {
        #expect(try topics(#"{"a":{"b":1}}"#) == ["a": #"{"b":1}"#, "a/b": "1"])
        #expect(
            try topics(#"{ "door" : {"open":true, "n": 3}, "bat":3.1 }"#)
                == ["door": #"{"open":true, "n": 3}"#, "door/open": "true", "door/n": "3", "bat": "3.1"],
        )
    }

    @Test func `texts keep their quotes, arrays are not entered`() throws {
        #expect(
            try topics(#"{"s":"a\"},b","l":[{"x":1},2],"n":null}"#)
                == ["s": #""a\"},b""#, "l": #"[{"x":1},2]"#, "n": "null"],
        )
    }

    @Test(arguments: ["+", "*", "#", "\\u0000"])
    func `a name that no topic can hold is left out with all below it`(character: String) throws {
        let fields = #"{"a\#(character)b":{"c":1},"ok":{"d\#(character)":1,"e":2}}"#
        let messages = try topics(fields)
        #expect(Set(messages.keys) == ["ok", "ok/e"])
    }

    @Test func `the up message keeps fields whose names no topic can hold`() throws {
        var uplink = Sample.uplink
        uplink.fields = Array(#"{"a+b":1,"c#":2}"#.utf8)
        let messages = try Encoded.v2(.uplink(uplink))
        #expect(messages.count == 1)
        #expect(try messages[0].json["payload_fields"] == ["a+b": 1, "c#": 2])
    }

    @Test func `a slash in a name makes levels and escapes are resolved`() throws {
        #expect(
            try topics(#"{"a\/b":1,"gr\u00f6\u00dfe":2,"\ud83c\udf31":3}"#) == ["a/b": "1", "größe": "2", "🌱": "3"]
        )
    }

    @Test func `places of Cayenne are not entered`() throws {
        let fields = #"{"gps_1":{"latitude":42.3519,"longitude":-87.9094,"altitude":10}}"#
        #expect(Set(try topics(fields, origin: .cayenneLPP).keys) == ["gps_1"])
        #expect(
            Set(try topics(fields).keys) == ["gps_1", "gps_1/latitude", "gps_1/longitude", "gps_1/altitude"],
        )
    }

    @Test func `field topics can be switched off`() throws {
        #expect(try Encoded.v2(.uplink(Sample.uplink), publishesFields: false).map(\.kind) == [.uplink])
    }

    @Test(arguments: [
        "{", #"{"a"#, #"{"a":"#, #"{"a":1"#, #"{"a":{"b":"#, #"{"a":"x\"#, "[1,2]", "7", "", #"{"\ud800":1}"#,
    ])
    func `text that is no object gives no more than it holds`(fields: String) throws {
        #expect(try topics(fields).isEmpty)
    }

    @Test func `nesting is followed to a bounded depth`() throws {
        let depth = 200
        let fields = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        #expect(try topics(fields).count == 33)
    }
}
