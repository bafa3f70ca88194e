// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// Australia and South America, 915 to 928 MHz.
    static let au915 = Region(
        name: "AU915",
        hasFixedChannels: true,
        maximumChannels: 72,
        defaultChannels: FixedPlan.channels(narrow: 915_200_000, 0...5, wide: 915_900_000, 6...7),
        channelMaskRules: FixedPlan.channelMaskRules,
        channelList: FixedPlan.channelList,
        rx1FrequencyRule: FixedPlan.rx1FrequencyRule,
        dataRates: [
            .lora(12, down: false, limit: 51, dwell: 0), .lora(11, down: false, limit: 51, dwell: 0),
            .lora(10, down: false, limit: 51, dwell: 11), .lora(9, down: false, limit: 115, dwell: 53),
            .lora(8, down: false, limit: 242, dwell: 125), .lora(7, down: false, limit: 242),
            .lora(8, 500, down: false, limit: 242), .fhss(1523, "1/3", 50),
        ] + FixedPlan.downlinkDataRates,
        rx1DataRates: [
            [8, 8, 8, 8, 8, 8],
            [9, 8, 8, 8, 8, 8],
            [10, 9, 8, 8, 8, 8],
            [11, 10, 9, 8, 8, 8],
            [12, 11, 10, 9, 8, 8],
            [13, 12, 11, 10, 9, 8],
            [13, 13, 12, 11, 10, 9],
            [9, 8, 8, 8, 8, 8],
        ],
        rx2: FixedPlan.rx2,
        classB: FixedPlan.classB,
        maximumEIRP: 30,
        lastPowerIndex: 14,
        joinChannels: FixedPlan.joinChannels(narrow: 2, wide: 6),
        adr: ADRLimits(0...5, wide: 6, underDwell: 2),
        supportsTxParamSetup: true,
        bootDwellTime: DwellTime(uplink: true),
    )
}
