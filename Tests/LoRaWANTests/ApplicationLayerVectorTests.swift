// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Testing

@Suite struct ClassBVectorTests {
    @Test(arguments: Vector.group("class_b_ping"))
    func `ping slots lie where expected`(vector: Vector) throws {
        let beaconTime: UInt32 = try vector.inputs.number("beacon_time_s")
        let slots = PingSlots(
            beaconTime: beaconTime,
            devAddr: try vector.inputs.devAddr("dev_addr"),
            periodicity: try vector.inputs.number("periodicity"),
        )
        #expect(slots.count == (try vector.inputs.number("ping_nb")))
        #expect(slots.period == (try vector.expected.number("ping_period_slots")))
        #expect(slots.offset == (try vector.expected.number("ping_offset_slots")))
        let expected: [Int] = try vector.expected.numbers("first_slots_ms_after_beacon")
        #expect(Array(slots.millisecondsAfterBeacon.prefix(expected.count)) == expected)
        #expect(slots.millisecondsAfterBeacon.count == slots.count)

        let start = GPSTime(seconds: beaconTime)
        let first = GPSTime(nanoseconds: start.nanoseconds + Int64(expected[0]) * 1_000_000)
        #expect(slots.first(notBefore: start) == first)
        #expect(slots.first(notBefore: first) == first)
        let second = slots.first(notBefore: GPSTime(nanoseconds: first.nanoseconds + 1))
        let expectedSecond = expected.dropFirst().first.map { start.nanoseconds + Int64($0) * 1_000_000 }
        #expect(second?.nanoseconds == expectedSecond)
        #expect(PingSlots.beaconTime(of: first) == beaconTime)
    }

    @Test(arguments: Vector.group("class_b_beacon_frame_sf9"))
    func `a beacon has the expected octets`(vector: Vector) throws {
        func signed(_ raw: Int32) -> Int32 { (raw << 8) >> 8 }
        let frame = BeaconFrame(
            time: try vector.inputs.number("beacon_time_s"),
            infoDescriptor: try vector.inputs.number("info_desc"),
            latitude: signed(try vector.inputs.number("latitude_raw_24bit")),
            longitude: signed(try vector.inputs.number("longitude_raw_24bit")),
        )
        #expect(frame.octets == (try vector.expected.octets("bytes")))
        #expect(BeaconFrame(octets: frame.octets) == frame)
        for index in frame.octets.indices {
            var damaged = frame.octets
            damaged[index] ^= 0x10
            #expect(BeaconFrame(octets: damaged) == nil)
        }
        #expect(BeaconFrame(octets: Array(frame.octets.dropLast())) == nil)
    }
}

@Suite struct MulticastVectorTests {
    @Test(arguments: Vector.group("multicast_keys"))
    func `multicast keys are derived as expected`(vector: Vector) throws {
        let expected = vector.expected
        let root = try vector.inputs.key("gen_app_key_10x_or_app_key_11")
        let mcKey = try vector.inputs.key("mc_key")
        let old = MulticastRootKeys(genAppKey: root)
        #expect(old.mcRootKey == (try expected.key("mc_root_key_from_gen_app_key")))
        #expect(old.mcKEKey == (try expected.key("mc_ke_key_from_gen_app_key")))
        #expect(old.encrypted(mcKey: mcKey) == (try expected.octets("mc_key_encrypted_gen_app_key")))
        #expect(old.decrypted(try expected.octets("mc_key_encrypted_gen_app_key")) == mcKey)
        let new = MulticastRootKeys(appKey11: root)
        #expect(new.mcRootKey == (try expected.key("mc_root_key_from_app_key_11")))
        #expect(new.mcKEKey == (try expected.key("mc_ke_key_from_app_key_11")))
        #expect(new.encrypted(mcKey: mcKey) == (try expected.octets("mc_key_encrypted_app_key_11")))
        let keys = MulticastKeys(mcKey: mcKey, mcAddr: try vector.inputs.devAddr("mc_addr"))
        #expect(keys.mcAppSKey == (try expected.key("mc_app_s_key")))
        #expect(keys.mcNwkSKey == (try expected.key("mc_net_s_key")))
        #expect(old.decrypted([1, 2, 3]) == nil)
    }
}

