// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import TestSupport
import Testing

@Suite struct RegionRuleTests {
    @Test func `a sub-band is eight narrow channels and the wide one of its number`() throws {
        let america = try #require(Region.named("US915"))
        #expect(america.subBandCount == 8)
        #expect(america.subBand(2)?.indexes == Array(8..<16) + [65])
        #expect(america.subBand(8)?.indexes == Array(56..<64) + [71])
        #expect(america.subBand(0) == nil && america.subBand(9) == nil)
        let china = try #require(Region.named("CN470"))
        #expect(china.subBandCount == 12)
        #expect(china.subBand(12)?.indexes == Array(88..<96))
        let europe = try #require(Region.named("EU868"))
        #expect(europe.subBandCount == 0 && europe.subBand(1) == nil)
    }

    @Test func `the uplink data rate of every row is found by its modulation`() {
        for region in Region.all {
            for (index, row) in region.dataRates.enumerated() {
                guard let row, row.isUplink else { continue }
                #expect(region.dataRate(of: row.modulation) == DataRateIndex(index), "\(region) DR\(index)")
            }
        }
    }

    @Test func `a region is found by name in any case`() {
        #expect(Region.named("eu868")?.name == "EU868")
        #expect(Region.named("AS923")?.name == "AS923-1")
        #expect(Region.named("as923-3")?.name == "AS923-3")
        #expect(Region.named("EU86") == nil)
        #expect(Region.named("") == nil)
    }

    @Test func `LR-FHSS is known by whole kilohertz and by any spelling of its coding rate`() throws {
        let region = try #require(Region.named("EU868"))
        #expect(region.dataRate(of: .fhss(occupiedWidth: 136_719, codingRate: "1/3")) == 8)
        #expect(region.dataRate(of: .fhss(occupiedWidth: 137_000, codingRate: "4/6")) == 9)
        #expect(region.dataRate(of: .fhss(occupiedWidth: 335_938, codingRate: "2/6")) == 10)
        #expect(region.dataRate(of: .fhss(occupiedWidth: 137_000, codingRate: "5/6")) == nil)
        #expect(region.dataRate(of: .fhss(occupiedWidth: 200_000, codingRate: "1/3")) == nil)
    }

    @Test func `FSK is known by its bit rate`() throws {
        let region = try #require(Region.named("EU868"))
        #expect(region.dataRate(of: .fsk(deviation: 0, bitRate: 50_000)) == 7)
        #expect(region.dataRate(of: .fsk(deviation: 25_000, bitRate: 150_000)) == nil)
    }

    @Test func `a modulation used both ways on two rows gives the uplink row`() throws {
        let region = try #require(Region.named("US915"))
        #expect(region.dataRate(of: .lora(spreading: 8, bandwidth: 500_000)) == 4)
        #expect(region.dataRate(of: .lora(spreading: 12, bandwidth: 500_000)) == nil)
    }

    @Test func `a frequency between the channels has no first window in a fixed plan`() throws {
        let region = try #require(Region.named("US915"))
        #expect(region.rx1Frequency(uplinkFrequency: 902_300_000) == 923_300_000)
        #expect(region.rx1Frequency(uplinkFrequency: 914_200_000) == 927_500_000)
        #expect(region.rx1Frequency(uplinkFrequency: 902_400_000) == nil)
        #expect(region.rx1Frequency(uplinkFrequency: 900_000_000) == nil)
        #expect(Region.named("EU868")?.rx1Frequency(uplinkFrequency: 867_100_000) == 867_100_000)
    }

    @Test func `ping slots hop with the address and the beacon`() throws {
        let plan = try #require(Region.named("US915")).classB
        #expect(plan.beaconFrequency(beaconTime: 128 * 9) == 923_900_000)
        #expect(plan.pingSlotFrequency(devAddr: DevAddr(rawValue: 3), beaconTime: 128 * 9) == 925_700_000)
        #expect(plan.pingSlotFrequency(devAddr: DevAddr(rawValue: .max), beaconTime: 128) == 923_300_000)
    }

