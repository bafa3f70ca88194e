// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Data uplinks, once it is known that this device sent them.
extension Device {
    /// Acknowledges a copy of a frame that was just accepted; false when it is none.
    mutating func absorbCopy(_ upstream: UpstreamFrame, _ desk: inout Desk) -> Bool {
        guard exchange.isPresent else { return false }
        let now = desk.now.monotonic
        let timing = desk.timing
        let mic = exchange.change { exchange -> MIC? in
            let copied = exchange.recents.lastIndex {
                now - $0.firstHeard <= timing.copyWindow && $0.isCopied(by: upstream)
            }
            guard let copied else { return nil }
            let isOpen = now - exchange.recents[copied].firstHeard < timing.mergeWindow
            if exchange.recents[copied].isCollecting, isOpen {
                exchange.merge(upstream.radio, into: copied)
                desk.tally.copiesMerged += 1
            } else {
                desk.tally.copiesLate += 1
            }
            return exchange.recents[copied].mic
        }
        guard let mic, let mic else { return false }
        desk.effects.append(.acknowledge(upstream.id, devEUI: devEUI, mic: mic.rawValue))
        return true
    }

    /// Accepts a frame whose MIC fits, or tells why its counter does not.
    mutating func receive(
        _ frame: DataFrame,
        _ solution: UplinkSolver.Solution,
        in upstream: UpstreamFrame,
        _ desk: inout Desk,
    ) {
        let last = (solution.isPending ? pending : current).read { $0.counterUp ?? 0 } ?? 0
        switch solution.verdict {
        case .replayed:
            let refusal = Refusal.replayed(devEUI, last: last, counter: solution.counter)
            desk.effects.append(.reject(upstream.id, refusal))
        case .gapTooLarge:
            let refusal = Refusal.gapTooLarge(devEUI, last: last, counter: solution.counter)
            desk.effects.append(.reject(upstream.id, refusal))
        case .new, .repeated, .restarted:
            if solution.isPending { promotePending(&desk) }
            accept(frame, solution, in: upstream, &desk)
        }
    }

    private mutating func accept(
        _ frame: DataFrame,
        _ solution: UplinkSolver.Solution,
        in upstream: UpstreamFrame,
        _ desk: inout Desk,
    ) {
        let isRetry = solution.verdict == .repeated
        noteUplink(frame, solution, upstream, &desk)
        let signed = CounterRules(profile).signed(solution.counter)
        let commands = macCommands(of: frame, counter: signed)
        // A repeated frame was composed before the device could hear the last downlink.
        let status = isRetry ? nil : takeCommands(commands, &desk)
        let known = current.read { session in
            (session.devAddr, session.number, frame.port == 0 ? [] : session.decipher(frame, counter: signed))
        }
        guard let (devAddr, number, payload) = known else { return }
        let id = desk.makeUplinkID()
        desk.effects.append(
            .uplink(
                AcceptedUplink(
                    id: id,
                    devEUI: devEUI,
                    devAddr: devAddr,
                    port: frame.port,
                    counter: solution.counter,
                    isConfirmed: frame.isConfirmed,
                    isRetry: isRetry,
                    payload: payload,
                    phyPayloadSize: upstream.octets.count + MIC.length,
                    radio: upstream.radio,
                    dataRate: solution.dataRate,
                    isOutdated: upstream.isOutdated,
                    isADR: frame.control.adr,
                    sessionNumber: number,
                    status: status,
                )
            )
        )
        desk.effects.append(.acknowledge(upstream.id, devEUI: devEUI, mic: solution.mic.rawValue))
        remember(id, solution.mic, upstream, &desk)
        handleAcknowledgement(frame.control.ack && !isRetry, of: solution.confirms, &desk)
        if !upstream.isOutdated {
            openWindows(after: frame, solution, requests: requests(among: commands), uplink: id, upstream, &desk)
        }
    }

