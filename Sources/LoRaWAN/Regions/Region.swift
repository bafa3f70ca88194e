// SPDX-License-Identifier: Apache-2.0

/// The regional parameters of one band plan, as data (RP002-1.0.4).
///
/// Immutable and shared: there is one instance for each plan, found by `named(_:)`.
public final class Region: Sendable {
    /// The name people use, such as `EU868`.
    public let name: String
    /// Devices know all channels from the start, and none can be added.
    public let hasFixedChannels: Bool
    /// The most channels a device holds.
    public let maximumChannels: Int
    /// Uplink channels a device knows without being told.
    public let defaultChannels: [ChannelRange]
    /// Extra channels that networks commonly give in a join-accept, in hertz.
    public let commonExtraChannels: [UInt32]
    /// Rules by ChMaskCntl 0 to 7; nil where the value is reserved.
    public let channelMaskRules: [ChannelMaskRule?]
    /// What a join-accept's channel list holds.
    public let channelList: ChannelListForm
    /// Where the first receive window listens.
    public let rx1FrequencyRule: RX1FrequencyRule
    /// Rows by data rate; nil where the number is reserved.
    public let dataRates: [DataRate?]
    /// Downlink data rates of the first window, by uplink data rate, then by RX1DROffset; empty where reserved.
    let rx1DataRates: [[DataRateIndex]]
    /// The same while downlinks have a dwell time limit; nil where that changes nothing.
    let rx1DataRatesUnderDwell: [[DataRateIndex]]?
    /// The uplink rows that are LoRa, for the question that every uplink asks.
    let loraUplinks: [LoRaRow]
    /// The default uplink channels.
    public let defaultChannelSet: ChannelSet
    /// The second receive window while nothing else was set up.
    public let rx2: ReceiveWindow
    /// Beacon and ping slot defaults.
    public let classB: ClassBPlan
    /// EIRP in dBm that TXPower 0 means; each step up is 2 dB less.
    public let maximumEIRP: Double
    /// The last TXPower there is.
    public let lastPowerIndex: UInt8
    /// What join-requests may use.
    public let joinChannels: [JoinChannels]
    /// What adaptive data rate may choose.
    public let adr: ADRLimits
    /// Whether TxParamSetupReq exists here.
    public let supportsTxParamSetup: Bool
    /// Limits a device keeps until a TxParamSetupReq says otherwise.
    public let bootDwellTime: DwellTime
    /// Limits of parts of the spectrum, where there are any.
    public let subBands: [SubBand]

    init(
        name: String,
        hasFixedChannels: Bool = false,
        maximumChannels: Int = 16,
        defaultChannels: [ChannelRange],
        commonExtraChannels: [UInt32] = [],
        channelMaskRules: [ChannelMaskRule?],
        channelList: ChannelListForm,
        rx1FrequencyRule: RX1FrequencyRule = .sameAsUplink,
        dataRates: [DataRate?],
        rx1DataRates: [[DataRateIndex]],
        rx1DataRatesUnderDwell: [[DataRateIndex]]? = nil,
        rx2: ReceiveWindow,
        classB: ClassBPlan,
        maximumEIRP: Double,
        lastPowerIndex: UInt8,
        joinChannels: [JoinChannels],
        adr: ADRLimits,
        supportsTxParamSetup: Bool = false,
        bootDwellTime: DwellTime = .unlimited,
        subBands: [SubBand] = [],
    ) {
        self.name = name
        self.hasFixedChannels = hasFixedChannels
        self.maximumChannels = maximumChannels
        self.defaultChannels = defaultChannels
        self.commonExtraChannels = commonExtraChannels
        self.channelMaskRules = channelMaskRules
        self.channelList = channelList
        self.rx1FrequencyRule = rx1FrequencyRule
        self.dataRates = dataRates
        self.rx1DataRates = rx1DataRates
        self.rx1DataRatesUnderDwell = rx1DataRatesUnderDwell
        loraUplinks = dataRates.enumerated().compactMap { index, row in
            guard let row, row.isUplink, case .lora(let spreading, let bandwidth) = row.modulation else { return nil }
            return LoRaRow(spreading: spreading, bandwidth: bandwidth, dataRate: DataRateIndex(index))
        }
        defaultChannelSet = ChannelSet(defaultChannels.flatMap(\.indexes))
        self.rx2 = rx2
        self.classB = classB
        self.maximumEIRP = maximumEIRP
        self.lastPowerIndex = lastPowerIndex
        self.joinChannels = joinChannels
        self.adr = adr
        self.supportsTxParamSetup = supportsTxParamSetup
        self.bootDwellTime = bootDwellTime
        self.subBands = subBands
    }
}

extension Region {
    /// Every known region.
    public static let all: [Region] = [
        .eu868, .eu433, .ru864, .in865, .kr920, .as923x1, .as923x2, .as923x3, .as923x4, .us915, .au915, .cn470,
    ]

    /// The names of every known region, for messages to people.
    public static let names: [String] = all.map(\.name)

    /// The region of a name in any case, such as `EU868`; `AS923` is `AS923-1`. Nil for a name that is not in `names`.
    public static func named(_ name: some StringProtocol) -> Region? {
        let upper = name.uppercased()
        return all.first { $0.name == upper } ?? all.first { $0.name == upper + "-1" }
    }
}

extension Region: Hashable, CustomStringConvertible {
    /// Two regions are equal when they are the same plan.
    public static func == (left: Region, right: Region) -> Bool { left === right }

    /// Hashes the identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

    /// The name.
    public var description: String { name }
}

/// A LoRa row of a data rate table.
struct LoRaRow: Sendable {
    let spreading: UInt8
    /// Hertz.
    let bandwidth: UInt32
    let dataRate: DataRateIndex
}
