// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// One device: its registration, its sessions, its queue, and what is under way.
struct Device: Sendable {
    var profile: Registration
    /// Where it stands in the table; set when it enters.
    var slot: Int32 = 0
    /// The session that uplinks come in.
    var current = Rare<Session>()
    /// A session whose join-accept went out but that no uplink has come in yet.
    var pending = Rare<Session>()
    var joins: JoinState
    var queue = DownlinkQueue()
    var exchange = Rare<Exchange>()
    /// The stored form of the sessions differs from them.
    var isSessionChanged = false

    var devEUI: EUI64 { profile.devEUI }
    var region: Region { profile.region }

    /// The session that uplinks come in, as a copy; hot paths look at `current` in place.
    var session: Session? {
        get { current.value }
        set { current.value = newValue }
    }

    init(profile: Registration) {
        self.profile = profile
        joins = JoinState(rootKey: profile.rootKey)
    }

    /// What a personalised device does that nobody told anything.
    func factoryParameters(_ desk: borrowing Desk) -> DeviceParameters {
        DeviceParameters(region: region, rx1Delay: desk.configuration.personalisedRX1Delay)
    }

    /// The class the device is in: what it told goes before what it is registered as.
    var deviceClass: DeviceClass { current.read { $0.toldClass ?? profile.deviceClass } ?? profile.deviceClass }

    /// Ends a decision about the device: what changed is stored, what is settled is let go.
    mutating func settle(_ desk: inout Desk) {
        if isSessionChanged {
            isSessionChanged = false
            desk.effects.append(
                .store(devEUI, .session(SessionCoding.encode(current: current, pending: pending)))
            )
        }
        if exchange.change({ $0.isSettled(at: desk.now.monotonic) }) == true { exchange.value = nil }
    }
}
