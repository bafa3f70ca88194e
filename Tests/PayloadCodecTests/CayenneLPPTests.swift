// SPDX-License-Identifier: Apache-2.0
import PayloadCodec
import Testing

@Suite struct CayenneLPPTests {
    private func decode(_ octets: [UInt8]) throws -> String {
        String(decoding: try CayenneLPP.decode(octets), as: UTF8.self)
    }

    @Test(
        arguments: [
            ([0x01, 0x67, 0x01, 0x10], #"{"temperature_1":27.2}"#),
            ([0x01, 0x67, 0xFF, 0xD7], #"{"temperature_1":-4.1}"#),
            ([0x01, 0x67, 0xFF, 0xFF], #"{"temperature_1":-0.1}"#),
            ([0x03, 0x68, 0x64], #"{"relative_humidity_3":50}"#),
            ([0x03, 0x68, 0x65], #"{"relative_humidity_3":50.5}"#),
            ([0x04, 0x66, 0x01], #"{"presence_4":1}"#),
            ([0xFF, 0x00, 0xFF], #"{"digital_in_255":255}"#),
            ([0x00, 0x01, 0x00], #"{"digital_out_0":0}"#),
            ([0x01, 0x02, 0x00, 0x1D], #"{"analog_in_1":0.29}"#),
            ([0x01, 0x02, 0x80, 0x00], #"{"analog_in_1":-327.68}"#),
            ([0x01, 0x03, 0x7F, 0xFF], #"{"analog_out_1":327.67}"#),
            ([0x02, 0x65, 0xFF, 0xFF], #"{"luminosity_2":65535}"#),
            ([0x02, 0x73, 0x27, 0x94], #"{"barometric_pressure_2":1013.2}"#),
            ([0x02, 0x73, 0xFF, 0xFF], #"{"barometric_pressure_2":-0.1}"#),
            ([0x06, 0x71, 0x04, 0xD2, 0xFB, 0x2E, 0x00, 0x00], #"{"accelerometer_6":{"x":1.234,"y":-1.234,"z":0}}"#),
            ([0x06, 0x86, 0x00, 0x64, 0xFF, 0x9C, 0x00, 0x01], #"{"gyrometer_6":{"x":1,"y":-1,"z":0.01}}"#),
            (
                [0x05, 0x88, 0x06, 0x76, 0x5F, 0xF2, 0x96, 0x0A, 0x00, 0x03, 0xE8],
                #"{"gps_5":{"latitude":42.3519,"longitude":-87.9094,"altitude":10}}"#
            ),
            ([0x01, 0x67, 0x01, 0x10, 0x02, 0x68, 0x64], #"{"temperature_1":27.2,"relative_humidity_2":50}"#),
            ([0x01, 0x00, 0x01, 0x02, 0x00, 0x05, 0x01, 0x00, 0x07], #"{"digital_in_1":7,"digital_in_2":5}"#),
            ([], "{}"),
        ] as [([UInt8], String)]
    )
    func everyTypeIsDecodedExactly(_ octets: [UInt8], _ json: String) throws {
        #expect(try decode(octets) == json)
    }

    @Test(arguments: [0x64, 0x74, 0x75, 0x76, 0x78, 0x79, 0x7D, 0x80, 0x82, 0x83, 0x84, 0x85, 0x87, 0x8E] as [UInt8])
    func anUnknownTypeFailsTheWholePayload(_ type: UInt8) {
        #expect(throws: CayenneLPPError.unknownType(type, offset: 5)) {
            try decode([0x01, 0x67, 0x01, 0x10, 0x02, type, 0, 0, 0, 0])
        }
    }

    @Test(arguments: [[0x01], [0x01, 0x67], [0x01, 0x67, 0x01], [0x05, 0x88, 0, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]])
    func aTruncatedValueFailsTheWholePayload(_ octets: [UInt8]) {
        #expect(throws: CayenneLPPError.truncated(offset: 3)) { try decode([0x01, 0x00, 0x01] + octets) }
    }

    @Test(
        arguments: [
            (#"{"value_1":1.5,"temperature_2":3}"#, [0x01, 0x00, 0x96]),
            (#"{"value_1":0.29}"#, [0x01, 0x00, 0x1D]),
            (#"{"value_1":-0.29}"#, [0x01, 0xFF, 0xE3]),
            (#"{"value_1":1.239}"#, [0x01, 0x00, 0x7B]),
            (#"{"value_1":-1.239}"#, [0x01, 0xFF, 0x85]),
            (#"{"value_255":327.67}"#, [0xFF, 0x7F, 0xFF]),
            (#"{"value_0":-327.68}"#, [0x00, 0x80, 0x00]),
            (#"{"value_2":1,"value_1":"2","value_256":1,"value_x":1,"value_":1}"#, [0x02, 0x00, 0x64]),
            (#"{}"#, []),
        ] as [(String, [UInt8])]
    )
    func aDownlinkEncodesValuesAlone(_ json: String, _ octets: [UInt8]) throws {
        #expect(try CayenneLPP.encode(fieldsJSON: json.utf8) == octets)
    }

    @Test func everyHundredthOfTheRangeSurvivesTheWayDownAndBack() throws {
        for raw in -32768...32767 {
            let word = UInt16(bitPattern: Int16(raw))
            let octets: [UInt8] = [7, UInt8(word >> 8), UInt8(word & 0xFF)]
            let json = try CayenneLPP.decodeDownlink(octets)
            guard try CayenneLPP.encode(fieldsJSON: json) == octets else {
                Issue.record("\(raw) does not survive: \(String(decoding: json, as: UTF8.self))")
                return
            }
        }
    }

    @Test func aDownlinkDecodesUntilItsTerminator() throws {
        #expect(
            String(decoding: try CayenneLPP.decodeDownlink([1, 0, 0x96, 2, 0xFF, 0x9C, 0xFF, 9]), as: UTF8.self)
                == #"{"value_1":1.5,"value_2":-1}"#
        )
        #expect(throws: CayenneLPPError.truncated(offset: 0)) { try CayenneLPP.decodeDownlink([1, 0]) }
    }

    @Test func theCodecServesItWithoutAWorker() async throws {
        let call = DecodeCall(
            applicationID: "a",
            formatter: .cayenneLPP,
            bytes: [1, 0x67, 1, 0x10],
            port: 2,
            receivedAt: 0,
            flavours: [.v2, .v3]
        )
        var bad = call
        bad.bytes = [1, 0x74, 0]
        var empty = call
        empty.bytes = []
        try await TestCodec.with { [bad, empty] codec in
            let outcome = await codec.decode(call)
            #expect(outcome.fields == #"{"temperature_1":27.2}"#)
            #expect(outcome.decoded == #"{"temperature_1":27.2}"#)
            let failed = await codec.decode(bad)
            #expect(failed.failure?.message.hasPrefix("Unable to decode payload fields: ") == true)
            #expect(failed.fieldsJSON == nil)
            #expect(await codec.decode(empty).fieldsJSON == nil)
        }
    }

    @Test(arguments: [("", Formatter.none), ("none", .none), ("cayennelpp", .cayenneLPP), ("cayenne", .cayenneLPP)])
    func storedWordsNameTheirFormatter(_ word: String, _ formatter: Formatter) {
        #expect(Formatter(payloadFormat: word, scripts: nil) == formatter)
        #expect(Formatter(payloadFormat: "grpc", scripts: nil) == nil)
    }
}
