// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// The index of the default uplink channel at exactly this frequency in hertz.
    public func defaultChannelIndex(frequency: UInt32) -> Int? {
        for range in defaultChannels {
            if let index = range.index(frequency: frequency) { return index }
        }
        return nil
    }

    /// The frequency in hertz of a default uplink channel; nil for an index that is none.
    public func defaultChannelFrequency(of index: Int) -> UInt32? {
        for range in defaultChannels {
            if let frequency = range.frequency(of: index) { return frequency }
        }
        return nil
    }

    /// The frequency in hertz of the first window after an uplink on a frequency in hertz; nil when no channel of the plan is there.
    ///
    /// A DlChannelReq may have moved the window of a channel; that is the device's state, not the region's.
    public func rx1Frequency(uplinkFrequency: UInt32) -> UInt32? {
        switch rx1FrequencyRule {
        case .sameAsUplink:
            return uplinkFrequency
        case .downlinkChannel(let count, let base, let step):
            guard let index = defaultChannelIndex(frequency: uplinkFrequency) else { return nil }
            return base + UInt32(index % count) * step
        }
    }

    /// How many sub-bands of eight channels a plan of fixed channels has; 0 for other plans.
    public var subBandCount: Int { hasFixedChannels ? (defaultChannels.first?.count ?? 0) / 8 : 0 }

    /// The channels of a sub-band from 1 on, as gateways of eight channels hear them: eight narrow ones, and the wide one of the same
    /// number where there are wide ones. Nil for a number that the plan lacks.
    public func subBand(_ number: Int) -> ChannelSet? {
        guard (1...max(1, subBandCount)).contains(number), let narrow = defaultChannels.first, hasFixedChannels else {
            return nil
        }
        let first = narrow.first + 8 * (number - 1)
        var channels = ChannelSet(first..<first + 8)
        if defaultChannels.count > 1 { channels.insert(defaultChannels[1].first + number - 1) }
        return channels
    }

    /// The channel list for a join-accept, where the region has one for that version.
    ///
    /// Plans of frequencies take the extra channels (hertz, five at most); plans of masks take the channels to be on.
    public func channelList(extraChannels: [UInt32], enabled: ChannelSet, version: LoRaWANVersion) -> CFList? {
        switch channelList {
        case .frequencies:
            guard !extraChannels.isEmpty else { return nil }
            let five = extraChannels.prefix(5)
            return .frequencies(Array(five) + [UInt32](repeating: 0, count: 5 - five.count))
        case .masks(let count, let first):
            guard version >= first, !enabled.isEmpty else { return nil }
            return .channelMasks((0..<count).map { enabled.mask(first: 16 * $0) })
        }
    }
}
