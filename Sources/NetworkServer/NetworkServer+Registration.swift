// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Devices come, change and go.
extension NetworkServer {
    mutating func register(_ profile: DeviceProfile, _ restored: RestoredDevice?) {
        if let slot = devices.slot(of: profile.devEUI) {
            withSlot(slot) { device, desk in
                if let restored { device.restore(restored, &desk) }
                device.change(to: profile, &desk)
            }
            return
        }
        let slot = devices.insert(Device(profile: Registration(profile)))
        withSlot(slot) { device, desk in
            device.slot = Int32(slot)
            if let restored { device.restore(restored, &desk) }
            device.change(to: profile, &desk)
        }
    }

    mutating func unregister(_ devEUI: EUI64) {
        guard let slot = devices.slot(of: devEUI) else { return }
        withSlot(slot) { $0.leave(&$1) }
        agenda.set(slot, to: nil)
        devices.remove(devEUI)
    }
}

extension Device {
    /// Takes the place of what is known here: state comes back from the store.
    mutating func restore(_ restored: RestoredDevice, _ desk: inout Desk) {
        forget(&desk)
        var isIntact = true
        if let octets = restored.session {
            if let sessions = SessionCoding.decode(octets, region: region) {
                session = sessions.current
                pending.value = sessions.pending
            } else {
                isIntact = false
            }
        }
        if let octets = restored.joinState {
            if let state = JoinState(octets) { joins = state } else { isIntact = false }
        }
        for octets in restored.downlinks {
            if let queued = QueuedDownlink(octets, devEUI: devEUI) { queue.restore(queued) } else { isIntact = false }
        }
        if deviceClass != .a {
            queue.awaitAcknowledgements(until: desk.now.monotonic + desk.timing.acknowledgementTimeout)
        }
        current.change { $0.settle(in: &desk) }
        pending.change { $0.settle(in: &desk) }
        if !isIntact { desk.effects.append(.notice(.storedStateUnreadable(devEUI))) }
    }

    /// Takes a registration over; what contradicts it goes.
    mutating func change(to profile: DeviceProfile, _ desk: inout Desk) {
        let previous = self.profile
        self.profile = Registration(profile)
        if previous.region != region { takeRegionDefaults() }
        joins.use(rootKey: self.profile.rootKey)
        switch profile.activation {
        case .overTheAir:
            // A session of the personalised past is none of an activation over the air.
            if previous.isPersonalised { forgetSessions(&desk) }
        case .personalised(let devAddr, let keys, let counterUp, let counterDown):
            if let session, session.devAddr == devAddr, session.keys == keys, session.is11 == profile.version.is11 {
                break
            }
            let number = (session?.number ?? 0) &+ 1
            forgetSessions(&desk)
            var session = Session(
                number: number,
                devAddr: devAddr,
                keys: keys,
                is11: profile.version.is11,
                parameters: factoryParameters(desk),
            )
            session.counterUp = counterUp
            session.nextCounterDown = counterDown
            session.nextApplicationCounterDown = counterDown
            self.session = session
            desk.addresses.take(devAddr)
            isSessionChanged = true
        }
        sendUnprompted(&desk)
    }

    /// The device was registered in a region it is not in: it listens where the other region's plan says.
    private mutating func takeRegionDefaults() {
        if var session {
            session.resetMac(parameters: DeviceParameters(region: region, rx1Delay: session.parameters.rx1Delay))
            self.session = session
            isSessionChanged = true
        }
        if var waiting = pending.value {
            waiting.resetMac(parameters: DeviceParameters(region: region, rx1Delay: waiting.parameters.rx1Delay))
            pending.value = waiting
            isSessionChanged = true
        }
    }

    /// The device is deleted: nothing of it stays open.
    mutating func leave(_ desk: inout Desk) {
        if var open = exchange.value {
            for index in open.recents.indices { open.recents[index].release(&desk) }
        }
        for index in (0..<queue.count).reversed() { fail(at: index, .deviceDeleted, &desk) }
        forget(&desk)
        isSessionChanged = false
    }

    private mutating func forget(_ desk: inout Desk) {
        for open in exchange.read({ $0.transmissions }) ?? [] { desk.close(open.id) }
        exchange.value = nil
        queue = DownlinkQueue()
        forgetSessions(&desk)
        joins = JoinState(rootKey: profile.rootKey)
        isSessionChanged = false
    }

    private mutating func forgetSessions(_ desk: inout Desk) {
        if let session { desk.addresses.release(session.devAddr) }
        if let waiting = pending.value { desk.addresses.release(waiting.devAddr) }
        session = nil
        pending.value = nil
        isSessionChanged = true
    }
}

extension Session {
    /// A session came back: its address is in use, its channels are kept with equal ones.
    fileprivate mutating func settle(in desk: inout Desk) {
        desk.addresses.take(devAddr)
        parameters.channels = desk.shared(parameters.channels)
    }
}
