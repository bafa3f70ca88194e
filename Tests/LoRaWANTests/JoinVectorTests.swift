// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Testing

@Suite struct JoinVectorTests {
    @Test(arguments: Vector.group("join_request_10"))
    func `a join-request has the expected octets and MIC`(vector: Vector) throws {
        let frame = JoinRequestFrame(
            joinEUI: try vector.inputs.eui("join_eui"),
            devEUI: try vector.inputs.eui("dev_eui"),
            devNonce: try vector.inputs.number("dev_nonce"),
        )
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.joinRequest(key: try vector.inputs.key("app_key"), octets: octets)
        #expect(mic == (try vector.expected.mic()))
        #expect(octets + mic.octets == (try vector.expected.octets("phy_payload")))
        #expect(try UplinkFrame(parsingWithoutMIC: octets) == .joinRequest(frame))
    }

    @Test(arguments: Vector.group("join_accept_10"))
    func `a 1.0 join-accept is sealed and opened`(vector: Vector) throws {
        let accept = try joinAccept(vector.inputs)
        let key = try vector.inputs.key("app_key")
        let phyPayload = accept.encrypted(appKey: key)
        #expect(phyPayload == (try vector.expected.octets("phy_payload")))
        #expect(try JoinAccept(decrypting: phyPayload, appKey: key) == accept)
        #expect(accept.cfList?.octets ?? [] == (try vector.expected.octets("cf_list_bytes")))
        var damaged = phyPayload
        damaged[5] ^= 1
        #expect(try JoinAccept(decrypting: damaged, appKey: key) == nil)
    }

    @Test(arguments: Vector.group("join_accept_11"))
    func `a 1.1 join-accept is sealed and opened`(vector: Vector) throws {
        let inputs = vector.inputs
        let accept = try joinAccept(inputs)
        let nwkKey = try inputs.key("nwk_key")
        let joinServerKeys = JoinServerKeys(nwkKey: nwkKey, devEUI: try inputs.eui("dev_eui"))
        let context = JoinAcceptContext(
            answering: try requestType(inputs),
            joinEUI: try inputs.eui("join_eui"),
            devNonce: try inputs.number("dev_nonce_or_rj_count"),
        )
        let phyPayload = accept.encrypted(nwkKey: nwkKey, joinServerKeys: joinServerKeys, context: context)
        #expect(phyPayload == (try vector.expected.octets("phy_payload")))
        let opened = try JoinAccept(
            decrypting: phyPayload,
            nwkKey: nwkKey,
            joinServerKeys: joinServerKeys,
            context: context
        )
        #expect(opened == accept)
    }

    @Test(arguments: Vector.group("session_keys_10"))
    func `a 1.0 join gives the expected session keys`(vector: Vector) throws {
        let keys = SessionKeys.derive10(
            appKey: try vector.inputs.key("app_key"),
            joinNonce: try vector.inputs.number("join_nonce"),
            netID: try vector.inputs.netID("net_id"),
            devNonce: try vector.inputs.number("dev_nonce"),
        )
        let nwkSKey = try vector.expected.key("nwk_s_key")
        #expect(keys == SessionKeys(nwkSKey: nwkSKey, appSKey: try vector.expected.key("app_s_key")))
    }

    @Test(arguments: Vector.group("session_keys_11"))
    func `a 1.1 join gives the expected session and join server keys`(vector: Vector) throws {
        let inputs = vector.inputs
        let nwkKey = try inputs.key("nwk_key")
        let keys = SessionKeys.derive11(
            nwkKey: nwkKey,
            appKey: try inputs.key("app_key"),
            joinEUI: try inputs.eui("join_eui"),
            joinNonce: try inputs.number("join_nonce"),
            devNonce: try inputs.number("dev_nonce"),
        )
        #expect(keys.fNwkSIntKey == (try vector.expected.key("f_nwk_s_int_key")))
        #expect(keys.sNwkSIntKey == (try vector.expected.key("s_nwk_s_int_key")))
        #expect(keys.nwkSEncKey == (try vector.expected.key("nwk_s_enc_key")))
        #expect(keys.appSKey == (try vector.expected.key("app_s_key")))
        let joinServerKeys = JoinServerKeys(nwkKey: nwkKey, devEUI: try inputs.eui("dev_eui"))
        #expect(joinServerKeys.jsEncKey == (try vector.expected.key("js_enc_key")))
        #expect(joinServerKeys.jsIntKey == (try vector.expected.key("js_int_key")))
    }

    @Test(arguments: Vector.group("rejoin_request_11"))
    func `a rejoin-request has the expected octets and MIC`(vector: Vector) throws {
        let inputs = vector.inputs
        let devEUI = try inputs.eui("dev_eui")
        let count: UInt16 = try inputs.number("rj_count")
        let frame: RejoinRequestFrame =
            switch try inputs.number("rejoin_type", as: Int.self) {
            case 0: .announce(netID: try inputs.netID("net_id"), devEUI: devEUI, count: count)
            case 1: .restore(joinEUI: try inputs.eui("join_eui"), devEUI: devEUI, count: count)
            default: .rekey(netID: try inputs.netID("net_id"), devEUI: devEUI, count: count)
            }
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.rejoinRequest(key: try inputs.key("mic_key"), octets: octets)
        #expect(mic == (try vector.expected.mic()))
        #expect(octets + mic.octets == (try vector.expected.octets("phy_payload")))
        #expect(try UplinkFrame(parsingWithoutMIC: octets) == .rejoinRequest(frame))
    }

    private func joinAccept(_ inputs: Fields) throws -> JoinAccept {
        JoinAccept(
            joinNonce: try inputs.number("join_nonce"),
            netID: try inputs.netID("net_id"),
            devAddr: try inputs.devAddr("dev_addr"),
            rx1DataRateOffset: try inputs.number("rx1_dr_offset"),
            rx2DataRate: try inputs.number("rx2_dr"),
            optNeg: inputs.value["opt_neg"]?.boolean ?? false,
            rxDelay: try inputs.number("rx_delay"),
            cfList: try cfList(inputs),
        )
    }

    private func requestType(_ inputs: Fields) throws -> JoinRequestType {
        let number: UInt8 = try inputs.number("join_req_type")
        return try #require(JoinRequestType(rawValue: number))
    }

    private func cfList(_ inputs: Fields) throws -> CFList? {
        if try inputs.isNull("cf_list") { return nil }
        let list = try inputs.fields("cf_list")
        if try list.number("type", as: Int.self) == 0 { return .frequencies(try list.numbers("frequencies_hz")) }
        return .channelMasks(try list.hexNumbers("ch_masks"))
    }
}
