// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// Europe, 433 MHz.
    static let eu433 = Region(
        name: "EU433",
        defaultChannels: DynamicPlan.channels(3, base: 433_175_000, step: 200_000),
        channelMaskRules: DynamicPlan.channelMaskRules,
        channelList: DynamicPlan.channelList(after: 3),
        dataRates: DynamicPlan.dataRates,
        rx1DataRates: DynamicPlan.rx1DataRates,
        rx2: ReceiveWindow(frequency: 434_665_000, dataRate: 0),
        classB: ClassBPlan(3, beacon: 434_665_000),
        maximumEIRP: 12.15,
        lastPowerIndex: 5,
        joinChannels: DynamicPlan.joinChannels(3),
        adr: ADRLimits(0...5),
        subBands: [SubBand(433_175...434_665, 0.1, erp: 10)],
    )
}
