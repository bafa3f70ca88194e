// SPDX-License-Identifier: Apache-2.0
import PayloadCodec
import Testing

@Suite struct EncodeTests {
    private func call(_ script: String, _ json: String, port: UInt8 = 0, _ flavour: CodecFlavours = .v2) -> EncodeCall {
        EncodeCall(
            applicationID: "tests",
            formatter: .javascript(script: script),
            fieldsJSON: Array(json.utf8),
            port: port,
            flavour: flavour,
        )
    }

    @Test func everyDialectEncodes() async throws {
        try await TestCodec.with { codec in
            let old = await codec.encode(
                call(
                    "function Encoder(object, port) { return [object.led ? 1 : 0, port, 3.0]; }",
                    #"{"led":true}"#,
                    port: 4
                )
            )
            #expect(old.bytes == [1, 4, 3])
            #expect(old.port == nil)
            let alliance =
                "function encodeDownlink(input) { return { bytes: [input.data.n], fPort: 7, warnings: ['w'] }; }"
            let modern = await codec.encode(call(alliance, #"{"n":255}"#, port: 3, .v3))
            #expect(modern.bytes == [255])
            #expect(modern.port == 7)
            #expect(modern.warnings == ["w"])
            let chirp = await codec.encode(
                call("function Encode(fPort, obj, variables) { return [fPort, obj.n]; }", #"{"n":9}"#, port: 2)
            )
            #expect(chirp.bytes == [2, 9])
            let buffer = await codec.encode(
                call("function encodeDownlink(input) { return { bytes: Buffer.from('0102', 'hex') }; }", "{}", .v3)
            )
            #expect(buffer.bytes == [1, 2])
            let legacy = await codec.encode(call("function Encoder(o, p) { return []; }", "{}", .v3))
            #expect(legacy.bytes.isEmpty && legacy.failure == nil)
        }
    }

    @Test(arguments: [
        ("[256]", "Encoder Output not valid: Numbers in Array should be between 0 and 255"),
        ("[-1]", "Encoder Output not valid: Numbers in Array should be between 0 and 255"),
        ("[1.5]", "Encoder not valid: should return an Array of integer numbers"),
        ("['1']", "Encoder not valid: should return an Array of integer numbers"),
        ("'x'", "Encoder not valid: does not return an Array"),
        ("{}", "Encoder not valid: does not return an Array"),
        ("null", "Encoder not valid: does not return an Array"),
        ("undefined", "Encoder not valid: does not return an Array"),
        ("5", "Encoder not valid: does not return an Array"),
    ])
    func version2ChecksTheResult(_ result: String, _ message: String) async throws {
        let outcome = try await TestCodec.with {
            await $0.encode(call("function Encoder() { return \(result); }", "{}"))
        }
        #expect(outcome.failure?.message == message)
        #expect(outcome.bytes.isEmpty)
    }

    @Test func anEncoderThatThrowsOrIsMissingIsSaid() async throws {
        try await TestCodec.with { codec in
            let threw = await codec.encode(call("function Encoder() { throw new Error('no'); }", "{}"))
            #expect(threw.failure?.message == "Internal error: Encoder threw error: Error: no")
            let missing = await codec.encode(call("function Decoder() {}", "{}"))
            #expect(
                missing.failure?.message == "Downlink Payload not valid: fields supplied, but no Encoder function set"
            )
            let refused = await codec.encode(
                call("function encodeDownlink() { return { errors: ['bad'] }; }", "{}", .v3)
            )
            #expect(refused.failure?.reason == "output_errors")
            #expect(refused.failure?.message == "bad")
            let badPort = await codec.encode(
                call("function encodeDownlink() { return { bytes: [], fPort: 300 }; }", "{}", .v3)
            )
            #expect(badPort.failure?.kind == .type)
        }
    }

    @Test func partsEncodeWithTheirEncoderText() async throws {
        let parts = FormatterScripts(decoder: "function Decoder() {}", encoder: "function Encoder(o) { return [o.a]; }")
        let call = EncodeCall(
            applicationID: "a",
            formatter: .javascript(parts),
            fieldsJSON: Array(#"{"a":5}"#.utf8),
            port: 1
        )
        #expect(try await TestCodec.with { await $0.encode(call) }.bytes == [5])
    }

    @Test func aDryRunShowsWhatTheEncoderReturnedAndWrote() async throws {
        let script = "function Encoder(o, p) { console.log('led', o.led); return [o.led, p]; }"
        var dry = call(script, #"{"led":300}"#, port: 2)
        dry.isDryRun = true
        let outcome = try await TestCodec.with { [dry] in await $0.encode(dry) }
        #expect(outcome.failure?.message == "Encoder Output not valid: Numbers in Array should be between 0 and 255")
        #expect(outcome.steps == [CodecStep(function: "Encoder", resultJSON: Array("[300,2]".utf8))])
        #expect(outcome.logs == [CodecLog(function: "Encoder", fields: [#""led""#, "300"])])
        let wet = try await TestCodec.with { await $0.encode(call(script, #"{"led":3}"#, port: 2)) }
        #expect(wet.bytes == [3, 2])
        #expect(wet.steps.isEmpty && wet.logs.isEmpty)
    }
}
