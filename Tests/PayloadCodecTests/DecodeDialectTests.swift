// SPDX-License-Identifier: Apache-2.0
import PayloadCodec
import Testing

@Suite struct DecodeDialectTests {
    @Test func aDecoderOfVersion2GivesFields() async throws {
        let script = "function Decoder(bytes, port) { return { t: (bytes[0] << 8 | bytes[1]) / 10, port: port, n: bytes.length }; }"
        let outcome = try await TestCodec.with { await $0.decode(DecodeCall(script, [0x01, 0x10, 0xFF], port: 7)) }
        #expect(outcome.fields == #"{"t":27.2,"port":7,"n":3}"#)
        #expect(outcome.failure == nil)
        #expect(outcome.isValid)
    }
}
