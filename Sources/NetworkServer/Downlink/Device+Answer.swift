// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Class A: building the answer to an uplink.
extension Device {
    /// Builds the answer whose time has come, and closes windows that are out of reach.
    mutating func answerIfDue(_ desk: inout Desk) {
        guard let opportunity = exchange.value?.opportunity else { return }
        let now = desk.now.monotonic
        if case .waiting(let until) = opportunity.state, until <= now { answer(&desk) }
        if opportunity.closesAt(desk.timing) <= now {
            exchange.change { $0.opportunity = nil }
        }
    }

    /// A downlink entered the queue: it goes into the windows at hand if they are in reach.
    mutating func useOpportunity(_ desk: inout Desk) {
        guard let opportunity = exchange.value?.opportunity, opportunity.state != .answered else { return }
        let merged = opportunity.openedAt + desk.timing.mergeWindow
        if merged <= desk.now.monotonic {
            answer(&desk)
        } else {
            exchange.change { $0.opportunity?.state = .waiting(until: merged) }
        }
    }

    /// Whether the windows at hand will carry what is in the queue.
    var awaitsOpportunity: Bool {
        guard let opportunity = exchange.value?.opportunity else { return false }
        return opportunity.state != .answered
    }

    private mutating func answer(_ desk: inout Desk) {
        guard var opportunity = exchange.value?.opportunity else { return }
        let windows = opportunity.reachable(at: desk.now.monotonic, desk.timing)
        opportunity.state = .listening
        guard windows.rx1 != nil || windows.rx2 != nil else {
            if opportunity.owesAnswer { desk.tally.answersTooLate += 1 }
            exchange.change { $0.opportunity = nil }
            return
        }
        let choice = chooseDownlink(opportunity, windows, &desk)
        if choice.index != nil || opportunity.owesAnswer {
            send(choice, in: opportunity, windows, &desk)
            opportunity.state = .answered
        }
        exchange.change { $0.opportunity = opportunity }
    }

    /// A downlink of the queue and the window that it fits, or none.
    private struct Choice {
        var index: Int?
        var fitsRX1 = true
        var fitsRX2 = true
    }

    /// Takes the next downlink that fits a window; one that fits neither at this data rate fails.
    private mutating func chooseDownlink(
        _ opportunity: ReceiveOpportunity,
        _ windows: (rx1: DownlinkWindow?, rx2: DownlinkWindow?),
        _ desk: inout Desk,
    ) -> Choice {
        expireDownlinks(&desk)
        while let index = queue.nextIndex(at: desk.now.wall) {
            let size = queue[index].item.payload.count
            let limit = max(opportunity.rx1?.capacity ?? 0, opportunity.rx2?.capacity ?? 0)
            guard size <= limit else {
                fail(at: index, .payloadTooLong(size: size, limit: limit), &desk)
                continue
            }
            let choice = Choice(
                index: index,
                fitsRX1: windows.rx1.map { size <= $0.capacity } ?? false,
                fitsRX2: windows.rx2.map { size <= $0.capacity } ?? false,
            )
            return choice.fitsRX1 || choice.fitsRX2 ? choice : Choice()
        }
        return Choice()
    }

    private mutating func send(
        _ choice: Choice,
        in opportunity: ReceiveOpportunity,
        _ windows: (rx1: DownlinkWindow?, rx2: DownlinkWindow?),
        _ desk: inout Desk,
    ) {
        let rx1 = choice.fitsRX1 ? windows.rx1 : nil
        let rx2 = choice.fitsRX2 ? windows.rx2 : nil
        guard let window = rx1 ?? rx2 else { return }
        guard let built = buildFrame(item: choice.index, opportunity: opportunity, &desk) else { return }
        transmit(
            built.content,
            octets: built.octets,
            coverage: opportunity.coverage,
            window: window,
            fallback: rx1 == nil ? nil : rx2,
            &desk,
        )
    }

    /// Ciphers and signs a frame with the next counter; when the counters are used up the downlink fails and there is no frame.
    mutating func buildFrame(
        item index: Int?,
        opportunity: ReceiveOpportunity?,
        _ desk: inout Desk,
    ) -> (octets: [UInt8], content: OpenTransmission.Content)? {
        let queued = index.map { queue[$0] }
        let waiting = queue.waitingCount - (index == nil ? 0 : 1)
        let port = queued.map { $0.item.port ?? opportunity?.port.flatMap { $0 > 0 ? $0 : nil } ?? 1 }
        guard let counter = session?.takeCounterDown(forApplication: port != nil), let session else {
            if let index { fail(at: index, .countersUsedUp, &desk) }
            return nil
        }
        isSessionChanged = true
        let downlink = ClearDownlink(
            isConfirmed: queued?.item.isConfirmed ?? false,
            control: FrameControl(
                adr: profile.usesADR,
                ack: opportunity?.confirmedCounter != nil,
                // In class C the bit is reserved: such a device needs no uplink to be spoken to.
                pending: waiting > 0 && profile.deviceClass != .c,
            ),
            port: port,
            payload: queued?.item.payload ?? [],
        )
        let signed = profile.uses32BitCounter ? counter : counter & 0xffff
        let octets = session.seal(downlink, counter: signed, acknowledging: opportunity?.confirmedCounter)
        if downlink.isConfirmed { self.session?.lastConfirmedDown = UInt16(truncatingIfNeeded: counter) }
        if let index { queue[index].state = .inFlight }
        return (
            octets,
            .data(
                item: queued?.item.id,
                counter: counter,
                port: port,
                devAddr: session.devAddr,
                sessionNumber: session.number,
            )
        )
    }
}
