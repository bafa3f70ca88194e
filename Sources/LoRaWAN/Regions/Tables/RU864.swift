// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// Russia, 864 to 870 MHz.
    static let ru864 = Region(
        name: "RU864",
        defaultChannels: DynamicPlan.channels(2, base: 868_900_000, step: 200_000),
        channelMaskRules: DynamicPlan.channelMaskRules,
        channelList: DynamicPlan.channelList(after: 2),
        dataRates: DynamicPlan.dataRates,
        rx1DataRates: DynamicPlan.rx1DataRates,
        rx2: ReceiveWindow(frequency: 869_100_000, dataRate: 0),
        classB: ClassBPlan(3, beacon: 869_100_000, pingSlot: 868_900_000),
        maximumEIRP: 16,
        lastPowerIndex: 7,
        joinChannels: DynamicPlan.joinChannels(2),
        adr: ADRLimits(0...5),
        subBands: [SubBand(864_000...870_000, 0.01, erp: 14)],
    )
}
