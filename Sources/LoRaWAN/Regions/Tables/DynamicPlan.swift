// SPDX-License-Identifier: Apache-2.0

/// What the plans share whose channels the network adds one by one.
enum DynamicPlan {
    /// ChMaskCntl 0 switches channels, 6 turns all on, others are reserved.
    static let channelMaskRules: [ChannelMaskRule?] = [.block(first: 0), nil, nil, nil, nil, nil, .allOn, nil]

    /// DR0 to DR5, LoRa at 125 kHz.
    static let narrowDataRates: [DataRate?] = [
        .lora(12, limit: 51), .lora(11, limit: 51), .lora(10, limit: 51), .lora(9, limit: 115), .lora(8, limit: 242),
        .lora(7, limit: 242),
    ]

    /// DR0 to DR7: the narrow ones, LoRa at 250 kHz, FSK.
    static let dataRates: [DataRate?] = narrowDataRates + [.lora(7, 250, limit: 242), .fsk]

    /// RX1 at offsets 0 to 5: so many steps down, not below DR0.
    static let rx1DataRates: [[DataRateIndex]] = [
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [2, 1, 0, 0, 0, 0],
        [3, 2, 1, 0, 0, 0],
        [4, 3, 2, 1, 0, 0],
        [5, 4, 3, 2, 1, 0],
        [6, 5, 4, 3, 2, 1],
        [7, 6, 5, 4, 3, 2],
    ]

    /// Default channels 0 and up for DR0 to DR5; bases and equal steps in hertz.
    static func channels(_ count: Int, base: UInt32, step: UInt32) -> [ChannelRange] {
        [ChannelRange(first: 0, count: count, base: base, step: step, minimumDataRate: 0, maximumDataRate: 5)]
    }

    /// Five frequencies after the default channels.
    static func channelList(after count: Int) -> ChannelListForm {
        .frequencies(firstIndex: count, minimumDataRate: 0, maximumDataRate: 5)
    }

    /// Joining on the default channels.
    static func joinChannels(_ count: Int, minimum: DataRateIndex = 0) -> [JoinChannels] {
        [JoinChannels(channels: 0..<count, minimumDataRate: minimum, maximumDataRate: 5)]
    }
}

extension ClassBPlan {
    /// Beacon and ping slots on one frequency each, in hertz, with one data rate.
    init(_ dataRate: DataRateIndex, beacon: UInt32, pingSlot: UInt32? = nil) {
        self.init(
            beaconDataRate: dataRate,
            beaconFrequencies: [beacon],
            pingSlotDataRate: dataRate,
            pingSlotFrequencies: [pingSlot ?? beacon],
        )
    }

    /// Beacon and ping slots hopping over the same eight frequencies; base and step in hertz.
    init(_ dataRate: DataRateIndex, hoppingFrom base: UInt32, step: UInt32) {
        let frequencies = (0..<8).map { base + $0 * step }
        self.init(
            beaconDataRate: dataRate,
            beaconFrequencies: frequencies,
            pingSlotDataRate: dataRate,
            pingSlotFrequencies: frequencies,
        )
    }
}

extension SubBand {
    /// Limits in kilohertz, share of time, dBm.
    init(_ kilohertz: ClosedRange<UInt32>, _ dutyCycle: Double, erp: Double? = nil) {
        self.init(
            frequencies: kilohertz.lowerBound * 1000...kilohertz.upperBound * 1000,
            dutyCycle: dutyCycle,
            maximumERP: erp,
        )
    }
}
