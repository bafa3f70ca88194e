// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A device's channels, data rate and receive windows: what the region gives it and the network changes.
struct RadioState {
    struct Channel {
        var frequency: UInt32
        var dataRates: ClosedRange<DataRateIndex>
        /// Where RX1 listens when a DlChannelReq has moved it.
        var downlinkFrequency: UInt32?
    }

    let region: Region
    var dataRate: DataRateIndex {
        didSet { refresh() }
    }
    var powerIndex: UInt8 = 0
    /// How often each uplink is sent.
    var transmissions = 1
    var rx1Delay: UInt8
    var rx1Offset: UInt8 = 0
    var rx2: ReceiveWindow
    var dwellTime: DwellTime
    /// What a PingSlotChannelReq has set.
    var pingSlot: ReceiveWindow?
    private(set) var channels: [Int: Channel] = [:]
    private(set) var enabled: ChannelSet
    /// The channels an uplink at the present data rate may use.
    private var usable: [Int] = []

    /// - Parameter enabled: the channels to be on; nil for all the region has.
    init(region: Region, dataRate: DataRateIndex, rx1Delay: UInt8, enabled: [Int]?) {
        self.region = region
        self.dataRate = dataRate
        self.rx1Delay = rx1Delay
        rx2 = region.rx2
        dwellTime = region.bootDwellTime
        for range in region.defaultChannels {
            for index in range.indexes {
                guard let frequency = range.frequency(of: index) else { continue }
                channels[index] = Channel(
                    frequency: frequency,
                    dataRates: range.minimumDataRate...range.maximumDataRate,
                )
            }
        }
        self.enabled = enabled.map { ChannelSet($0) } ?? region.defaultChannelSet
        refresh()
    }

    var defined: ChannelSet { ChannelSet(channels.keys) }

    /// Follows the channel list of a join accept.
    mutating func adopt(_ list: CFList) {
        switch (list, region.channelList) {
        case (.frequencies(let frequencies), .frequencies(let first, let minimum, let maximum)):
            for (number, frequency) in frequencies.enumerated() where frequency > 0 {
                channels[first + number] = Channel(frequency: frequency, dataRates: minimum...maximum)
                enabled.insert(first + number)
            }
        case (.channelMasks(let masks), .masks):
            let indexes = masks.enumerated().flatMap { block, mask in
                (0..<16).filter { mask >> UInt16($0) & 1 == 1 }.map { 16 * block + $0 }
            }
            enabled = ChannelSet(indexes.filter { channels[$0] != nil })
        default: break
        }
        refresh()
    }

    /// Adds or changes a channel, and switches it on.
    mutating func set(_ channel: Channel, at index: Int) {
        channels[index] = channel
        enabled.insert(index)
        refresh()
    }

    /// Takes a channel away.
    mutating func removeChannel(_ index: Int) {
        channels[index] = nil
        enabled.remove(index)
        refresh()
    }

    /// Moves the first window of a channel.
    mutating func moveDownlink(of index: Int, to frequency: UInt32) {
        channels[index]?.downlinkFrequency = frequency
    }

    /// Switches channels on; all others off.
    mutating func enable(_ set: ChannelSet) {
        enabled = set
        refresh()
    }

    /// A channel for an uplink at the present data rate: one that is on, or any when none on can carry it.
    func drawChannel(random: inout SeededRandom) -> Int {
        usable.randomElement(using: &random) ?? 0
    }

    private mutating func refresh() {
        let carrying = channels.keys.filter { channels[$0]?.dataRates.contains(dataRate) == true }.sorted()
        let on = carrying.filter { enabled.contains($0) }
        usable = on.isEmpty ? carrying : on
    }

    /// Whether the device can be made heard better: by more power, a slower data rate or more channels.
    var isAboveMinimum: Bool { powerIndex > 0 || slower != nil || enabled != region.defaultChannelSet.union(enabled) }

    /// One step towards being heard: full power, then the next slower data rate, then the region's channels on as well.
    mutating func slowDown() {
        if powerIndex > 0 {
            powerIndex = 0
        } else if let slower {
            dataRate = slower
        } else {
            enable(region.defaultChannelSet.union(enabled))
        }
    }

    private var slower: DataRateIndex? {
        guard dataRate > 0, region.row(of: dataRate - 1)?.isUplink == true else { return nil }
        return channels.values.contains { $0.dataRates.contains(dataRate - 1) } ? dataRate - 1 : nil
    }

    /// A channel and data rate for a join request.
    func drawJoinChannel(random: inout SeededRandom) -> (channel: Int, dataRate: DataRateIndex) {
        let fitting = region.joinChannels.filter { ($0.minimumDataRate...$0.maximumDataRate).contains(dataRate) }
        guard let join = fitting.first ?? region.joinChannels.first else { return (0, dataRate) }
        let rate = min(max(dataRate, join.minimumDataRate), join.maximumDataRate)
        let on = join.channels.filter { enabled.contains($0) }
        return (on.randomElement(using: &random) ?? join.channels.lowerBound, rate)
    }

    /// The first window after an uplink; nil when the region has none.
    func rx1(channel: Int, dataRate: DataRateIndex, offset: UInt8) -> ReceiveWindow? {
        guard let sent = channels[channel],
            let frequency = sent.downlinkFrequency ?? region.rx1Frequency(uplinkFrequency: sent.frequency),
            let rate = region.rx1DataRate(uplink: dataRate, offset: offset, downlinkDwell: dwellTime.downlink)
        else { return nil }
        return ReceiveWindow(frequency: frequency, dataRate: rate)
    }
}