    /// What the frame itself tells of the device.
    private mutating func noteUplink(
        _ frame: DataFrame,
        _ solution: UplinkSolver.Solution,
        _ upstream: UpstreamFrame,
        _ desk: inout Desk,
    ) {
        isSessionChanged = true
        if solution.verdict == .restarted {
            let parameters = factoryParameters(desk)
            queue.forgetCounters()
            current.change { $0.restart(parameters: parameters) }
        }
        let isClassB = profile.deviceClass == .b
        let (region, isADR) = (region, profile.usesADR && frame.control.adr)
        current.change { session in
            if isClassB { session.parameters.pingSlots.isListening = frame.control.classB }
            session.note(
                counter: solution.counter,
                mic: solution.mic,
                isRepeated: solution.verdict == .repeated,
                isADR: isADR,
                upstream,
                dataRate: solution.dataRate,
                in: region,
                at: desk.now.wall,
            )
        }
    }

    /// The device uses the session that its last join began.
    mutating func promotePending(_ desk: inout Desk) {
        if let devAddr = current.read({ $0.devAddr }) { desk.addresses.release(devAddr) }
        current = pending
        pending.value = nil
        isSessionChanged = true
        if joins.rejoinCount0 != nil {
            joins.beginSession()
            desk.effects.append(.store(devEUI, .joinState(joins.encoded())))
        }
        // No acknowledgement of the old session comes any more.
        queue.forgetCounters()
        for index in (0..<queue.count) {
            guard case .unacknowledged = queue[index].state else { continue }
            queue[index].state = .waiting
            store(queue[index], &desk)
        }
    }

    private mutating func remember(_ id: UplinkID, _ mic: MIC, _ upstream: UpstreamFrame, _ desk: inout Desk) {
        var recent = RecentFrame(
            octets: upstream.octets,
            mic: mic,
            firstHeard: desk.now.monotonic,
            uplink: id,
            receptions: [upstream.radio],
        )
        if desk.timing.mergeWindow == 0 { recent.release(&desk) }
        exchange.change(orMake: Exchange()) { exchange in
            if exchange.recents.count == Exchange.maximumRecents {
                exchange.recents[0].release(&desk)
                exchange.recents.removeFirst()
            }
            exchange.recents.append(recent)
        }
    }

    private mutating func openWindows(
        after frame: DataFrame,
        _ solution: UplinkSolver.Solution,
        requests: [UplinkMACCommand],
        uplink: UplinkID,
        _ upstream: UpstreamFrame,
        _ desk: inout Desk,
    ) {
        let now = desk.now.monotonic
        let isOwed = exchange.read { $0.opportunity.read { $0.owesAnswer && $0.state != .answered } == true }
        if isOwed == true { desk.tally.answersTooLate += 1 }
        let found = current.read { session in
            let parameters = session.parameters
            return (
                delay: parameters.rx1Delay,
                windows: windows(
                    after: upstream.radio,
                    dataRate: solution.dataRate,
                    parameters: parameters,
                    openedAt: now,
                )
            )
        }
        guard let (rx1Delay, windows) = found else { return }
        let isADR = profile.usesADR && frame.control.adr
        var opportunity = ReceiveOpportunity(
            openedAt: now,
            coverage: upstream.coverage,
            port: frame.port,
            confirmedCounter: frame.isConfirmed ? solution.counter : nil,
            wantsAnswer: frame.control.adrAckRequest,
            isADR: isADR,
            requests: requests,
            uplink: uplink,
            receivedAt: upstream.radio.receivedAt,
            requiredSNR: upstream.radio.modulation.requiredSNR,
            bestSNR: upstream.radio.snr,
            rx1: windows.rx1,
            rx2: windows.rx2,
            state: .listening,
        )
        let merged = now + desk.timing.mergeWindow
        if queue.nextIndex(at: desk.now.wall) != nil {
            opportunity.state = .waiting(until: merged)
        } else if opportunity.owesAnswer || hasUrgentRequests(desk, isADR: isADR) {
            let patience = desk.timing.answerWindow(rx1Delay: rx1Delay)
            opportunity.state = .waiting(until: max(merged, now + patience))
        }
        exchange.change(orMake: Exchange()) { $0.opportunity.value = opportunity }
        answerIfDue(&desk)
    }
}
