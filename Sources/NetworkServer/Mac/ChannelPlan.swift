// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The channels that a device knows: those of the region's plan and what the network changed.
struct ChannelPlan: Hashable, Sendable {
    /// Channels beyond the plan's own, by join-accept or NewChannelReq.
    private(set) var extras: [Extra] = []
    /// Channels whose RX1 is not on their uplink frequency (DlChannelReq).
    private(set) var moved: [Move] = []
    /// The channels that the device sends on.
    var enabled: ChannelSet

    struct Extra: Hashable, Sendable {
        var index: UInt8
        /// Hertz.
        var frequency: UInt32
        var minimumDataRate: DataRateIndex
        var maximumDataRate: DataRateIndex
    }

    struct Move: Hashable, Sendable {
        var index: UInt8
        /// Hertz.
        var frequency: UInt32
    }

    /// What a device knows that nobody told anything.
    init(region: Region) {
        enabled = region.defaultChannelSet
    }

    init(extras: [Extra], moved: [Move], enabled: ChannelSet) {
        self.extras = extras
        self.moved = moved
        self.enabled = enabled
    }

    /// The channels that exist on the device.
    func defined(in region: Region) -> ChannelSet {
        var channels = region.defaultChannelSet
        for extra in extras { channels.insert(Int(extra.index)) }
        return channels
    }

    /// The channel with an uplink frequency.
    func index(of frequency: UInt32, in region: Region) -> Int? {
        if let extra = extras.first(where: { $0.frequency == frequency }) { return Int(extra.index) }
        return region.defaultChannelIndex(frequency: frequency)
    }

    /// Where RX1 is after an uplink on a frequency.
    func rx1Frequency(uplink frequency: UInt32, in region: Region) -> UInt32? {
        if !moved.isEmpty, let index = index(of: frequency, in: region) {
            if let move = moved.first(where: { $0.index == index }) { return move.frequency }
        }
        return region.rx1Frequency(uplinkFrequency: frequency)
    }

    /// A NewChannelReq or an entry of a channel list took effect; frequency 0 removes the channel.
    mutating func define(_ channel: NewChannel) {
        extras.removeAll { $0.index == channel.index }
        moved.removeAll { $0.index == channel.index }
        guard channel.frequency > 0 else { return enabled.remove(Int(channel.index)) }
        let extra = Extra(
            index: channel.index,
            frequency: channel.frequency,
            minimumDataRate: channel.minimumDataRate,
            maximumDataRate: channel.maximumDataRate,
        )
        extras.insert(extra, at: extras.firstIndex { $0.index > channel.index } ?? extras.count)
        enabled.insert(Int(channel.index))
    }

    /// A DlChannelReq took effect.
    mutating func move(index: UInt8, to frequency: UInt32) {
        moved.removeAll { $0.index == index }
        moved.append(Move(index: index, frequency: frequency))
    }

    /// What a join-accept's channel list changes.
    mutating func apply(_ list: CFList?, in region: Region) {
        switch list {
        case nil: return
        case .frequencies(let frequencies):
            guard case .frequencies(let first, let minimum, let maximum) = region.channelList else { return }
            for (offset, frequency) in frequencies.enumerated() where frequency > 0 {
                define(
                    NewChannel(
                        index: UInt8(clamping: first + offset),
                        frequency: frequency,
                        minimumDataRate: minimum,
                        maximumDataRate: maximum,
                    )
                )
            }
        case .channelMasks(let masks):
            enabled = ChannelSet()
            for (block, mask) in masks.enumerated() {
                enabled = enabled.union(ChannelSet(mask: mask, first: 16 * block))
            }
        }
    }
}