    @Test func `a sub-band of US915 takes two requests`() throws {
        let region = try #require(Region.named("US915"))
        let defined = region.defaultChannelSet
        let wanted = ChannelSet(Array(8..<16) + [65])
        let masks = try #require(region.masks(from: defined, to: wanted, defined: defined))
        #expect(masks.map(\.control) == [7, 0])
        #expect(masks.map(\.mask) == [0x0002, 0xff00])
        #expect(try applied(masks, to: defined, region) == wanted)
    }

    @Test func `a dynamic plan takes one request and refuses channels that are not defined`() throws {
        let region = try #require(Region.named("EU868"))
        let defined = ChannelSet(0..<8)
        let masks = try #require(region.masks(from: ChannelSet(0..<3), to: defined, defined: defined))
        #expect(masks.count == 1)
        #expect(try applied(masks, to: ChannelSet(0..<3), region, defined: defined) == defined)
        #expect(region.masks(from: defined, to: ChannelSet([9]), defined: defined) == nil)
        #expect(region.channels(afterMask: 0x0100, control: 0, enabled: defined, defined: defined) == nil)
        #expect(region.channels(afterMask: 1, control: 3, enabled: defined, defined: defined) == nil)
        #expect(region.masks(from: defined, to: defined, defined: defined)?.isEmpty == true)
    }

    @Test func `all channels of CN470 come on with one request`() throws {
        let region = try #require(Region.named("CN470"))
        let defined = region.defaultChannelSet
        let masks = try #require(region.masks(from: ChannelSet(0..<8), to: defined, defined: defined))
        #expect(masks.map(\.control) == [6])
    }

    @Test func `bank masks switch narrow and wide channels together`() throws {
        let region = try #require(Region.named("AU915"))
        let defined = region.defaultChannelSet
        let after = region.channels(afterMask: 0b10, control: 5, enabled: defined, defined: defined)
        #expect(after == ChannelSet(Array(8..<16) + [65]))
        #expect(
            region.channels(afterMask: 0x80, control: 6, enabled: ChannelSet(), defined: defined)
                == ChannelSet(Array(0..<64) + [71])
        )
    }

    @Test(arguments: Region.all)
    func `masks lead from any set to any other`(region: Region) throws {
        var random = SeededGenerator(seed: 7)
        let defined = region.hasFixedChannels ? region.defaultChannelSet : ChannelSet(0..<16)
        for _ in 0..<200 {
            let from = ChannelSet(defined.indexes.filter { _ in Bool.random(using: &random) })
            let wanted = ChannelSet(defined.indexes.filter { _ in Bool.random(using: &random) })
            let masks = try #require(region.masks(from: from, to: wanted, defined: defined))
            #expect(try applied(masks, to: from, region, defined: defined) == wanted)
        }
    }

    @Test func `a channel list holds frequencies or masks as the region wants`() throws {
        let europe = try #require(Region.named("EU868"))
        let list = europe.channelList(
            extraChannels: europe.commonExtraChannels,
            enabled: europe.defaultChannelSet,
            version: .v1_0_2,
        )
        #expect(list.map { Hex.text($0.octets) } == "184f84e85684b85e84886684586e8400")
        let america = try #require(Region.named("US915"))
        let enabled = ChannelSet(Array(8..<16) + [65])
        #expect(america.channelList(extraChannels: [], enabled: enabled, version: .v1_0_2) == nil)
        let masks = america.channelList(extraChannels: [], enabled: enabled, version: .v1_0_3)
        #expect(masks == .channelMasks([0xff00, 0, 0, 0, 2]))
    }

    private func applied(
        _ masks: [(control: UInt8, mask: UInt16)],
        to channels: ChannelSet,
        _ region: Region,
        defined: ChannelSet? = nil,
    ) throws -> ChannelSet {
        try masks.reduce(channels) { enabled, step in
            let next = region.channels(
                afterMask: step.mask,
                control: step.control,
                enabled: enabled,
                defined: defined ?? region.defaultChannelSet,
            )
            return try #require(next)
        }
    }
}