@Suite struct FragmentationVectorTests {
    @Test(arguments: Vector.group("fragmentation"))
    func `coded fragments are the expected sums`(vector: Vector) throws {
        let count: Int = try vector.inputs.number("nb_frag")
        let size: Int = try vector.inputs.number("frag_size")
        let redundancy: Int = try vector.inputs.number("redundancy")
        let data = try vector.inputs.octets("data")
        let code = FragmentationCode(fragmentCount: count)
        let lines = try vector.expected.elements("matrix_line_columns").map { line in
            try #require(line.elements).compactMap(\.wholeNumber)
        }
        #expect(lines.count == redundancy)
        for (index, line) in lines.enumerated() {
            #expect(code.columns(ofCoded: index + 1).map { Int64($0) } == line)
        }
        let fragments = (0..<count).map { Array(data[$0 * size..<($0 + 1) * size]) }
        let coded = code.codedFragments(of: fragments, redundancy: redundancy)
        #expect(coded.map { Hex.text($0) } == (try vector.expected.elements("coded_fragments").map(\.text)))
    }
}

@Suite struct ClockSyncVectorTests {
    @Test(arguments: Vector.group("clock_sync"))
    func `a clock synchronisation message has the expected octets and is read back`(vector: Vector) throws {
        let octets = try vector.expected.octets("bytes")
        let fields = try vector.inputs.fields("fields")
        switch try vector.inputs.text("message") {
        case "PackageVersionReq": expect(.packageVersionRequest, octets)
        case "PackageVersionAns":
            expect(
                .packageVersion(
                    identifier: try fields.number("package_identifier"),
                    version: try fields.number("package_version"),
                ),
                octets,
            )
        case "AppTimeReq":
            expect(
                .timeRequest(
                    deviceTime: try fields.number("device_time_s"),
                    answerRequired: try fields.boolean("ans_required"),
                    token: try fields.number("token_req"),
                ),
                octets,
            )
        case "AppTimeAns":
            expect(
                .timeAnswer(
                    correction: try fields.number("time_correction_s"),
                    token: try fields.number("token_ans"),
                ),
                octets,
            )
        case "DeviceAppTimePeriodicityReq":
            let period: UInt8 = try fields.number("period")
            #expect(128 << Int(period) == (try fields.number("nominal_interval_s", as: Int.self)))
            expect(.periodicityRequest(period: period), octets)
        case "DeviceAppTimePeriodicityAns":
            expect(
                .periodicityAnswer(
                    notSupported: try fields.boolean("not_supported"),
                    deviceTime: try fields.number("time_s"),
                ),
                octets,
            )
        case "ForceDeviceResyncReq":
            expect(.resyncRequest(transmissions: try fields.number("nb_transmissions")), octets)
        case let other: throw VectorError(text: "no message \(other)")
        }
    }

    @Test func `messages in a row are read up to the first unknown one`() {
        let uplinks = ClockSyncUplink.parse([0, 1, 1, 1, 4, 3, 2, 1, 0x12, 9, 9])
        #expect(
            uplinks.messages == [
                .packageVersion(identifier: 1, version: 1),
                .timeRequest(deviceTime: 0x0102_0304, answerRequired: true, token: 2),
            ]
        )
        #expect(!uplinks.isComplete)
        #expect(!ClockSyncDownlink.parse([1, 0, 0]).isComplete)
        #expect(ClockSyncDownlink.parse([]).isComplete)
    }

    private func expect(_ message: ClockSyncUplink, _ octets: [UInt8]) {
        #expect(message.octets == octets)
        let parsed = ClockSyncUplink.parse(octets)
        #expect(parsed.messages == [message] && parsed.isComplete)
    }

    private func expect(_ message: ClockSyncDownlink, _ octets: [UInt8]) {
        #expect(message.octets == octets)
        let parsed = ClockSyncDownlink.parse(octets)
        #expect(parsed.messages == [message] && parsed.isComplete)
    }
}
