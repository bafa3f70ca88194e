// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// Europe, 863 to 870 MHz.
    static let eu868 = Region(
        name: "EU868",
        defaultChannels: DynamicPlan.channels(3, base: 868_100_000, step: 200_000),
        commonExtraChannels: [867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000],
        channelMaskRules: DynamicPlan.channelMaskRules,
        channelList: DynamicPlan.channelList(after: 3),
        dataRates: DynamicPlan.dataRates + [
            .fhss(137, "1/3", 50), .fhss(137, "2/3", 115), .fhss(336, "1/3", 50), .fhss(336, "2/3", 115),
        ],
        rx1DataRates: DynamicPlan.rx1DataRates + [
            [1, 0, 0, 0, 0, 0],
            [2, 1, 0, 0, 0, 0],
            [1, 0, 0, 0, 0, 0],
            [2, 1, 0, 0, 0, 0],
        ],
        rx2: ReceiveWindow(frequency: 869_525_000, dataRate: 0),
        classB: ClassBPlan(3, beacon: 869_525_000),
        maximumEIRP: 16,
        lastPowerIndex: 7,
        joinChannels: DynamicPlan.joinChannels(3),
        adr: ADRLimits(0...5),
        subBands: [
            SubBand(863_000...865_000, 0.001, erp: 14),
            SubBand(865_000...868_000, 0.01, erp: 14),
            SubBand(868_000...868_600, 0.01, erp: 14),
            SubBand(868_700...869_200, 0.001, erp: 14),
            SubBand(869_400...869_650, 0.1, erp: 27),
            SubBand(869_700...870_000, 0.01, erp: 14),
        ],
    )
}
