// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// South Korea, 920 to 923 MHz.
    static let kr920 = Region(
        name: "KR920",
        defaultChannels: DynamicPlan.channels(3, base: 922_100_000, step: 200_000),
        channelMaskRules: DynamicPlan.channelMaskRules,
        channelList: DynamicPlan.channelList(after: 3),
        dataRates: DynamicPlan.narrowDataRates,
        rx1DataRates: Array(DynamicPlan.rx1DataRates.prefix(6)),
        rx2: ReceiveWindow(frequency: 921_900_000, dataRate: 0),
        classB: ClassBPlan(3, beacon: 923_100_000),
        maximumEIRP: 14,
        lastPowerIndex: 7,
        joinChannels: DynamicPlan.joinChannels(3),
        adr: ADRLimits(0...5),
    )
}
