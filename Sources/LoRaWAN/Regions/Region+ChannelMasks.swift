// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// Channels per bank of plans with narrow and wide channels.
    private static let narrowChannelsPerBank = 8

    /// The channels that are on after a LinkADRReq with this mask and ChMaskCntl (0 to 7).
    ///
    /// `enabled` are those on before, `defined` those that exist on the device. Nil when a device must refuse: a reserved ChMaskCntl, or a bit for
    /// a channel that is not defined. Bits beyond the plan's last channel are ignored.
    public func channels(
        afterMask mask: UInt16,
        control: UInt8,
        enabled: ChannelSet,
        defined: ChannelSet,
    ) -> ChannelSet? {
        guard Int(control) < channelMaskRules.count, let rule = channelMaskRules[Int(control)] else { return nil }
        switch rule {
        case .allOn: return defined
        case .allOff: return ChannelSet()
        case .block(let first):
            let block = ChannelSet(first..<min(first + 16, maximumChannels))
            let wanted = ChannelSet(mask: mask, first: first).intersection(block)
            return wanted.isSubset(of: defined) ? enabled.subtracting(block).union(wanted) : nil
        case .banks:
            let width = Self.narrowChannelsPerBank
            var result = enabled
            for bank in 0..<width {
                for index in Array(bank * width..<(bank + 1) * width) + [wideChannels.lowerBound + bank] {
                    if mask >> UInt16(bank) & 1 == 1 { result.insert(index) } else { result.remove(index) }
                }
            }
            return result
        case .narrow(let isOn):
            let wide = ChannelSet(mask: mask & 0xff, first: wideChannels.lowerBound)
            return isOn ? wide.union(ChannelSet(0..<wideChannels.lowerBound)) : wide
        }
    }

    /// The shortest row of LinkADRReq masks, in order, that turns the channels on from `current` into `wanted`; empty when nothing changes.
    ///
    /// Nil when the plan has no masks that do. The requests of a row form one block, all or nothing (LoRaWAN 1.0.2 and later).
    public func masks(
        from current: ChannelSet,
        to wanted: ChannelSet,
        defined: ChannelSet,
    ) -> [(control: UInt8, mask: UInt16)]? {
        var best = blockMasks(from: current, to: wanted, defined: defined)
        for (control, rule) in channelMaskRules.enumerated() {
            let mask: UInt16
            switch rule {
            case .allOn, .allOff: mask = 0
            case .narrow: mask = wanted.mask(first: wideChannels.lowerBound) & 0xff
            case .block, .banks, nil: continue
            }
            let opening = (control: UInt8(control), mask: mask)
            guard
                let after = channels(afterMask: mask, control: opening.control, enabled: current, defined: defined),
                let rest = blockMasks(from: after, to: wanted, defined: defined)
            else { continue }
            if best.map({ rest.count + 1 < $0.count }) ?? true { best = [opening] + rest }
        }
        return best
    }

    /// One mask for each block of sixteen that differs.
    private func blockMasks(
        from current: ChannelSet,
        to wanted: ChannelSet,
        defined: ChannelSet,
    ) -> [(control: UInt8, mask: UInt16)]? {
        var enabled = current
        var masks: [(control: UInt8, mask: UInt16)] = []
        for (control, rule) in channelMaskRules.enumerated() {
            guard case .block(let first) = rule else { continue }
            let mask = wanted.mask(first: first)
            guard mask != enabled.mask(first: first) else { continue }
            let next = channels(afterMask: mask, control: UInt8(control), enabled: enabled, defined: defined)
            guard let next else { return nil }
            enabled = next
            masks.append((UInt8(control), mask))
        }
        return enabled == wanted ? masks : nil
    }

    /// Indexes of the wide channels of a plan that has narrow and wide ones.
    private var wideChannels: Range<Int> {
        precondition(defaultChannels.count == 2, "only plans with narrow and wide channels have such rules")
        return defaultChannels[1].indexes
    }
}
