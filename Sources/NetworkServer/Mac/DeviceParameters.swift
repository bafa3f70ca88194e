// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What a device does on the air, as far as the network knows: what it left the factory with, what its join-accept said and
/// what it granted since.
struct DeviceParameters: Hashable, Sendable {
    /// Seconds from an uplink to RX1, 1 to 15.
    var rx1Delay: UInt8
    var rx1DataRateOffset: UInt8 = 0
    var rx2: ReceiveWindow
    var dwellTime: DwellTime
    /// Index of TxParamSetupReq; nil while none was granted.
    var eirpIndex: UInt8?
    /// The device sends 1 / 2^n of the time at most.
    var dutyCycleExponent: UInt8 = 0
    var powerIndex: UInt8 = 0
    /// How often each unconfirmed uplink is sent (NbTrans).
    var transmissions: UInt8 = 1
    var channels: ChannelPlan
    var pingSlots = PingSlotParameters()
    /// LoRaWAN 1.1: exponents of ADR_ACK_LIMIT and ADR_ACK_DELAY.
    var adrExponents: ADRExponents?
    /// LoRaWAN 1.1: how often the device sends rejoin-requests of type 0.
    var rejoin: RejoinPeriod?

    /// What a device does that nobody told anything.
    init(region: Region, rx1Delay: UInt8) {
        self.rx1Delay = rx1Delay
        rx2 = region.rx2
        dwellTime = region.bootDwellTime
        channels = ChannelPlan(region: region)
    }
}

/// Class B: what a device told of its ping slots and what it granted.
struct PingSlotParameters: Hashable, Sendable {
    /// 0 to 7; nil until the device told.
    var periodicity: UInt8?
    /// Hertz; nil for the region's.
    var frequency: UInt32?
    var dataRate: DataRateIndex?
    /// Hertz; nil for the region's.
    var beaconFrequency: UInt32?
    /// The last uplink said that the device listens in its ping slots.
    var isListening = false
}
