// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// China, 470 to 510 MHz: the plan of 96 channels (Regional Parameters 1.0.2 revision B and 1.0.3 revision A).
    static let cn470 = Region(
        name: "CN470",
        hasFixedChannels: true,
        maximumChannels: 96,
        defaultChannels: DynamicPlan.channels(96, base: 470_300_000, step: 200_000),
        channelMaskRules: [
            .block(first: 0), .block(first: 16), .block(first: 32), .block(first: 48), .block(first: 64),
            .block(first: 80), .allOn, nil,
        ],
        channelList: .masks(count: 6, since: .v1_0_3),
        rx1FrequencyRule: .downlinkChannel(count: 48, base: 500_300_000, step: 200_000),
        dataRates: DynamicPlan.narrowDataRates,
        rx1DataRates: Array(DynamicPlan.rx1DataRates.prefix(6)),
        rx2: ReceiveWindow(frequency: 505_300_000, dataRate: 0),
        classB: ClassBPlan(2, hoppingFrom: 508_300_000, step: 200_000),
        maximumEIRP: 19.15,
        lastPowerIndex: 7,
        joinChannels: [JoinChannels(channels: 0..<96, minimumDataRate: 0, maximumDataRate: 5)],
        adr: ADRLimits(0...5),
    )
}
