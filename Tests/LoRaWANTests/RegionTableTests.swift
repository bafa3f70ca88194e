// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Testing

/// One region of the reference file beside the one of the module.
struct RegionEntry: Sendable, CustomTestStringConvertible {
    let region: Region
    let reference: Fields

    var testDescription: String { region.name }

    static let all: [RegionEntry] = {
        guard let members = readFixture("regions")["regions"]?.object?.members, !members.isEmpty else {
            preconditionFailure("the reference file has no regions")
        }
        return members.map { name, value in
            guard let region = Region.named(name) else { preconditionFailure("the module lacks \(name)") }
            return RegionEntry(region: region, reference: Fields(value: value))
        }
    }()
}

/// Every figure of the reference file is compared with the module's tables.
@Suite struct RegionTableTests {
    @Test func `the module has exactly the regions of the reference`() {
        #expect(Set(RegionEntry.all.map(\.region.name)) == Set(Region.names))
        #expect(Region.names.count == 12)
    }

    @Test(arguments: RegionEntry.all)
    func `default channels agree`(entry: RegionEntry) throws {
        let region = entry.region
        let channels = try entry.reference.elements("default_uplink_channels").map { Fields(value: $0) }
        #expect(region.hasFixedChannels == (try entry.reference.text("plan_type") == "fixed"))
        #expect(region.maximumChannels == (try entry.reference.number("max_channels")))
        #expect(region.defaultChannelSet.count == channels.count)
        for channel in channels {
            let index: Int = try channel.number("index")
            let frequency: UInt32 = try channel.number("frequency_hz")
            #expect(region.defaultChannelFrequency(of: index) == frequency)
            #expect(region.defaultChannelIndex(frequency: frequency) == index)
            let range = try #require(region.defaultChannels.first { $0.indexes.contains(index) })
            #expect(range.minimumDataRate == (try channel.number("min_dr")))
            #expect(range.maximumDataRate == (try channel.number("max_dr")))
        }
        let extra = entry.reference.value["common_extra_channels_hz"]?.elements ?? []
        #expect(region.commonExtraChannels.map { Int64($0) } == extra.compactMap(\.wholeNumber))
    }

