// SPDX-License-Identifier: Apache-2.0
import Observability
import PayloadCodec
import Testing

/// Calls that a worker performs in one entry into the virtual machine: what one of them does costs the others nothing.
@Suite(.serialized) struct SharedTurnTests {
    private static let good = "function Decoder(bytes) { return { a: bytes[0], n: bytes.length }; }"
    /// Whether anything of another call can be seen.
    private static let spy = """
        function Decoder(bytes) {
          return { a: bytes[0], n: bytes.length + (typeof leaked === 'undefined' ? 0 : 100) + (typeof late === 'undefined' ? 0 : 1000)
            + (typeof stack === 'undefined' ? 0 : 10000) };
        }
        """

    /// Scripts for the middle of a batch, and what their call gives: fields, or the kind of its failure.
    static let guests: [(script: String, fields: String?, kind: CodecFailure.Kind?)] = [
        ("function Decoder() { for (;;) {} }", nil, .timeout),
        ("for (;;) {} function Decoder() {}", nil, .timeout),
        ("function Decoder() { throw new Error('x'); }", nil, .exception),
        ("function Decoder() { leaked = 1; return { s: 1 }; }", #"{"s":1}"#, nil),
        ("function Decoder() { this.leaked = 1; return { s: 1 }; }", #"{"s":1}"#, nil),
        ("function Decoder() { return Error.captureStackTrace(globalThis), { s: 1 }; }", #"{"s":1}"#, nil),
        ("String.prototype.x = 1; function Decoder() { return { s: ''.x }; }", #"{"s":1}"#, nil),
        (
            "'use strict'; var m = [][0] || (() => Math)(); m.x = 1; function Decoder() { return { s: m.x }; }",
            #"{"s":1}"#, nil
        ),
        (
            "function Decoder() { Object.defineProperty(globalThis, 'leaked', { value: 1 }); return { s: 1 }; }",
            #"{"s":1}"#, nil
        ),
        ("function Decoder() { Promise.resolve().then(() => { late = 1; }); return { s: 1 }; }", #"{"s":1}"#, nil),
        ("async function f() { await 1; late = 1; } function Decoder() { f(); return { s: 1 }; }", #"{"s":1}"#, nil),
        ("function Decoder() { Array.fromAsync([1]).then(() => { late = 1; }); return { s: 1 }; }", #"{"s":1}"#, nil),
        ("function Decoder() { Promise.resolve().then(() => { for (;;) {} }); return { s: 1 }; }", nil, .timeout),
        ("function Decoder() { var f = () => Promise.resolve().then(f); f(); return { s: 1 }; }", nil, .timeout),
        ("function f() { return f() + 1; } function Decoder() { return { s: f() }; }", nil, .exception),
        (
            "function Decoder() { return { s: 'x'.repeat(200000) }; }",
            "{\"s\":\"\(String(repeating: "x", count: 200_000))\"}", nil
        ),
        ("function Decoder() { return { s: '\\u0001\\u0002\\ud800é' }; }", #"{"s":"\u0001\u0002\ud800é"}"#, nil),
        ("function Decoder( {", nil, .syntax),
    ]

    @Test(arguments: 0..<guests.count)
    func aGuestInTheMiddleOfABatchLeavesTheOthersAlone(_ index: Int) async throws {
        let guest = Self.guests[index]
        var calls: [DecodeCall] = []
        for place in 0..<48 {
            let isGuest = place % 16 == 9
            // Payloads of many lengths: each call must find its own octets.
            let bytes = [UInt8](repeating: UInt8(place), count: 1 + place * 7 % 60)
            var call = DecodeCall(isGuest ? guest.script : place % 2 == 0 ? Self.good : Self.spy, bytes)
            call.applicationID = isGuest ? "guest" : "host-\(place % 3)"
            calls.append(call)
        }
        // Slow enough a limit that only an endless loop reaches it.
        try await TestCodec.with({ $0.timeLimitMilliseconds = 300 }) { [calls] codec in
            for _ in 0..<2 {
                let outcomes = await withCheckedContinuation { continuation in
                    codec.decode(calls) { continuation.resume(returning: $0) }
                }
                for (call, outcome) in zip(calls, outcomes) {
                    if call.applicationID == "guest" {
                        #expect(
                            outcome.fields == guest.fields,
                            "\(guest.script): \(String(describing: outcome.failure))"
                        )
                        #expect(
                            outcome.failure?.kind == guest.kind,
                            "\(guest.script): \(String(describing: outcome.failure))"
                        )
                    } else {
                        #expect(outcome.fields == #"{"a":\#(call.bytes[0]),"n":\#(call.bytes.count)}"#)
                    }
                }
            }
        }
    }

    @Test func resultsThatFillMoreThanOneAnswerAllArrive() async throws {
        let script = "function Decoder(b) { return { s: String.fromCharCode(97 + b[0]).repeat(150000) }; }"
        let calls = (0..<20).map { DecodeCall(script, [$0]) }
        let outcomes = try await TestCodec.with { codec in
            await withCheckedContinuation { continuation in
                codec.decode(calls) { continuation.resume(returning: $0) }
            }
        }
        for (index, outcome) in outcomes.enumerated() {
            let letter = String(UnicodeScalar(UInt8(97 + index)))
            #expect(outcome.fields == "{\"s\":\"\(String(repeating: letter, count: 150_000))\"}")
        }
    }

    @Test func aTimeIsReadWholeOnBothSidesOf1970() async throws {
        let script = "function decodeUplink(input) { return { data: { t: input.recvTime.getTime() } }; }"
        let times: [Int64] = [0, 1, -1, 1_700_000_000_123, -62_135_596_800_000, 4_294_967_296, -4_294_967_297]
        try await TestCodec.with { codec in
            for time in times {
                var call = DecodeCall(script, [], .v3)
                call.receivedAt = time
                #expect(await codec.decode(call).decoded == #"{"t":\#(time)}"#)
            }
        }
    }
}
