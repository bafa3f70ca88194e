// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// Asia, group 1: 923.2 and 923.4 MHz.
    static let as923x1 = as923("AS923-1", offset: 0, subBand: 923_000...923_500)
    /// Asia, group 2: 1.8 MHz below group 1.
    static let as923x2 = as923("AS923-2", offset: -1_800_000, subBand: 921_400...922_000)
    /// Asia, group 3: 6.6 MHz below group 1.
    static let as923x3 = as923("AS923-3", offset: -6_600_000, subBand: 916_500...917_000)
    /// Asia, group 4: 5.9 MHz below group 1.
    static let as923x4 = as923("AS923-4", offset: -5_900_000, subBand: 917_300...917_500)

    /// The groups differ by an offset in hertz and by the sub-band, in kilohertz, that holds the default channels.
    private static func as923(_ name: String, offset: Int32, subBand: ClosedRange<UInt32>) -> Region {
        let base = UInt32(923_200_000 + offset)
        return Region(
            name: name,
            defaultChannels: DynamicPlan.channels(2, base: base, step: 200_000),
            channelMaskRules: DynamicPlan.channelMaskRules,
            channelList: DynamicPlan.channelList(after: 2),
            dataRates: [
                .lora(12, limit: 51, dwell: 0), .lora(11, limit: 51, dwell: 0), .lora(10, limit: 115, dwell: 11),
                .lora(9, limit: 115, dwell: 53),
                .lora(8, limit: 242, dwell: 125), .lora(7, limit: 242), .lora(7, 250, limit: 242), .fsk,
            ],
            rx1DataRates: [
                [0, 0, 0, 0, 0, 0, 1, 2],
                [1, 0, 0, 0, 0, 0, 2, 3],
                [2, 1, 0, 0, 0, 0, 3, 4],
                [3, 2, 1, 0, 0, 0, 4, 5],
                [4, 3, 2, 1, 0, 0, 5, 6],
                [5, 4, 3, 2, 1, 0, 6, 7],
                [6, 5, 4, 3, 2, 1, 7, 7],
                [7, 6, 5, 4, 3, 2, 7, 7],
            ],
            rx1DataRatesUnderDwell: [
                [2, 2, 2, 2, 2, 2, 2, 2],
                [2, 2, 2, 2, 2, 2, 2, 3],
                [2, 2, 2, 2, 2, 2, 3, 4],
                [3, 2, 2, 2, 2, 2, 4, 5],
                [4, 3, 2, 2, 2, 2, 5, 6],
                [5, 4, 3, 2, 2, 2, 6, 7],
                [6, 5, 4, 3, 2, 2, 7, 7],
                [7, 6, 5, 4, 3, 2, 7, 7],
            ],
            rx2: ReceiveWindow(frequency: base, dataRate: 2),
            classB: ClassBPlan(3, beacon: base + 200_000),
            maximumEIRP: 16,
            lastPowerIndex: 7,
            joinChannels: DynamicPlan.joinChannels(2, minimum: 2),
            adr: ADRLimits(0...5, underDwell: 2),
            supportsTxParamSetup: true,
            bootDwellTime: DwellTime(uplink: true, downlink: true),
            subBands: [SubBand(subBand, 0.01)],
        )
    }
}