    @Test(arguments: RegionEntry.all)
    func `data rates agree`(entry: RegionEntry) throws {
        let rows = try #require(try entry.reference.fields("data_rates").value.object)
        #expect(entry.region.dataRates.compactMap(\.self).count == rows.members.count)
        for (name, value) in rows.members {
            let index = try #require(DataRateIndex(name))
            let row = Fields(value: value)
            let modulation: Modulation =
                switch try row.text("modulation") {
                case "LORA": .lora(spreading: try row.number("sf"), bandwidth: try row.number("bandwidth_hz"))
                case "FSK": .fsk(deviation: 25_000, bitRate: try row.number("bitrate_bps"))
                default:
                    .fhss(
                        occupiedWidth: try row.number("occupied_bandwidth_hz"),
                        codingRate: try row.text("coding_rate"),
                    )
                }
            #expect(entry.region.modulation(of: index) == modulation)
            #expect(entry.region.codingRate(of: index) == value["coding_rate"]?.text)
            #expect(entry.region.row(of: index)?.isUplink == (try row.boolean("uplink")))
            #expect(entry.region.row(of: index)?.isDownlink == (try row.boolean("downlink")))
            if try row.boolean("uplink") { #expect(entry.region.dataRate(of: modulation) == index) }
        }
    }

    @Test(arguments: RegionEntry.all)
    func `payload limits agree`(entry: RegionEntry) throws {
        let limits = try #require(try entry.reference.fields("max_payload").value.object)
        #expect(!limits.isEmpty)
        for (name, value) in limits.members {
            let index = try #require(DataRateIndex(name))
            let row = try #require(entry.region.row(of: index))
            for (suffix, dwell) in [
                ("", DwellTime.unlimited), ("_dwell_400ms", DwellTime(uplink: true, downlink: true)),
            ] {
                for (repeaterSuffix, isRepeated) in [("", false), ("_repeater", true)] {
                    let expected: Int = try Fields(value: value).number("n_bytes" + suffix + repeaterSuffix)
                    for direction in [FrameDirection.up, .down] {
                        let isUsed = direction == .up ? row.isUplink : row.isDownlink
                        let limit = entry.region.maxPayload(
                            dataRate: index,
                            direction: direction,
                            dwell: dwell,
                            throughRepeater: isRepeated,
                        )
                        #expect(limit == (isUsed ? expected : nil))
                    }
                }
            }
        }
    }

    @Test(arguments: RegionEntry.all)
    func `first window data rates agree`(entry: RegionEntry) throws {
        let reference = try entry.reference.fields("rx1_dr")
        #expect(entry.region.maximumRX1Offset == (try reference.number("max_offset")))
        let free = try reference.fields("table_no_dwell")
        let limited =
            try reference.isNull("table_downlink_dwell_400ms")
            ? free : try reference.fields("table_downlink_dwell_400ms")
        for (table, dwell) in [(free, false), (limited, true)] {
            for index in DataRateIndex(0)..<16 {
                let row: [DataRateIndex] = try table.value["\(index)"] == nil ? [] : table.numbers("\(index)")
                for offset in UInt8(0)..<8 {
                    let expected = Int(offset) < row.count ? row[Int(offset)] : nil
                    let found = entry.region.rx1DataRate(uplink: index, offset: offset, downlinkDwell: dwell)
                    #expect(found == expected)
                }
            }
        }
    }

    @Test(arguments: RegionEntry.all)
    func `window frequencies agree`(entry: RegionEntry) throws {
        let region = entry.region
        let rule = try entry.reference.fields("rx1_frequency")
        for index in region.defaultChannelSet.indexes {
            let uplink = try #require(region.defaultChannelFrequency(of: index))
            let expected: UInt32
            if try rule.text("rule") == "same_as_uplink" {
                expected = uplink
            } else {
                let step: UInt32 = try rule.number("step_hz")
                let modulo: Int = try rule.number("modulo")
                expected = try rule.number("base_hz", as: UInt32.self) + UInt32(index % modulo) * step
            }
            #expect(region.rx1Frequency(uplinkFrequency: uplink) == expected)
        }
        let rx2 = try entry.reference.fields("rx2_default")
        #expect(region.rx2.frequency == (try rx2.number("frequency_hz")))
        #expect(region.rx2.dataRate == (try rx2.number("dr")))
        let timing = try entry.reference.fields("timing_defaults")
        #expect(ReceiveTiming.defaultDelay == (try timing.number("rx1_delay_s")))
        #expect(ReceiveTiming.defaultDelay + ReceiveTiming.secondWindowOffset == (try timing.number("rx2_delay_s")))
        #expect(ReceiveTiming.joinAcceptDelay == (try timing.number("join_accept_delay1_s")))
    }

    @Test(arguments: RegionEntry.all)
    func `class B plans agree`(entry: RegionEntry) throws {
        let reference = try entry.reference.fields("class_b")
        let plan = entry.region.classB
        #expect(plan.beaconDataRate == (try reference.number("beacon_dr")))
        #expect(plan.beaconFrequencies == (try reference.numbers("beacon_frequencies_hz")))
        #expect(plan.pingSlotDataRate == (try reference.number("ping_slot_default_dr")))
        #expect(plan.pingSlotFrequencies == (try reference.numbers("ping_slot_default_frequencies_hz")))
    }

    @Test(arguments: RegionEntry.all)
    func `transmit powers agree`(entry: RegionEntry) throws {
        let reference = try entry.reference.fields("tx_power")
        let maximum = try #require(reference.value["max_eirp_dbm"]?.double)
        let offsets: [Int] = try reference.numbers("offset_db_by_index")
        for index in UInt8(0)..<16 {
            let expected = Int(index) < offsets.count ? maximum + Double(offsets[Int(index)]) : nil
            #expect(entry.region.eirp(powerIndex: index) == expected)
        }
    }

    @Test(arguments: RegionEntry.all)
    func `join, ADR, dwell and channel list rules agree`(entry: RegionEntry) throws {
        let region = entry.region
        let join = try entry.reference.fields("join")
        if region.joinChannels.count == 2 {
            #expect(region.joinChannels[0].minimumDataRate == (try join.number("dr_125khz")))
            #expect(region.joinChannels[1].minimumDataRate == (try join.number("dr_500khz")))
        } else {
            #expect(region.joinChannels[0].minimumDataRate == (try join.number("min_dr")))
            #expect(region.joinChannels[0].maximumDataRate == (try join.number("max_dr")))
        }
        #expect(ChannelSet(region.joinChannels.flatMap(\.channels)) == region.defaultChannelSet)

        let adr = try entry.reference.fields("adr")
        #expect(region.adr.minimumDataRate == (try adr.number("min_dr")))
        #expect(region.adr.maximumDataRate == (try adr.number("max_dr")))
        #expect(region.adr.wideDataRate.map { Int64($0) } == adr.value["max_dr_500khz"]?.wholeNumber)
        let underDwell = adr.value["min_dr_with_uplink_dwell"]?.wholeNumber ?? 0
        #expect(Int64(region.adr.minimumDataRateUnderDwell) == underDwell)

        let setup = try entry.reference.fields("tx_param_setup")
        #expect(region.supportsTxParamSetup == (try setup.boolean("supported")))
        #expect(region.bootDwellTime.uplink == (setup.value["boot_uplink_dwell_400ms"]?.boolean ?? false))
        #expect(region.bootDwellTime.downlink == (setup.value["boot_downlink_dwell_400ms"]?.boolean ?? false))

        let list = try entry.reference.fields("cf_list")
        switch region.channelList {
        case .frequencies(let first, let minimum, let maximum):
            #expect(try list.number("type", as: Int.self) == 0)
            #expect(first == (try list.number("first_channel_index")))
            #expect(minimum == (try list.number("min_dr")))
            #expect(maximum == (try list.number("max_dr")))
        case .masks(let count, let version):
            #expect(try list.number("type", as: Int.self) == 1)
            #expect(count == (region.maximumChannels + 15) / 16)
            #expect(try list.text("minimum_mac_version").hasPrefix(version.rawValue))
        }

        let bands = try entry.reference.fields("limits").value["duty_cycle_sub_bands"]?.elements ?? []
        #expect(region.subBands.count == bands.count)
        for (band, value) in zip(region.subBands, bands) {
            #expect(Int64(band.frequencies.lowerBound) == value["min_hz"]?.wholeNumber)
            #expect(Int64(band.frequencies.upperBound) == value["max_hz"]?.wholeNumber)
            #expect(band.dutyCycle == value["duty_cycle"]?.double)
            #expect(band.maximumERP == value["max_erp_dbm"]?.double)
        }
    }

    @Test(arguments: RegionEntry.all)
    func `channel mask controls agree`(entry: RegionEntry) throws {
        let rules = try entry.reference.fields("ch_mask").fields("ch_mask_cntl").value
        for control in 0..<8 {
            let text = rules["\(control)"]?.text
            #expect((entry.region.channelMaskRules[control] == nil) == (text == nil))
            guard let text, let rule = entry.region.channelMaskRules[control] else { continue }
            switch rule {
            case .block(let first): #expect(text.contains("channels \(first)..") || control == 4)
            case .allOn: #expect(text.hasPrefix("all") && text.contains("on (mask ignored)"))
            case .allOff: Issue.record("no region of the reference has this")
            case .banks: #expect(text.hasPrefix("bank mode"))
            case .narrow(let isOn): #expect(text.hasPrefix("all 125 kHz channels \(isOn ? "on" : "off")"))
            }
        }
    }
}
