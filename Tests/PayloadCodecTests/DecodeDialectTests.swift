// SPDX-License-Identifier: Apache-2.0
import PayloadCodec
import Testing

@Suite struct DecodeDialectTests {
    @Test func aDecoderOfVersion2GivesFields() async throws {
        let script =
            "function Decoder(bytes, port) { return { t: (bytes[0] << 8 | bytes[1]) / 10, port: port, n: bytes.length }; }"
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [0x01, 0x10, 0xFF], port: 7)) }
        #expect(outcome.fields == #"{"t":27.2,"port":7,"n":3}"#)
        #expect(outcome.failure == nil)
        #expect(outcome.isValid)
    }

    @Test func bytesAreARealArrayAndRecvTimeIsADate() async throws {
        let script = """
            function decodeUplink(input) {
              return { data: { array: Array.isArray(input.bytes), sum: input.bytes.reduce(function (a, b) { return a + b; }, 0),
                date: input.recvTime instanceof Date, iso: input.recvTime.toISOString(), port: input.fPort } };
            }
            """
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [1, 2, 250], port: 9, .v3)) }
        #expect(outcome.decoded == #"{"array":true,"sum":253,"date":true,"iso":"2023-11-14T22:13:20.123Z","port":9}"#)
        #expect(outcome.fieldsJSON == nil)
    }

    @Test(arguments: [
        "function decodeUplink(input) { return { data: { a: input.bytes[0] } }; }",
        "function Decoder(bytes, port) { return { a: bytes[0] }; }",
        "function Decode(fPort, bytes, variables) { return { a: bytes[0] }; }",
        "exports.decodeUplink = function (input) { return { data: { a: input.bytes[0] } }; };",
        "module.exports = { Decoder: function (bytes) { return { a: bytes[0] }; } };",
        "const decodeUplink = ({ bytes }) => ({ data: { a: bytes[0] } });",
        "let a; var Decoder = function (bytes) { a = bytes[0]; return { a }; } // no newline at the end",
        "'use strict'; function Decoder(bytes) { return { a: bytes[0] }; }",
        "this.Decoder = function (bytes) { return { a: bytes[0] }; };",
        "Decoder = function (bytes) { a = bytes[0]; return { a: a }; };",
    ])
    func aScriptOfAnyDialectServesBothNetworks(_ script: String) async throws {
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [42], [.v2, .v3])) }
        #expect(outcome.fields == #"{"a":42}"#)
        #expect(outcome.decoded == #"{"a":42}"#)
        #expect(outcome.failure == nil && outcome.decodedFailure == nil)
    }

    @Test func eachNetworkPrefersItsOwnFunction() async throws {
        let script = """
            function Decoder(bytes, port) { return { from: "v2" }; }
            function decodeUplink(input) { return { data: { from: "v3" }, warnings: ["w"] }; }
            """
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [1], [.v2, .v3])) }
        #expect(outcome.fields == #"{"from":"v2"}"#)
        #expect(outcome.decoded == #"{"from":"v3"}"#)
        #expect(outcome.warnings == ["w"])
    }

    @Test func version2RunsDecoderConverterAndValidatorOfTheirOwnTexts() async throws {
        let parts = FormatterScripts(
            decoder: "var k = 2; function Decoder(bytes, port) { return { raw: bytes[0] * k }; }",
            converter:
                "var k = 3; function Converter(decoded, port) { decoded.raw *= k; decoded.port = port; return decoded; }",
            validator: "function Validator(converted, port) { return converted.raw < 100; }",
        )
        try await TestCodec.with { codec in
            let good = await codec.decode(DecodeCall(parts: parts, [5], port: 3, [.v2, .v3], dry: true))
            #expect(good.fields == #"{"raw":30,"port":3}"#)
            #expect(good.isValid)
            // Version 3 ignores Converter and Validator.
            #expect(good.decoded == #"{"raw":10}"#)
            #expect(good.steps.map(\.function) == ["Decoder", "Converter", "Validator"])
            #expect(
                good.steps.map { String(decoding: $0.resultJSON, as: UTF8.self) } == [
                    #"{"raw":10}"#, #"{"raw":30,"port":3}"#, "true",
                ]
            )
            let refused = await codec.decode(DecodeCall(parts: parts, [50]))
            #expect(!refused.isValid)
            #expect(refused.failure == nil)
        }
    }

    @Test func anEmptyObjectIsNoFieldsInVersion2AndAnEmptyObjectInVersion3() async throws {
        let outcome = try await TestCodec.with {
            await $0.decode(DecodeCall("function decodeUplink() { return { errors: [] }; }", [], [.v2, .v3]))
        }
        #expect(outcome.fieldsJSON == nil)
        #expect(outcome.failure == nil)
        #expect(outcome.decoded == "{}")
    }

    @Test func chirpStackScriptsHaveBufferAndVariables() async throws {
        let script = """
            function decodeUplink(input) {
              const b = Buffer.from(input.bytes);
              return { data: { u16: b.readUInt16BE(0), i16: b.readInt16LE(0), f: b.readFloatLE(2), hex: b.toString('hex'),
                base64: b.toString('base64'), text: Buffer.from('c3a9', 'hex').toString(), v: typeof input.variables,
                s: b.slice(0, 2).length, isBuffer: Buffer.isBuffer(b), u24: b.readUIntBE(0, 3) } };
            }
            """
        let outcome = try await TestCodec.with {
            await $0.decode(DecodeCall(script, [0xFF, 0xFE, 0, 0, 0x80, 0x3F], .v3))
        }
        #expect(
            outcome.decoded
                == #"{"u16":65534,"i16":-257,"f":1,"hex":"fffe0000803f","base64":"//4AAIA/","text":"é","v":"object","s":2,"isBuffer":true,"u24":16776704}"#
        )
    }

    @Test func aDownlinkIsDecodedByDecodeDownlink() async throws {
        let script = "function decodeDownlink(input) { return { data: { on: input.bytes[0] === 1 } }; }"
        var call = DecodeCall(script, [1], .v3)
        call.isDownlink = true
        let outcome = try await TestCodec.with { [call] in await $0.decode(call) }
        #expect(outcome.decoded == #"{"on":true}"#)
    }

    @Test func consoleOutputIsReturnedByADryRun() async throws {
        let script = "function Decoder(bytes) { console.log('n', bytes.length, { a: 1 }); return { a: 1 }; }"
        try await TestCodec.with { codec in
            let dry = await codec.decode(DecodeCall(script, [1, 2], dry: true))
            #expect(dry.logs == [CodecLog(function: "Decoder", fields: [#""n""#, "2", #"{"a":1}"#])])
            let wet = await codec.decode(DecodeCall(script, [1, 2]))
            #expect(wet.logs.isEmpty)
            #expect(wet.fields == #"{"a":1}"#)
        }
    }

    @Test func numbersAndTextsArePrintedAsTheLanguageDoes() async throws {
        let script =
            #"function Decoder() { return { a: 0.1 + 0.2, b: -0, c: 1e21, d: "é\u0001\ud800", e: undefined, f: [null], g: new Date(0) }; }"#
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script)) }
        #expect(
            outcome.fields
                == #"{"a":0.30000000000000004,"b":0,"c":1e+21,"d":"é\u0001\ud800","f":[null],"g":"1970-01-01T00:00:00.000Z"}"#
        )
    }
}
