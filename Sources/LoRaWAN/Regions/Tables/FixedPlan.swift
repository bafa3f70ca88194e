// SPDX-License-Identifier: Apache-2.0

/// What the plans share that have 64 narrow and 8 wide channels.
enum FixedPlan {
    /// Blocks of sixteen, banks, and all narrow channels at once.
    static let channelMaskRules: [ChannelMaskRule?] = [
        .block(first: 0), .block(first: 16), .block(first: 32), .block(first: 48), .block(first: 64),
        .banks, .narrow(isOn: true), .narrow(isOn: false),
    ]

    static let channelList = ChannelListForm.masks(count: 5, since: .v1_0_3)

    /// DR8 to DR13: downlinks at 500 kHz.
    static let downlinkDataRates: [DataRate?] = [
        .lora(12, 500, up: false, limit: 53), .lora(11, 500, up: false, limit: 129),
        .lora(10, 500, up: false, limit: 242),
        .lora(9, 500, up: false, limit: 242), .lora(8, 500, up: false, limit: 242),
        .lora(7, 500, up: false, limit: 242),
    ]

    static let rx1FrequencyRule = RX1FrequencyRule.downlinkChannel(count: 8, base: 923_300_000, step: 600_000)
    static let rx2 = ReceiveWindow(frequency: 923_300_000, dataRate: 8)
    static let classB = ClassBPlan(8, hoppingFrom: 923_300_000, step: 600_000)

    /// Channels 0 to 63 every 200 kHz and 64 to 71 every 1.6 MHz; bases in hertz.
    static func channels(
        narrow: UInt32,
        _ narrowRates: ClosedRange<DataRateIndex>,
        wide: UInt32,
        _ wideRates: ClosedRange<DataRateIndex>,
    ) -> [ChannelRange] {
        [
            ChannelRange(
                first: 0,
                count: 64,
                base: narrow,
                step: 200_000,
                minimumDataRate: narrowRates.lowerBound,
                maximumDataRate: narrowRates.upperBound,
            ),
            ChannelRange(
                first: 64,
                count: 8,
                base: wide,
                step: 1_600_000,
                minimumDataRate: wideRates.lowerBound,
                maximumDataRate: wideRates.upperBound,
            ),
        ]
    }

    /// Joining on any channel, with one data rate on narrow ones and one on wide ones.
    static func joinChannels(narrow: DataRateIndex, wide: DataRateIndex) -> [JoinChannels] {
        [
            JoinChannels(channels: 0..<64, minimumDataRate: narrow, maximumDataRate: narrow),
            JoinChannels(channels: 64..<72, minimumDataRate: wide, maximumDataRate: wide),
        ]
    }
}
