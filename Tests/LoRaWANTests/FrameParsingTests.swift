// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Testing

@Suite struct FrameParsingTests {
    @Test func `nothing is not a frame`() {
        #expect(throws: FrameError.truncated(part: .header, needed: 1, count: 0)) {
            try UplinkFrame(parsingWithoutMIC: [])
        }
    }

    @Test func `a data frame below eight octets is truncated`() {
        #expect(throws: FrameError.truncated(part: .frameHeader, needed: 8, count: 7)) {
            try UplinkFrame(parsingWithoutMIC: [0x40, 1, 2, 3, 4, 0, 0])
        }
    }

    @Test func `options longer than the frame are truncated`() {
        #expect(throws: FrameError.truncated(part: .options, needed: 11, count: 10)) {
            try UplinkFrame(parsingWithoutMIC: [0x40, 1, 2, 3, 4, 3, 0, 0, 2, 2])
        }
    }

    @Test func `a major version other than 0 is refused`() {
        #expect(throws: FrameError.unknownMajor(1)) {
            try UplinkFrame(parsingWithoutMIC: [0x41, 1, 2, 3, 4, 0, 0, 0])
        }
    }

    @Test func `options together with port 0 are refused`() {
        #expect(throws: FrameError.optionsWithPortZero) {
            try UplinkFrame(parsingWithoutMIC: [0x40, 1, 2, 3, 4, 1, 0, 0, 2, 0])
        }
    }

    @Test func `a join-request of the wrong length is refused`() {
        #expect(throws: FrameError.wrongLength(.joinRequest, count: 20)) {
            try UplinkFrame(parsingWithoutMIC: [UInt8](repeating: 0, count: 20))
        }
    }

    @Test func `a downlink is not an uplink and the other way round`() {
        #expect(throws: FrameError.wrongDirection(.unconfirmedDataDown, .up)) {
            try UplinkFrame(parsingWithoutMIC: [0x60, 1, 2, 3, 4, 0, 0, 0])
        }
        #expect(throws: FrameError.wrongDirection(.confirmedDataUp, .down)) {
            try DownlinkFrame(parsing: [0x80, 1, 2, 3, 4, 0, 0, 0, 9, 9, 9, 9])
        }
    }

    @Test func `a rejoin-request of type 3 is refused`() {
        #expect(throws: FrameError.unknownRejoinType(3)) {
            try UplinkFrame(parsingWithoutMIC: [0xc0, 3] + [UInt8](repeating: 0, count: 13))
        }
    }

    @Test func `the shortest data frame has neither port nor payload`() throws {
        let uplink = try UplinkFrame(parsingWithoutMIC: [0x80, 4, 3, 2, 1, 0xa0, 0x39, 0x30])
        #expect(
            uplink
                == .data(
                    DataFrame(
                        direction: .up,
                        isConfirmed: true,
                        devAddr: DevAddr(rawValue: 0x0102_0304),
                        control: FrameControl(adr: true, ack: true),
                        counter: 12_345,
                    )
                )
        )
    }

    @Test func `a port without payload differs from no port`() throws {
        let octets: [UInt8] = [0x40, 1, 2, 3, 4, 0, 0, 0, 7]
        guard case .data(let frame) = try UplinkFrame(parsingWithoutMIC: octets) else {
            Issue.record("not read as data")
            return
        }
        #expect(frame.port == 7)
        #expect(frame.payload.isEmpty)
        #expect(frame.encodedWithoutMIC() == octets)
    }

    @Test func `a proprietary frame is known as such`() throws {
        #expect(try UplinkFrame(parsingWithoutMIC: [0xe0, 1, 2]) == .proprietary)
    }

    @Test(arguments: [
        FrameError.truncated(part: .options, needed: 9, count: 8), .wrongLength(.joinAccept, count: 3),
        .unknownMajor(2), .wrongDirection(.joinAccept, .up), .optionsWithPortZero, .unknownRejoinType(9),
        .unknownChannelListType(2),
    ])
    func `every frame error is a sentence with a stable reason`(error: FrameError) {
        #expect(error.description.hasSuffix("."))
        #expect(error.reason.hasPrefix("frame_"))
    }
}

@Suite struct KeyTests {
    @Test func `a key never shows itself`() throws {
        let key = try #require(AES128Key(hex: "2b7e151628aed2a6abf7158809cf4f3c"))
        #expect("\(key)" == "***")
        #expect(String(reflecting: key) == "***")
        #expect(!String(describing: SessionKeys(nwkSKey: key, appSKey: key)).contains("2b7e"))
        var text = ""
        dump(SessionKeys(nwkSKey: key, appSKey: key), to: &text)
        #expect(!text.contains("high") && text.contains("***"))
        #expect(key.hex == "2b7e151628aed2a6abf7158809cf4f3c")
    }

    /// RFC 4493 section 4.
    @Test(arguments: [
        (0, "bb1d6929e95937287fa37d129b756746"), (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (40, "dfa66747de9ae63030ca32611497c827"), (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ])
    func `CMAC gives the values of RFC 4493`(length: Int, code: String) throws {
        let key = try #require(AES128Key(hex: "2b7e151628aed2a6abf7158809cf4f3c"))
        let message = try #require(
            Hex.octets(
                "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                    + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
            )
        )
        let part = Array(message.prefix(length))
        #expect(Hex.text(AES128(key).cmac(part.span).octets) == code)
        guard length >= 16 else { return }
        let rest = Array(part.dropFirst(16))
        #expect(Hex.text(AES128(key).cmac(head: AESBlock(part), rest.span).octets) == code)
    }
}

@Suite struct VersionTests {
    @Test(arguments: [
        ("1.0", LoRaWANVersion.v1_0_0), ("1.0.3", .v1_0_3), ("1.0.4", .v1_0_4), ("1.1", .v1_1), ("1.1.0", .v1_1),
    ])
    func `a version is read from text`(text: String, version: LoRaWANVersion) {
        #expect(LoRaWANVersion(text: text) == version)
    }

    @Test(arguments: ["", "1", "1.0.5", "1.2", "v1.0.3"])
    func `other text is not a version`(text: String) {
        #expect(LoRaWANVersion(text: text) == nil)
    }

    @Test func `versions are in order`() {
        #expect(LoRaWANVersion.allCases == LoRaWANVersion.allCases.sorted())
    }

    @Test func `a class is read in either case`() {
        #expect(DeviceClass(text: "c") == .c)
        #expect(DeviceClass(text: "A") == .a)
        #expect(DeviceClass(text: "D") == nil)
    }
}
