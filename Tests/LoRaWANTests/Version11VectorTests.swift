// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Testing

@Suite struct Version11VectorTests {
    @Test(arguments: Vector.group("uplink_mic_11"))
    func `a 1.1 uplink has the expected MIC of two keys`(vector: Vector) throws {
        let inputs = vector.inputs
        let fNwkSIntKey = try inputs.key("f_nwk_s_int_key")
        let sNwkSIntKey = try inputs.key("s_nwk_s_int_key")
        let octets = try inputs.octets("phy_payload_without_mic")
        guard case .data(let frame) = try UplinkFrame(parsingWithoutMIC: octets) else { throw NotADataFrame() }
        let mic = MIC.dataUplink11(
            keys: SessionKeys(
                fNwkSIntKey: fNwkSIntKey,
                sNwkSIntKey: sNwkSIntKey,
                nwkSEncKey: sNwkSIntKey,
                appSKey: sNwkSIntKey
            ),
            devAddr: frame.devAddr,
            counter: try inputs.number("f_cnt"),
            confirmedCounter: UInt16(truncatingIfNeeded: try inputs.number("conf_f_cnt", as: UInt32.self)),
            dataRate: try inputs.number("tx_dr"),
            channel: try inputs.number("tx_ch"),
            octets: octets,
        )
        #expect(mic == (try vector.expected.mic()))
    }

    @Test(arguments: Vector.group("downlink_mic_11"))
    func `a 1.1 downlink has the expected MIC`(vector: Vector) throws {
        let inputs = vector.inputs
        let key = try inputs.key("s_nwk_s_int_key")
        let octets = try inputs.octets("phy_payload_without_mic")
        guard case .data(let frame, _) = try DownlinkFrame(parsing: octets + [0, 0, 0, 0]) else {
            throw NotADataFrame()
        }
        let mic = MIC.dataDownlink11(
            keys: SessionKeys(nwkSKey: key, appSKey: key),
            devAddr: frame.devAddr,
            counter: try inputs.number("f_cnt"),
            confirmedCounter: UInt16(truncatingIfNeeded: try inputs.number("conf_f_cnt", as: UInt32.self)),
            octets: octets,
        )
        #expect(mic == (try vector.expected.mic()))
    }

    @Test(arguments: Vector.group("f_opts_crypt_11"))
    func `1.1 frame options encrypt and decrypt`(vector: Vector) throws {
        let inputs = vector.inputs
        let key = try inputs.key("nwk_s_enc_key")
        let direction = try inputs.direction()
        let devAddr = try inputs.devAddr("dev_addr")
        let counter: UInt32 = try inputs.number("f_cnt")
        let usesApplicationCounter = try inputs.text("counter") == "AFCntDown"
        func applied(to options: [UInt8]) -> [UInt8] {
            FRMPayloadCipher.applyToOptions(
                nwkSEncKey: key,
                direction: direction,
                devAddr: devAddr,
                counter: counter,
                usesApplicationCounter: usesApplicationCounter,
                options: options,
            )
        }
        let plain = try inputs.octets("f_opts_plain")
        let secret = try vector.expected.octets("f_opts_encrypted")
        #expect(applied(to: plain) == secret)
        #expect(applied(to: secret) == plain)
    }

    private struct NotADataFrame: Error {}
}
