// SPDX-License-Identifier: Apache-2.0
import PayloadCodec
import Testing

@Suite struct NormalizeTests {
    @Test func aNormalizerOfSeveralMeasurementsGivesOneObjectEach() async throws {
        let script = """
            function decodeUplink(input) { return { data: { t: 21.5, h: 120 } }; }
            function normalizeUplink(input) {
              return { data: [{ air: { temperature: input.data.t, relativeHumidity: input.data.h } }, { wind: { speed: 3 } }],
                warnings: ["own"] };
            }
            """
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [], .v3)) }
        #expect(outcome.normalized == [#"{"air":{"temperature":21.5}}"#, #"{"wind":{"speed":3}}"#])
        #expect(
            outcome.normalizedWarnings
                == ["own", "measurement 1: `air.relativeHumidity` should be equal or less than `100`"]
        )
        #expect(outcome.decoded == #"{"t":21.5,"h":120}"#)
    }

    @Test func withoutANormalizerAnObjectOfTheSchemaIsItself() async throws {
        try await TestCodec.with { codec in
            let fits = await codec.decode(DecodeCall("function Decoder() { return { soil: { pH: 7 } }; }", [], .v3))
            #expect(fits.normalized == [#"{"soil":{"pH":7}}"#])
            let other = await codec.decode(
                DecodeCall("function Decoder() { return { soil: { pH: 7 }, x: 1 }; }", [], .v3)
            )
            #expect(other.normalized.isEmpty)
            #expect(other.normalizedFailure == nil)
        }
    }

    @Test(arguments: [
        "function normalizeUplink() { return { errors: ['e'] }; }",
        "function normalizeUplink() { return { data: { air: { unknown: 1 } } }; }",
        "function normalizeUplink() { return { data: { air: { temperature: '1' } } }; }",
        "function normalizeUplink() { throw 1; }",
        "function normalizeUplink() { return 'x'; } normalizeUplink = () => undefined;",
    ])
    func aFailingNormalizerLeavesTheDecodedPayload(_ normalizer: String) async throws {
        let script = "function decodeUplink() { return { data: { a: 1 } }; }\n" + normalizer
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [], .v3)) }
        #expect(outcome.decoded == #"{"a":1}"#)
        #expect(outcome.normalizedJSON.isEmpty)
        #expect(outcome.normalizedFailure != nil)
    }
}
