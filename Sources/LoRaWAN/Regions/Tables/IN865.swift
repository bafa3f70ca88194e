// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// India, 865 to 867 MHz. Its three default channels lie at unequal distances, and there is no DR6.
    static let in865 = Region(
        name: "IN865",
        defaultChannels: [865_062_500, 865_402_500, 865_985_000].enumerated().map { index, frequency in
            ChannelRange(
                first: index,
                count: 1,
                base: frequency,
                step: 1,
                minimumDataRate: 0,
                maximumDataRate: 5,
            )
        },
        channelMaskRules: DynamicPlan.channelMaskRules,
        channelList: DynamicPlan.channelList(after: 3),
        dataRates: DynamicPlan.narrowDataRates + [nil, .fsk],
        rx1DataRates: [
            [0, 0, 0, 0, 0, 0, 1, 2],
            [1, 0, 0, 0, 0, 0, 2, 3],
            [2, 1, 0, 0, 0, 0, 3, 4],
            [3, 2, 1, 0, 0, 0, 4, 5],
            [4, 3, 2, 1, 0, 0, 5, 5],
            [5, 4, 3, 2, 1, 0, 5, 7],
            [],
            [7, 5, 5, 4, 3, 2, 7, 7],
        ],
        rx2: ReceiveWindow(frequency: 866_550_000, dataRate: 2),
        classB: ClassBPlan(4, beacon: 866_550_000),
        maximumEIRP: 30,
        lastPowerIndex: 10,
        joinChannels: DynamicPlan.joinChannels(3),
        adr: ADRLimits(0...5),
    )
}
