// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Testing

@Suite struct TimeVectorTests {
    @Test(arguments: Vector.group("gps_time"))
    func `GPS time counts leap seconds`(vector: Vector) throws {
        let unix = UnixTime(milliseconds: try vector.expected.number("unix_s") * 1000)
        let gps = GPSTime(seconds: try vector.expected.number("gps_s"))
        #expect(GPSTime(unix) == gps)
        #expect(gps.unixTime == unix)
        #expect(gps.seconds == (try vector.expected.number("gps_s")))
        #expect(gps.fraction == 0)
        let leapSeconds = gps.nanoseconds / 1_000_000_000 - (unix.seconds - 315_964_800)
        #expect(leapSeconds == (try vector.expected.number("leap_seconds_since_gps_epoch")))
    }

    @Test func `an inserted leap second shows as the second after it`() {
        #expect(GPSTime(seconds: 1_167_264_017).unixTime == UnixTime(milliseconds: 1_483_228_800_000))
        #expect(GPSTime(seconds: 1_167_264_016).unixTime == UnixTime(milliseconds: 1_483_228_799_000))
    }

    @Test func `the fraction is rounded down to 256ths`() {
        let time = GPSTime(nanoseconds: 5_999_999_999)
        #expect(time.seconds == 5)
        #expect(time.fraction == 255)
        #expect(GPSTime(seconds: 5, fraction: 128).nanoseconds == 5_500_000_000)
    }
}

@Suite struct AirtimeVectorTests {
    @Test(arguments: Vector.group("airtime_lora"))
    func `a LoRa frame is on air as long as expected`(vector: Vector) throws {
        let inputs = vector.inputs
        let codingRate = try #require(LoRaCodingRate(rawValue: try inputs.text("coding_rate")))
        let frame = try #require(
            LoRaPhysicalFrame(
                spreading: inputs.number("sf"),
                bandwidth: inputs.number("bandwidth_hz"),
                codingRate: codingRate,
                length: inputs.number("phy_payload_bytes"),
                hasHeader: inputs.boolean("explicit_header"),
                hasCRC: inputs.boolean("crc"),
                preambleSymbols: inputs.number("preamble_symbols"),
            )
        )
        #expect(frame.isOptimizedForLowDataRate == (try inputs.boolean("low_data_rate_optimize")))
        #expect(frame.payloadSymbols == (try vector.expected.number("payload_symbols")))
        #expect(frame.airtime.microseconds == (try vector.expected.number("airtime_us")))
        guard frame.hasHeader, frame.preambleSymbols == 8 else { return }
        let airtime = Airtime(
            of: frame.length,
            modulation: .lora(spreading: frame.spreading, bandwidth: frame.bandwidth),
            codingRate: frame.codingRate.rawValue,
            direction: frame.hasCRC ? .up : .down,
        )
        #expect(airtime == frame.airtime)
    }

    @Test(arguments: Vector.group("airtime_fsk"))
    func `an FSK frame is on air as long as expected`(vector: Vector) throws {
        let airtime = Airtime(
            of: try vector.inputs.number("phy_payload_bytes"),
            modulation: .fsk(deviation: 25_000, bitRate: try vector.inputs.number("bitrate_bps")),
            direction: .up,
        )
        #expect(airtime?.microseconds == (try vector.expected.number("airtime_us")))
        #expect(airtime.map { $0.duration } == .microseconds(try vector.expected.number("airtime_us", as: Int64.self)))
    }

    @Test func `fractions of a microsecond are kept as nanoseconds`() throws {
        let frame = try #require(LoRaPhysicalFrame(spreading: 7, bandwidth: 812_500, length: 1, hasCRC: true))
        #expect(frame.airtime.nanoseconds == Int64(12.25 * 128_000_000_000 / 812_500 + 13 * 128_000_000_000 / 812_500))
    }

    @Test func `an LR-FHSS frame is its headers and blocks`() {
        // 13 octets: 126 bits, 378 coded at 1/3 in 8 blocks, behind three headers.
        #expect(Airtime.fhss(length: 13, codingRate: "1/3") == Airtime(nanoseconds: (3 * 114 + 378 + 16) * 2_048_000))
        // The same at 2/3: 189 coded bits in 4 blocks, behind two headers.
        #expect(Airtime.fhss(length: 13, codingRate: "2/3") == Airtime(nanoseconds: (2 * 114 + 189 + 8) * 2_048_000))
    }

    @Test func `the weakest readable signal is 2,5 dB lower with each spreading factor`() {
        #expect(Modulation.lora(spreading: 6, bandwidth: 125_000).requiredSNR == -5)
        #expect(Modulation.lora(spreading: 7, bandwidth: 125_000).requiredSNR == -7.5)
        #expect(Modulation.lora(spreading: 12, bandwidth: 500_000).requiredSNR == -20)
        #expect(Modulation.fsk(deviation: 25_000, bitRate: 50_000).requiredSNR == nil)
    }

    @Test func `what cannot be sent has no airtime`() {
        #expect(Airtime(of: 10, modulation: .lora(spreading: 13, bandwidth: 125_000), direction: .up) == nil)
        #expect(Airtime(of: 10, modulation: .lora(spreading: 7, bandwidth: 0), direction: .up) == nil)
        #expect(Airtime(of: 10, modulation: .fsk(deviation: 0, bitRate: 0), direction: .up) == nil)
        #expect(Airtime.fhss(length: 10, codingRate: "5/6") == nil)
        let codingRate = Airtime(
            of: 10,
            modulation: .lora(spreading: 7, bandwidth: 125_000),
            codingRate: "4/9",
            direction: .up,
        )
        #expect(codingRate == nil)
    }
}

@Suite struct AddressVectorTests {
    @Test(arguments: Vector.group("dev_addr_from_net_id"))
    func `a device address is made from its NetID`(vector: Vector) throws {
        let netID = try vector.inputs.netID("net_id")
        let nwkAddr: UInt32 = try vector.inputs.number("nwk_addr")
        let devAddr = try #require(netID.devAddr(nwkAddr: nwkAddr))
        #expect(devAddr == (try vector.expected.devAddr("dev_addr")))
        #expect(netID.type == (try vector.expected.number("net_id_type")))
        #expect(netID.nwkID == (try vector.expected.number("nwk_id")))
        #expect(netID.nwkAddrBits == (try vector.expected.number("nwk_addr_bits")))
        #expect(netID.contains(devAddr))
        #expect(devAddr.netIDType == netID.type)
        #expect(devAddr.nwkID == netID.nwkID)
        #expect(netID.devAddr(nwkAddr: 1 << UInt32(netID.nwkAddrBits)) == nil)
        let prefix = try vector.expected.text("prefix_bits")
        #expect(devAddr.rawValue >> UInt32(32 - prefix.count) == UInt32(prefix, radix: 2))
        let range = netID.devAddrs
        #expect(range.upperBound.rawValue - range.lowerBound.rawValue == 1 << UInt32(netID.nwkAddrBits) - 1)
        if range.upperBound.rawValue < .max {
            #expect(!netID.contains(DevAddr(rawValue: range.upperBound.rawValue + 1)))
        }
    }

    @Test func `an address above every prefix belongs to no type`() {
        #expect(DevAddr(rawValue: 0xff00_0000).netIDType == nil)
        #expect(DevAddr(rawValue: 0xff00_0000).nwkID == nil)
        #expect(DevAddr(rawValue: 0xfe00_0000).netIDType == 7)
    }
}
