// SPDX-License-Identifier: Apache-2.0

extension Region {
    /// The coding rate of LoRa frames in every region.
    public static let loraCodingRate = "4/5"

    /// The most octets a payload may have where a repeater may stand between device and network (RP002).
    private static let maximumPayloadThroughRepeater = 222

    /// The data rate of an uplink; nil for a modulation that devices do not use here.
    ///
    /// FSK is known by its bit rate. The width of LR-FHSS is compared in whole kilohertz, as some write 137 kHz and some 136.719 kHz.
    public func dataRate(of modulation: Modulation) -> DataRateIndex? {
        if case .lora(let spreading, let bandwidth) = modulation {
            return loraUplinks.first { $0.spreading == spreading && $0.bandwidth == bandwidth }?.dataRate
        }
        for (index, row) in dataRates.enumerated() {
            if let row, row.isUplink, row.modulation.isSameDataRate(as: modulation) { return DataRateIndex(index) }
        }
        return nil
    }

    /// The row of a data rate; nil for a reserved number.
    public func row(of dataRate: DataRateIndex) -> DataRate? {
        Int(dataRate) < dataRates.count ? dataRates[Int(dataRate)] : nil
    }

    /// The modulation of a data rate; nil for a reserved number.
    public func modulation(of dataRate: DataRateIndex) -> Modulation? {
        row(of: dataRate)?.modulation
    }

    /// The coding rate of a data rate as people write it; nil for FSK and for a reserved number.
    public func codingRate(of dataRate: DataRateIndex) -> String? {
        switch modulation(of: dataRate) {
        case .lora: Self.loraCodingRate
        case .fhss(_, let codingRate): codingRate
        case .fsk, nil: nil
        }
    }

    /// The highest RX1DROffset there is here.
    public var maximumRX1Offset: UInt8 {
        UInt8((rx1DataRates.first?.count ?? 1) - 1)
    }

    /// The data rate of the first window after an uplink; nil for a data rate that devices do not use here or an offset above the highest.
    public func rx1DataRate(uplink: DataRateIndex, offset: UInt8, downlinkDwell: Bool = false) -> DataRateIndex? {
        let table = downlinkDwell ? rx1DataRatesUnderDwell ?? rx1DataRates : rx1DataRates
        guard Int(uplink) < table.count, Int(offset) < table[Int(uplink)].count else { return nil }
        return table[Int(uplink)][Int(offset)]
    }

    /// The largest FRMPayload in octets with empty FOpts; 0 when dwell time rules the data rate out, nil when it is not used that way.
    public func maxPayload(
        dataRate: DataRateIndex,
        direction: FrameDirection,
        dwell: DwellTime = .unlimited,
        throughRepeater: Bool = false,
    ) -> Int? {
        guard let row = row(of: dataRate), direction == .up ? row.isUplink : row.isDownlink else { return nil }
        let isLimited = direction == .up ? dwell.uplink : dwell.downlink
        let limit = Int(isLimited ? row.maximumPayloadUnderDwell : row.maximumPayload)
        return throughRepeater ? min(limit, Self.maximumPayloadThroughRepeater) : limit
    }

    /// The EIRP in dBm of a TXPower; nil above the last.
    public func eirp(powerIndex: UInt8) -> Double? {
        powerIndex <= lastPowerIndex ? maximumEIRP - 2 * Double(powerIndex) : nil
    }
}

extension Modulation {
    fileprivate func isSameDataRate(as other: Modulation) -> Bool {
        switch (self, other) {
        case (.lora(let spreading, let bandwidth), .lora(let otherSpreading, let otherBandwidth)):
            spreading == otherSpreading && bandwidth == otherBandwidth
        case (.fsk(_, let bitRate), .fsk(_, let otherBitRate)):
            bitRate == otherBitRate
        case (.fhss(let width, let codingRate), .fhss(let otherWidth, let otherCodingRate)):
            (width / 500 + 1) / 2 == (otherWidth / 500 + 1) / 2
                && (codingRate == otherCodingRate || Self.isSameFraction(codingRate, otherCodingRate))
        default: false
        }
    }

    /// Whether two fractions such as `1/3` and `2/6` are equal.
    private static func isSameFraction(_ left: String, _ right: String) -> Bool {
        guard let (a, b) = fraction(left), let (c, d) = fraction(right) else { return false }
        return a * d == b * c
    }

    private static func fraction(_ text: String) -> (Int, Int)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let upper = UInt8(parts[0]), let lower = UInt8(parts[1]) else { return nil }
        return (Int(upper), Int(lower))
    }
}
