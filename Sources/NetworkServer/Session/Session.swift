// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What the network and a device share from one activation to the next.
struct Session: Hashable, Sendable {
    /// Changes with every activation of the device.
    var number: UInt32
    var devAddr: DevAddr
    /// NwkSKey in LoRaWAN 1.0.
    let fNwkSIntKey: AES128Key
    let appSKey: AES128Key
    /// What only LoRaWAN 1.1 has.
    private var extended = Rare<SessionExtension>()
    /// The counter of the last accepted uplink, nil before the first.
    var counterUp: UInt32?
    /// What of that uplink's MIC is the same whenever the frame is sent again; nil before the first.
    var lastTrace: UInt32?
    /// The next FCntDown; in LoRaWAN 1.1 the next NFCntDown.
    var nextCounterDown: UInt32 = 0
    /// Index of the coverage that heard the last uplink.
    var coverage: UInt16?
    /// LoRaWAN 1.1: the class that the device told (DeviceModeInd).
    var toldClass: DeviceClass?
    /// What the device does on the air, as far as it is known.
    var parameters: DeviceParameters
    /// What is known for its data rate.
    var adr = ADRState()
    /// When it told its battery.
    var status = StatusCadence()
    private var openDialogue = Rare<MacDialogue>()

    /// What only a LoRaWAN 1.1 session has.
    private struct SessionExtension: Hashable, Sendable {
        let sNwkSIntKey: AES128Key
        let nwkSEncKey: AES128Key
        var nextCounterDown: UInt32 = 0
        var confirmedDowns: [UInt16] = []
    }

    init(number: UInt32, devAddr: DevAddr, keys: SessionKeys, is11: Bool, parameters: DeviceParameters) {
        self.number = number
        self.devAddr = devAddr
        fNwkSIntKey = keys.fNwkSIntKey
        appSKey = keys.appSKey
        if is11 {
            extended.value = SessionExtension(sNwkSIntKey: keys.sNwkSIntKey, nwkSEncKey: keys.nwkSEncKey)
        }
        self.parameters = parameters
    }

    /// Keys, MICs and counters go by LoRaWAN 1.1.
    var is11: Bool { extended.isPresent }

    var keys: SessionKeys {
        guard let more = extended.value else { return SessionKeys(nwkSKey: fNwkSIntKey, appSKey: appSKey) }
        return SessionKeys(
            fNwkSIntKey: fNwkSIntKey,
            sNwkSIntKey: more.sNwkSIntKey,
            nwkSEncKey: more.nwkSEncKey,
            appSKey: appSKey,
        )
    }

    /// LoRaWAN 1.1: the next AFCntDown; 0 and fixed in 1.0.
    var nextApplicationCounterDown: UInt32 {
        get { extended.value?.nextCounterDown ?? 0 }
        set { _ = extended.change { $0.nextCounterDown = newValue } }
    }

    /// LoRaWAN 1.1: the low 16 bits of the counters of the last confirmed downlinks, newest first.
    ///
    /// An uplink's ACK puts the one it confirms into its MIC, and the newest may not have reached the device.
    private(set) var confirmedDowns: [UInt16] {
        get { extended.value?.confirmedDowns ?? [] }
        set { _ = extended.change { $0.confirmedDowns = newValue } }
    }

    /// What it was asked for; most devices owe nothing and have refused nothing.
    var dialogue: MacDialogue {
        get { openDialogue.value ?? MacDialogue() }
        set { openDialogue.value = newValue == MacDialogue() ? nil : newValue }
    }

    /// Whether requests of the last downlink are open.
    var owesAnswers: Bool { openDialogue.value?.asked.isEmpty == false }

    /// The counter that the next downlink takes, and takes for good; nil when none is left.
    mutating func takeCounterDown(forApplication: Bool) -> UInt32? {
        let separate = is11 && forApplication
        let counter = separate ? nextApplicationCounterDown : nextCounterDown
        guard counter < .max else { return nil }
        if separate { nextApplicationCounterDown += 1 } else { nextCounterDown += 1 }
        return counter
    }

    private static let maximumConfirmedDowns = 8

    /// A confirmed downlink was made.
    mutating func noteConfirmed(counter: UInt32) {
        guard is11 else { return }
        if confirmedDowns.count == Self.maximumConfirmedDowns { confirmedDowns.removeLast() }
        confirmedDowns.insert(UInt16(truncatingIfNeeded: counter), at: 0)
    }

    /// Takes the counters of confirmed downlinks back from the store, newest first.
    mutating func restore(confirmedDowns: [UInt16]) {
        self.confirmedDowns = confirmedDowns
    }

    /// The device restarted its counters: what it forgot is forgotten here.
    mutating func restart(parameters: DeviceParameters) {
        counterUp = nil
        lastTrace = nil
        nextCounterDown = 0
        nextApplicationCounterDown = 0
        confirmedDowns = []
        resetMac(parameters: parameters)
    }

    /// The device forgot what it was told, but not its counters.
    mutating func resetMac(parameters: DeviceParameters) {
        self.parameters = parameters
        toldClass = nil
        dialogue = MacDialogue()
        adr = ADRState()
    }
}

/// What adaptive data rate knows of a device.
struct ADRState: Hashable, Sendable {
    /// The data rate of the last uplink.
    var dataRate: DataRateIndex?
    /// The lowest data rate that the device refused: it is not asked for any more.
    var refusedDataRate: DataRateIndex?
    /// The lowest TXPower that the device refused.
    var refusedPowerIndex: UInt8?
    var history = ADRHistory()
}

/// When a device was last heard of its battery and margin.
struct StatusCadence: Hashable, Sendable {
    /// Seconds since 1970; nil until the first uplink of the session.
    var since: UInt32?
}
