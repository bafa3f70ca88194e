// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// Reading and checking a frame.
enum AirStages {
    static func measure() throws -> [Measurement] {
        guard let key = AES128Key(hex: "000102030405060708090a0b0c0d0e0f") else { return [] }
        let frame: [UInt8] = [0x40, 1, 2, 3, 4, 0x80, 5, 0, 1] + [UInt8](repeating: 0x5A, count: 12)
        var sink: UInt32 = 0
        let parsed = try Measurement.cpu("lorawan: parse a data frame", count: 200_000) { count in
            for _ in 0..<count {
                if case .data(let data) = try UplinkFrame(parsingWithoutMIC: frame) { sink &+= data.devAddr.rawValue }
            }
        }
        let signed = Measurement.cpu("lorawan: MIC with key set-up, 21 octets", count: 100_000) { count in
            for index in 0..<count {
                sink &+=
                    MIC.dataUplink10(
                        key: key,
                        devAddr: DevAddr(rawValue: 0x0403_0201),
                        counter: UInt32(index),
                        octets: frame,
                    ).rawValue
            }
        }
        let deciphered = Measurement.cpu("lorawan: decipher 12 octets with key set-up", count: 100_000) { count in
            for index in 0..<count {
                sink &+= UInt32(
                    FRMPayloadCipher.apply(
                        key: key,
                        direction: .up,
                        devAddr: DevAddr(rawValue: 0x0403_0201),
                        counter: UInt32(index),
                        payload: frame,
                    )[0]
                )
            }
        }
        precondition(sink != 1, "keeps the work from being optimised away")
        return [parsed, signed, deciphered]
    }
}
