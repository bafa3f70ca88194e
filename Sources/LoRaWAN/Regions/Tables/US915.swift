// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// North America, 902 to 928 MHz. The 400 ms limit of its 125 kHz channels is in the payload column.
    static let us915 = Region(
        name: "US915",
        hasFixedChannels: true,
        maximumChannels: 72,
        defaultChannels: FixedPlan.channels(narrow: 902_300_000, 0...3, wide: 903_000_000, 4...6),
        channelMaskRules: FixedPlan.channelMaskRules,
        channelList: FixedPlan.channelList,
        rx1FrequencyRule: FixedPlan.rx1FrequencyRule,
        dataRates: [
            .lora(10, down: false, limit: 11), .lora(9, down: false, limit: 53), .lora(8, down: false, limit: 125),
            .lora(7, down: false, limit: 242), .lora(8, 500, down: false, limit: 242), .fhss(1523, "1/3", 50),
            .fhss(1523, "2/3", 125), nil,
        ] + FixedPlan.downlinkDataRates,
        rx1DataRates: [
            [10, 9, 8, 8],
            [11, 10, 9, 8],
            [12, 11, 10, 9],
            [13, 12, 11, 10],
            [13, 13, 12, 11],
            [10, 9, 8, 8],
            [11, 10, 9, 8],
        ],
        rx2: FixedPlan.rx2,
        classB: FixedPlan.classB,
        maximumEIRP: 30,
        lastPowerIndex: 14,
        joinChannels: FixedPlan.joinChannels(narrow: 0, wide: 4),
        adr: ADRLimits(0...3, wide: 4),
    )
}
