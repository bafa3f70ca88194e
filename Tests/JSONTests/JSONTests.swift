// SPDX-License-Identifier: Apache-2.0
import JSON
import Testing

@Suite struct JSONParserTests {
    @Test(
        "whole numbers keep all 64 bits",
        arguments: [
            ("18364758544493064720", JSONValue.unsigned(18_364_758_544_493_064_720)),
            ("9223372036854775807", .integer(Int64.max)),
            ("9223372036854775808", .unsigned(1 << 63)),
            ("-9223372036854775808", .integer(Int64.min)),
            ("0", .integer(0)),
            ("3.5", .number(3.5)),
        ]
    )
    func wholeNumbers(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(
        "what is not JSON is refused with a place and words",
        arguments: ["", "{", "[1,]", "01", "{'a':1}", "NaN", "{\"a\":1} x", "\"\u{1}\"", "tru", "-", "[NaN]"]
    )
    func refused(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test("octets that are not UTF-8 are refused")
    func invalidUTF8() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test("a number too large for 64 bits is refused or becomes a double, never another number")
    func tooLarge() {
        let value = try? JSONValue(parsing: "18446744073709551616")
        #expect(value != .unsigned(UInt64.max))
    }

    @Test("nesting deeper than asked for is refused")
    func depth() {
        let text = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test("members keep their order, the last of equal names wins, NUL stays in strings")
    func members() throws {
        let value = try JSONValue(parsing: #"{"b":1,"a":"x\u0000y","b":2}"#)
        #expect(value["b"] == 2)
        #expect(value["a"]?.text == "x\u{0}y")
        #expect(value.object?.members.map(\.name) == ["b", "a"])
    }
}

@Suite struct JSONWriterTests {
    @Test("what is written reads back equal")
    func roundTrip() throws {
        let value: JSONValue = [
            "text": "quote \" backslash \\ line \n tab \t control \u{1} ünïcode 🙂", "whole": 42, "negative": -7,
            "real": 22.7, "yes": true, "nothing": nil, "list": [1, "two", [3.25]], "empty": [:],
            "large": .unsigned(UInt64.max),
        ]
        #expect(try JSONValue(parsing: value.jsonText) == value)
    }

    @Test("floats print as people write them")
    func floats() {
        var json = JSONWriter()
        json.array { json in
            json.number(Float(868.1))
            json.number(22.7)
            json.number(3.0)
            json.number(Double.nan)
        }
        #expect(String(decoding: json.bytes, as: UTF8.self) == "[868.1,22.7,3,null]")
    }

    @Test("an object of many members finds each, keeps their order, and takes changes like a small one")
    func manyMembers() throws {
        let names = (0..<5000).map { "m\($0 * 7919 % 5000)" }
        let text = "{" + names.map { #""\#($0)":"\#($0)""# }.joined(separator: ",") + "}"
        var object = try #require(try JSONValue(parsing: text).object)
        #expect(object.members.map(\.name) == names)
        #expect(names.allSatisfy { object[$0] == .string($0) })
        #expect(object["absent"] == nil)
        object["m7"] = nil
        object["m8"] = 8
        object["new"] = true
        let changed = names.filter { $0 != "m7" } + ["new"]
        #expect(object.members.map(\.name) == changed)
        #expect(object["m7"] == nil && object["m8"] == 8 && object["new"] == true && object["m9"] == "m9")
        var built = JSONObject()
        for name in changed { built[name] = name == "new" ? true : name == "m8" ? 8 : .string(name) }
        #expect(built == object)
    }

    @Test("characters that need an escape are escaped wherever they stand")
    func escapes() throws {
        for text in ["", "\"", "a\"", "\"a", "a\\\"b", "\n\r\t", "x\u{1}y", "grüße \"😀\"", "plain"] {
            let value = JSONValue.string(text)
            #expect(try JSONValue(parsing: value.jsonText) == value)
        }
        #expect(JSONValue.string("a\"\\\n\u{1}b").jsonText == #""a\"\\\n\u0001b""#)
    }

    @Test("commas stand between members and elements only")
    func commas() {
        var json = JSONWriter()
        json.object { json in
            json.member("a", 1)
            json.name("b")
            json.array { json in
                json.object { _ in }
                json.string("x")
            }
            json.member("c", true)
        }
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a":1,"b":[{},"x"],"c":true}"#)
    }
}

@Suite struct Base64Tests {
    @Test(
        "octets of every length survive",
        arguments: [("", []), ("AQ==", [1]), ("AQI=", [1, 2]), ("AQID", [1, 2, 3]), ("/wEC", [255, 1, 2])]
            as [(String, [UInt8])]
    )
    func both(text: String, octets: [UInt8]) {
        #expect(Base64.text(octets) == text)
        #expect(Base64.octets(text) == octets)
    }

    @Test(
        "the strict form refuses what is not padded or of another alphabet",
        arguments: ["AQ", "A", "A===", "_wEC", "AQ=I", "AQ==AQ=="]
    )
    func strict(text: String) {
        #expect(Base64.octets(text) == nil)
    }

    @Test("the lenient form takes both alphabets, padded or not", arguments: ["_wEC", "/wEC"])
    func lenient(text: String) {
        #expect(Base64.octetsOfAnyForm(text) == [255, 1, 2])
        #expect(Base64.octetsOfAnyForm("AQ") == [1])
        #expect(Base64.octetsOfAnyForm("AQ==") == [1])
        #expect(Base64.octetsOfAnyForm("A") == nil)
    }
}
