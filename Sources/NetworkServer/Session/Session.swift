// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What the network and a device share from one activation to the next.
struct Session: Hashable, Sendable {
    /// Changes with every activation of the device.
    var number: UInt32
    var devAddr: DevAddr
    var keys: SessionKeys
    /// Keys, MICs and counters go by LoRaWAN 1.1.
    var is11: Bool
    /// The counter of the last accepted uplink, nil before the first.
    var counterUp: UInt32?
    /// The next FCntDown; in LoRaWAN 1.1 the next NFCntDown.
    var nextCounterDown: UInt32 = 0
    /// LoRaWAN 1.1: the next AFCntDown.
    var nextApplicationCounterDown: UInt32 = 0
    /// The low 16 bits of the counter of the last confirmed downlink, which an uplink's ACK puts into its 1.1 MIC.
    var lastConfirmedDown: UInt16 = 0
    /// Index of the coverage that heard the last uplink.
    var coverage: UInt16?
    /// What the device does on the air, as far as it is known.
    var radio: RadioParameters

    init(number: UInt32, devAddr: DevAddr, keys: SessionKeys, is11: Bool, radio: RadioParameters) {
        self.number = number
        self.devAddr = devAddr
        self.keys = keys
        self.is11 = is11
        self.radio = radio
    }

    /// The counter that the next downlink takes, and takes for good; nil when none is left.
    mutating func takeCounterDown(forApplication: Bool) -> UInt32? {
        let separate = is11 && forApplication
        let counter = separate ? nextApplicationCounterDown : nextCounterDown
        guard counter < .max else { return nil }
        if separate { nextApplicationCounterDown += 1 } else { nextCounterDown += 1 }
        return counter
    }

    /// The device restarted its counters: what it forgot is forgotten here.
    mutating func restart(radio: RadioParameters) {
        counterUp = nil
        nextCounterDown = 0
        nextApplicationCounterDown = 0
        lastConfirmedDown = 0
        self.radio = radio
    }
}

/// The parameters that rule when and how a device listens.
struct RadioParameters: Hashable, Sendable {
    /// Seconds from an uplink to RX1, 1 to 15.
    var rx1Delay: UInt8
    var rx1DataRateOffset: UInt8
    var rx2DataRate: UInt8
    /// Hertz.
    var rx2Frequency: UInt32
}
