// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Testing

@Suite struct DataFrameVectorTests {
    @Test(arguments: Vector.group("uplink_mic_10_16bit") + Vector.group("uplink_mic_10_32bit"))
    func `a 1.0 uplink has the expected octets and MIC`(vector: Vector) throws {
        let inputs = vector.inputs
        let counter: UInt32 = try inputs.number("f_cnt")
        let frame = DataFrame(
            direction: .up,
            isConfirmed: try inputs.boolean("confirmed"),
            devAddr: try inputs.devAddr("dev_addr"),
            control: FrameControl(
                adr: try inputs.boolean("adr"),
                adrAckRequest: try inputs.boolean("adr_ack_req"),
                ack: try inputs.boolean("ack"),
                classB: try inputs.boolean("class_b"),
            ),
            counter: UInt16(truncatingIfNeeded: counter),
            options: try inputs.octets("f_opts"),
            port: try inputs.isNull("f_port") ? nil : try inputs.number("f_port"),
            payload: try inputs.octets("frm_payload_encrypted"),
        )
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.dataUplink10(
            key: try inputs.key("nwk_s_key"),
            devAddr: frame.devAddr,
            counter: counter,
            octets: octets
        )
        #expect(mic == (try vector.expected.mic()))
        #expect(octets + mic.octets == (try vector.expected.octets("phy_payload")))
        #expect(try UplinkFrame(parsingWithoutMIC: octets) == .data(frame))
    }

    @Test(arguments: Vector.group("downlink_mic_10"))
    func `a 1.0 downlink has the expected octets and MIC`(vector: Vector) throws {
        let inputs = vector.inputs
        let counter: UInt32 = try inputs.number("f_cnt")
        let frame = DataFrame(
            direction: .down,
            isConfirmed: try inputs.boolean("confirmed"),
            devAddr: try inputs.devAddr("dev_addr"),
            control: FrameControl(
                adr: try inputs.boolean("adr"),
                ack: try inputs.boolean("ack"),
                pending: try inputs.boolean("f_pending"),
            ),
            counter: UInt16(truncatingIfNeeded: counter),
            options: try inputs.octets("f_opts"),
            port: try inputs.isNull("f_port") ? nil : try inputs.number("f_port"),
            payload: try inputs.octets("frm_payload_encrypted"),
        )
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.dataDownlink10(
            key: try inputs.key("nwk_s_key"),
            devAddr: frame.devAddr,
            counter: counter,
            octets: octets
        )
        #expect(mic == (try vector.expected.mic()))
        #expect(octets + mic.octets == (try vector.expected.octets("phy_payload")))
        #expect(try DownlinkFrame(parsing: octets + mic.octets) == .data(frame, mic))
    }

    @Test(arguments: Vector.group("frm_payload_crypt"))
    func `a payload encrypts and decrypts`(vector: Vector) throws {
        let inputs = vector.inputs
        let key = try inputs.key("key")
        let direction = try inputs.direction()
        let devAddr = try inputs.devAddr("dev_addr")
        let counter: UInt32 = try inputs.number("f_cnt")
        func applied(to payload: [UInt8]) -> [UInt8] {
            FRMPayloadCipher.apply(
                key: key,
                direction: direction,
                devAddr: devAddr,
                counter: counter,
                payload: payload
            )
        }
        let plain = try inputs.octets("plaintext")
        let secret = try vector.expected.octets("ciphertext")
        #expect(applied(to: plain) == secret)
        #expect(applied(to: secret) == plain)
    }

    @Test(arguments: Vector.group("complete_frame_10"))
    func `a complete 1.0 frame is read, verified and decrypted`(vector: Vector) throws {
        let inputs = vector.inputs
        let expected = vector.expected
        let phyPayload = try inputs.octets("phy_payload")
        let direction = try inputs.direction()
        let (frame, mic) = try dataFrame(phyPayload, direction)
        let counter: UInt32 = try inputs.number("f_cnt_32")
        let nwkSKey = try inputs.key("nwk_s_key")
        let octets = frame.encodedWithoutMIC()
        let computed =
            direction == .up
            ? MIC.dataUplink10(key: nwkSKey, devAddr: frame.devAddr, counter: counter, octets: octets)
            : MIC.dataDownlink10(key: nwkSKey, devAddr: frame.devAddr, counter: counter, octets: octets)
        #expect((computed == mic) == (try expected.boolean("mic_ok")))
        #expect(octets == Array(phyPayload.dropLast(4)))
        let expectedType = try expected.text("m_type")
        #expect(expectedType.hasSuffix(direction == .up ? "Up" : "Down"))
        #expect(expectedType.hasPrefix("Confirmed") == frame.isConfirmed)
        #expect(frame.devAddr == (try expected.devAddr("dev_addr")))
        #expect(octets[5] & 0xf0 == (try expected.octets("f_ctrl"))[0] & 0xf0)
        #expect(frame.counter == (try expected.number("f_cnt_16")))
        #expect(frame.options == (try expected.octets("f_opts")))
        #expect(frame.port == (try expected.isNull("f_port") ? nil : try expected.number("f_port")))
        let key = try expected.text("decrypt_with") == "app_s_key" ? try inputs.key("app_s_key") : nwkSKey
        let plain = FRMPayloadCipher.apply(
            key: key,
            direction: direction,
            devAddr: frame.devAddr,
            counter: counter,
            payload: frame.payload
        )
        #expect(plain == (try expected.octets("frm_payload_plain")))
    }

    private func dataFrame(_ phyPayload: [UInt8], _ direction: FrameDirection) throws -> (DataFrame, MIC) {
        switch direction {
        case .up:
            let (uplink, mic) = try UplinkFrame.parsing(phyPayload)
            guard case .data(let frame) = uplink else { throw NotADataFrame() }
            return (frame, mic)
        case .down:
            guard case .data(let frame, let mic) = try DownlinkFrame(parsing: phyPayload) else { throw NotADataFrame() }
            return (frame, mic)
        }
    }

    private struct NotADataFrame: Error {}
}

@Suite struct FrameCounterTests {
    @Test(arguments: Vector.group("fcnt_up_reconstruct"))
    func `a counter is rebuilt from its low 16 bits`(vector: Vector) throws {
        let last: UInt32? = try vector.inputs.isNull("last_f_cnt_32") ? nil : try vector.inputs.number("last_f_cnt_32")
        let candidate = FrameCounter.candidate(last: last, received: try vector.inputs.number("received_f_cnt_16"))
        #expect(candidate == (try vector.expected.number("f_cnt_32")))
        let gap = last.map { candidate - $0 }
        #expect(gap == (try vector.expected.isNull("gap") ? nil : try vector.expected.number("gap")))
        let kind = gap == nil ? "first" : gap == 0 ? "retransmission" : "new"
        #expect(kind == (try vector.expected.text("kind")))
        let isAccepted = gap.map { $0 > 0 && $0 <= FrameCounter.maximumGap } ?? true
        #expect(isAccepted == (try vector.expected.boolean("accepted_with_max_fcnt_gap_16384")))
    }

    @Test func `a spent counter does not wrap`() {
        #expect(FrameCounter.candidate(last: .max, received: 0) == .max)
        #expect(FrameCounter.candidate(last: .max - 1, received: 0xffff) == .max)
        #expect(FrameCounter.candidate(last: 0xffff_0005, received: 4) == 0xffff_0005)
    }
}
