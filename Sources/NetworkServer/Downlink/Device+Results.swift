// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What becomes of frames that were handed to the RAN.
extension Device {
    /// The RAN told the fate of a transmission.
    mutating func handle(_ result: TransmissionResult, of id: TransactionID, _ desk: inout Desk) {
        guard let open = takeTransmission(id, &desk) else { return }
        switch result {
        case .sent:
            handleSent(open, &desk)
            busy(until: desk.now.monotonic + desk.timing.classCInterval)
        case .refused(let code, let message):
            handleFailure(open, message.isEmpty ? code : "\(code): \(message)", isAttempt: true, &desk)
        case .lost(let reason): handleFailure(open, reason, isAttempt: true, &desk)
        case .unsent(let reason): handleFailure(open, reason, isAttempt: false, &desk)
        }
        sendUnprompted(&desk)
    }

    /// Gives up frames about which the RAN has been silent for too long.
    mutating func expireTransmissions(_ desk: inout Desk) {
        guard let transmissions = exchange.read({ $0.transmissions }), !transmissions.isEmpty else { return }
        for open in transmissions where open.deadline <= desk.now.monotonic {
            handle(.lost(reason: "The RAN did not answer in time."), of: open.id, &desk)
        }
    }

    private mutating func takeTransmission(_ id: TransactionID, _ desk: inout Desk) -> OpenTransmission? {
        desk.close(id)
        let open = exchange.change { exchange -> OpenTransmission? in
            guard let index = exchange.transmissions.firstIndex(where: { $0.id == id }) else { return nil }
            return exchange.transmissions.remove(at: index)
        }
        return open ?? nil
    }

    private mutating func handleSent(_ open: OpenTransmission, _ desk: inout Desk) {
        guard let id = open.item, let index = queue.index(of: id) else { return }
        guard let sent = open.sent(power: region.power(frequency: open.frequency)) else { return }
        guard queue[index].item.isConfirmed else { return finish(at: index, .sent(sent), &desk) }
        desk.effects.append(.downlink(queue[index].item, .sent(sent)))
        if queue[index].isReplaced { return fail(at: index, .replaced, &desk) }
        let waits = deviceClass == .a ? nil : desk.now.monotonic + desk.timing.acknowledgementTimeout
        queue[index].transmissions = queue[index].transmissions.addingSaturated(1)
        queue[index].state = .unacknowledged(until: waits)
        store(queue[index], &desk)
    }

    private mutating func handleFailure(
        _ open: OpenTransmission,
        _ result: String,
        isAttempt: Bool,
        _ desk: inout Desk,
    ) {
        let index = open.item.flatMap { queue.index(of: $0) }
        if let index, isAttempt { queue[index].failedTries = queue[index].failedTries.addingSaturated(1) }
        if let window = open.fallback, desk.now.monotonic + desk.timing.sendLead <= window.opensAt {
            if let index { tellRetry(of: queue[index], result, &desk) }
            return transmit(
                open.content,
                octets: open.octets,
                coverage: open.coverage,
                window: window,
                fallback: nil,
                &desk,
            )
        }
        excuseRequests(of: open)
        switch open.content {
        case .joinAccept: desk.effects.append(.notice(.joinAcceptNotSent(devEUI, result)))
        case .data(nil, _, _, _, _): desk.tally.answersNotSent += 1
        case .data: if let index { requeue(at: index, result, isAttempt: isAttempt, &desk) }
        }
    }

    /// What the device did not hear it need not answer. Should it answer after all, the RAN was wrong and the answer counts.
    private mutating func excuseRequests(of open: OpenTransmission) {
        guard case .data(_, _, _, _, let number) = open.content else { return }
        let isExcused = current.change { session in
            guard session.number == number, session.owesAnswers, !session.dialogue.isUnsent else { return false }
            session.dialogue.isUnsent = true
            return true
        }
        if isExcused == true { isSessionChanged = true }
    }

    /// A downlink waits for the next window, unless it had its chances.
    private mutating func requeue(at index: Int, _ result: String, isAttempt: Bool, _ desk: inout Desk) {
        if queue[index].isReplaced { return fail(at: index, .replaced, &desk) }
        if isAttempt { queue[index].missedOpportunities = queue[index].missedOpportunities.addingSaturated(1) }
        guard Int(queue[index].missedOpportunities) < desk.configuration.ranAttempts else {
            return fail(at: index, .ranRefused(Int(queue[index].failedTries), result), &desk)
        }
        queue[index].state = .waiting
        store(queue[index], &desk)
        tellRetry(of: queue[index], result, &desk)
    }

    private func tellRetry(of queued: QueuedDownlink, _ result: String, _ desk: inout Desk) {
        guard !queued.isReplaced else { return }
        let attempt = Int(queued.failedTries)
        desk.effects.append(.downlink(queued.item, .scheduled(attempt: attempt, ranResult: result)))
    }
}

extension OpenTransmission {
    /// What the application is told; nil for a frame without a payload of its own.
    func sent(power: Int) -> SentDownlink? {
        guard case .data(_, let counter, let port?, let devAddr, let sessionNumber) = content else { return nil }
        return SentDownlink(
            octets: octets,
            coverage: coverage,
            frequency: frequency,
            modulation: modulation,
            counter: counter,
            port: port,
            power: power,
            devAddr: devAddr,
            sessionNumber: sessionNumber,
        )
    }
}

extension UInt8 {
    func addingSaturated(_ other: UInt8) -> UInt8 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
