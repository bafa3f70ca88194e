// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What the network wants devices of a region to do; nil leaves a parameter as the device has it.
///
/// The difference to what a device is known to do is asked for by MAC commands until the device grants or refuses it.
public struct WantedParameters: Hashable, Sendable {
    /// Seconds from an uplink to RX1, 1 to 15.
    public var rx1Delay: UInt8?
    public var rx1DataRateOffset: UInt8?
    public var rx2: ReceiveWindow?
    /// Uplinks take 1 / 2^n of the time at most, n 0 to 15.
    public var dutyCycleExponent: UInt8?
    /// Only for regions that have TxParamSetupReq, from LoRaWAN 1.0.2 on.
    public var txParameters: TxParamSetup?
    /// Channels beyond the plan's own, for plans that take some.
    public var extraChannels: [NewChannel] = []
    /// The channels to send on; nil for all that are defined.
    public var enabledChannels: ChannelSet?
    /// RX1 frequencies in hertz that differ from the uplink's, by channel index.
    public var downlinkFrequencies: [UInt8: UInt32] = [:]
    /// Class B ping slots; nil for the region's.
    public var pingSlot: ReceiveWindow?
    /// Hertz; nil for the region's.
    public var beaconFrequency: UInt32?
    /// LoRaWAN 1.1.
    public var adrExponents: ADRExponents?
    /// LoRaWAN 1.1.
    public var rejoin: RejoinPeriod?

    /// Nothing is wanted.
    public init() {}
}

/// When a LoRaWAN 1.1 device that is not answered begins to lower its data rate.
public struct ADRExponents: Hashable, Sendable {
    /// ADR_ACK_LIMIT is 2 to the power of this, 0 to 15.
    public var limit: UInt8
    /// ADR_ACK_DELAY is 2 to the power of this, 0 to 15.
    public var delay: UInt8

    public init(limit: UInt8, delay: UInt8) {
        self.limit = limit
        self.delay = delay
    }
}

/// How often a LoRaWAN 1.1 device sends a rejoin-request of type 0.
public struct RejoinPeriod: Hashable, Sendable {
    /// At the latest after 2^(n + 10) seconds, n 0 to 15.
    public var timeExponent: UInt8
    /// At the latest after 2^(n + 4) uplinks, n 0 to 15.
    public var countExponent: UInt8

    public init(timeExponent: UInt8, countExponent: UInt8) {
        self.timeExponent = timeExponent
        self.countExponent = countExponent
    }
}
