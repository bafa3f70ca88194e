// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What the network wants the devices of a coverage's region to use beyond the plan's defaults.
public struct ChannelConfiguration: Hashable, Sendable {
    /// Sub-bands of eight channels, from 1 on; empty for all channels. For plans of fixed channels.
    public var subBands: [Int] = []
    /// Channels beyond the plan's own in hertz; empty for those that networks commonly add. For plans without fixed channels.
    public var extraChannels: [UInt32] = []
    /// The second receive window in hertz; nil for the plan's.
    public var rx2Frequency: UInt32?
    /// The data rate of the second receive window; nil for the plan's.
    public var rx2DataRate: UInt8?

    /// Nothing beyond the plan.
    public init() {}

    init(_ section: Section, _ region: Region?) {
        let subBands = section.integers("sub_bands", in: 1...12)
        let extra = section.integers("extra_channels_hz", in: 100_000_000...1_000_000_000)
        rx2Frequency = section.integer("rx2_frequency_hz", in: 100_000_000...1_000_000_000).map { UInt32($0) }
        rx2DataRate = section.integer("rx2_data_rate", in: 0...15).map { UInt8($0) }
        self.subBands = subBands ?? []
        extraChannels = (extra ?? []).map { UInt32($0) }
        guard let region else { return }
        if subBands != nil, region.subBandCount == 0 {
            section.refuse("sub_bands", "\(region.name) has no sub-bands; its channels are extra_channels_hz")
        } else if let wrong = self.subBands.first(where: { region.subBand($0) == nil }) {
            section.refuse("sub_bands", "found \(wrong); \(region.name) has sub-bands 1 to \(region.subBandCount)")
        }
        let room = region.maximumChannels - region.defaultChannelSet.count
        if extra != nil, region.hasFixedChannels {
            section.refuse("extra_channels_hz", "the channels of \(region.name) are fixed; choose some with sub_bands")
        } else if extraChannels.count > room {
            section.refuse("extra_channels_hz", "found \(extraChannels.count); \(region.name) has room for \(room)")
        }
        if let rx2DataRate, region.row(of: rx2DataRate)?.isDownlink != true {
            section.refuse("rx2_data_rate", "found \(rx2DataRate), which \(region.name) does not send with")
        }
    }
}
