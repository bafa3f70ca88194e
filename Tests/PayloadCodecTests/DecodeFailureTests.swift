// SPDX-License-Identifier: Apache-2.0
import PayloadCodec
import TestSupport
import Testing

@Suite struct DecodeFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let script: String
        let kind: CodecFailure.Kind
        let message: String
        var testDescription: String { script }
    }

    @Test(arguments: [
        Case(
            script: "function Decoder() { return null; }",
            kind: .type,
            message: "Decoder not valid: does not return an object"
        ),
        Case(script: "function Decoder() {}", kind: .type, message: "Decoder not valid: does not return an object"),
        Case(
            script: "function Decoder() { return [1]; }",
            kind: .type,
            message: "Decoder not valid: does not return an object"
        ),
        Case(
            script: "function Decoder() { return 5; }",
            kind: .type,
            message: "Decoder not valid: does not return an object"
        ),
        Case(
            script: "function Decoder() { return 'x'; }",
            kind: .type,
            message: "Decoder not valid: does not return an object"
        ),
        Case(
            script: "function Decoder() { return { a: 1 }; } function Converter() { return 1; }",
            kind: .type,
            message: "Converter not valid: does not return an object",
        ),
        Case(
            script: "function Decoder() { return { a: 1 }; } function Validator() { return 1; }",
            kind: .type,
            message: "Validator not valid: does not return a boolean",
        ),
        Case(
            script: "function Decoder() { return { a: { b: [1, NaN] } }; }",
            kind: .type,
            message: "Payload Function output cannot be marshaled to JSON: json: unsupported value at a.b.1",
        ),
        Case(
            script: "function Decoder() { return { a: 1 / 0 }; }",
            kind: .type,
            message: "Payload Function output cannot be marshaled to JSON: json: unsupported value at a",
        ),
        Case(
            script: "function Decoder() { throw new Error('bad length'); }",
            kind: .exception,
            message: "Internal error: Decoder threw error: Error: bad length",
        ),
        Case(
            script: "function Decoder() { throw 'plain'; }",
            kind: .exception,
            message: "Internal error: Decoder threw error: plain",
        ),
        Case(
            script: "function Decoder() { return { get a() { throw new Error('getter'); } }; }",
            kind: .exception,
            message: "Internal error: Decoder threw error: Error: getter",
        ),
        Case(
            script: "function Decoder() { return { a: 1 }; } function Converter() { throw 'c'; }",
            kind: .exception,
            message: "Internal error: Converter threw error: c",
        ),
        Case(
            script: "function Decoder() { while (true) {} }",
            kind: .timeout,
            message: "Internal error: Interrupted javascript execution for Decoder after 100ms",
        ),
        Case(
            script: "function Decoder() { return { a: 1 }; } function Validator() { while (true) {} }",
            kind: .timeout,
            message: "Internal error: Interrupted javascript execution for Validator after 100ms",
        ),
        Case(
            script: "function Other() {}",
            kind: .script,
            message: "Internal error: Decoder threw error: ReferenceError: 'Decoder' is not defined",
        ),
        Case(
            script: "function decodeUplink() { return { errors: ['a', 'b'] }; }",
            kind: .script,
            message: "a, b",
        ),
    ])
    func version2SpellsEachFailureAsTheThingsNetworkDid(_ example: Case) async throws {
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(example.script, [1])) }
        #expect(outcome.failure?.message == "Unable to decode payload fields: " + example.message)
        #expect(outcome.failure?.kind == example.kind)
        #expect(outcome.fieldsJSON == nil)
        #expect(outcome.isValid)
    }

    @Test(arguments: [
        ("function decodeUplink() { return undefined; }", "no_script_output"),
        ("function decodeUplink() { return { data: [1] }; }", "output"),
        ("function decodeUplink() { return { data: 5 }; }", "output"),
        ("function decodeUplink() { return { data: { a: NaN } }; }", "output_encoding"),
        ("function decodeUplink() { return { errors: ['x'] }; }", "output_errors"),
        ("function decodeUplink() { throw new Error('y'); }", "script"),
        ("function decodeUplink() { for (;;); }", "script_timeout"),
        ("function nothing() {}", "entrypoint_not_found"),
        ("function Decoder() { return [1]; }", "output"),
    ])
    func version3GivesEachFailureItsWord(_ script: String, _ reason: String) async throws {
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [1], .v3)) }
        #expect(outcome.decodedFailure?.reason == reason)
        #expect(outcome.decodedJSON == nil)
    }

    @Test func anExceptionCarriesItsLineAndColumn() async throws {
        let script = "function Decoder(bytes) {\n  var nothing = null;\n  return nothing.member;\n}"
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script)) }
        #expect(outcome.failure?.kind == .exception)
        #expect(outcome.failure?.line == 3)
        let first = try await TestCodec.with { await $0.decode(DecodeCall("var a = null; a.b; function Decoder() {}")) }
        #expect(first.failure?.line == 1)
        #expect(first.failure?.column == 16)
    }

    @Test func aSyntaxErrorCarriesItsLineAndColumn() async throws {
        let script = "function Decoder(bytes) {\n  return ( ;\n}"
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [], [.v2, .v3])) }
        #expect(outcome.failure?.kind == .syntax)
        #expect(outcome.failure?.line == 2)
        #expect(outcome.failure?.column == 12)
        #expect(
            outcome.failure?.message.hasPrefix(
                "Unable to decode payload fields: Internal error: Decoder threw error: SyntaxError: "
            ) == true
        )
        #expect(outcome.decodedFailure?.kind == .syntax)
    }

    @Test(arguments: [
        "} function Decoder() { return {a: 1} ", "return 5; function Decoder() {}", "})(); (function(){", "`",
    ])
    func aTextThatIsNoProgramDoesNotEscapeItsWrapper(_ script: String) async throws {
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script)) }
        #expect(outcome.failure?.kind == .syntax)
    }

    @Test func aScriptAboveTheLimitIsRefused() async throws {
        let script = "function Decoder() { return {a: 1} } //" + String(repeating: "x", count: 512 * 1024)
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script)) }
        #expect(outcome.failure?.kind == .script)
        let fits = "function Decoder() { return {a: 1} } //" + String(repeating: "x", count: 500 * 1024)
        let good = try await TestCodec.with({ configuration in
            // A slow machine takes long to read it.
            configuration.timeLimitMilliseconds *= Patience.factor
            configuration.silenceMilliseconds *= Patience.factor
        }) { await $0.decode(DecodeCall(fits)) }
        #expect(good.fields == #"{"a":1}"#, "\(String(describing: good.failure))")
    }
}
