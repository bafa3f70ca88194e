// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What happens to a group's downlinks.
extension Group {
    /// Takes all items or none; every one ends in an outcome either way.
    mutating func enqueue(_ items: [MulticastItem], _ schedule: DownlinkSchedule, _ desk: inout Desk) {
        let kept = schedule == .replace ? 0 : queue.count
        if let failure = refusal(of: items, kept: kept, desk) {
            for item in items { desk.effects.append(.multicast(item, .failed(failure))) }
            return
        }
        if schedule == .replace { clear(.replaced, &desk) }
        for item in schedule == .first ? items.reversed() : items {
            let isFirst = schedule == .first
            let position: Int64 = isFirst ? (queue.first?.position ?? 0) - 1 : (queue.last?.position ?? 0) + 1
            let queued = QueuedMulticast(item: item, position: position)
            queue.insert(queued, at: isFirst ? 0 : queue.count)
            let change = StateChange.putDownlink(id: item.id, position: position, queued.encoded())
            desk.effects.append(.storeGroup(profile.address, change))
        }
        for item in items { desk.effects.append(.multicast(item, .scheduled(attempt: 0, ranResult: nil))) }
        sendNext(&desk)
    }

    /// Empties the queue; the frame that is under way goes on.
    mutating func clear(_ failure: DownlinkFailure, _ desk: inout Desk) {
        for queued in queue { finish(queued, .failed(failure), &desk) }
        queue = []
    }

    /// Does all that is due.
    mutating func handleTimer(_ desk: inout Desk) {
        let now = desk.now
        let expired = queue.filter { $0.item.expiresAt.map { $0 <= now.wall } ?? false }
        queue.removeAll { queued in expired.contains { $0.item.id == queued.item.id } }
        for queued in expired { finish(queued, .failed(.expired), &desk) }
        if let current, !current.open.isEmpty, current.deadline <= now.monotonic {
            for id in current.open.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
                handle(.lost(reason: "The RAN did not answer in time."), of: id, &desk)
            }
        }
        sendNext(&desk)
    }

    /// A coverage told the fate of the frame.
    mutating func handle(_ result: TransmissionResult, of id: TransactionID, _ desk: inout Desk) {
        desk.close(id)
        guard var frame = current, let coverage = frame.open.removeValue(forKey: id) else { return }
        switch result {
        case .unsent(let reason): frame.lastResult = frame.lastResult.isEmpty ? reason : frame.lastResult
        case .sent: frame.sent = frame.sent ?? sent(frame, coverage)
        case .refused(let code, let message):
            frame.isAttempt = true
            frame.lastResult = message.isEmpty ? code : "\(code): \(message)"
        case .lost(let reason):
            frame.isAttempt = true
            frame.lastResult = reason
        }
        current = frame
        if frame.open.isEmpty { settle(frame, &desk) }
    }

    /// Every coverage has told.
    private mutating func settle(_ settled: Frame, _ desk: inout Desk) {
        var frame = settled
        busyUntil = desk.now.monotonic + desk.timing.classCInterval
        if let sent = frame.sent {
            current = nil
            return finish(frame.queued, .sent(sent), &desk)
        }
        if frame.isAttempt { frame.failures += 1 }
        guard frame.failures < desk.configuration.ranAttempts else {
            current = nil
            return finish(frame.queued, .failed(.ranRefused(frame.failures, frame.lastResult)), &desk)
        }
        current = frame
        desk.effects.append(
            .multicast(
                frame.queued.item,
                .scheduled(attempt: frame.failures, ranResult: frame.lastResult),
            )
        )
    }

    /// Hands the next frame, or the one that no coverage sent, to the RANs.
    private mutating func sendNext(_ desk: inout Desk) {
        guard current?.open.isEmpty ?? true, busyUntil <= desk.now.monotonic, !isHeld(desk) else { return }
        guard let listening = listening(desk.now, lead: desk.timing.sendLead) else { return }
        guard var frame = current ?? makeFrame(listening.window, &desk) else { return }
        frame.deadline = listening.until + desk.timing.ranAnswerTimeout
        frame.isAttempt = false
        for coverage in profile.coverages {
            let id = desk.makeTransaction(slot: slot)
            frame.open[id] = coverage
            desk.effects.append(
                .transmit(
                    Transmission(
                        transactionID: id,
                        coverage: coverage,
                        target: .multicast(profile.address),
                        timing: listening.timing,
                        frequency: listening.window.frequency,
                        modulation: frame.modulation,
                        octets: frame.octets,
                    )
                )
            )
        }
        busyUntil = desk.now.monotonic + desk.timing.classCInterval
        current = frame
    }

    /// The next downlink under the next counter; what cannot be sent fails.
    private mutating func makeFrame(_ window: ReceiveWindow, _ desk: inout Desk) -> Frame? {
        while let queued = queue.first {
            if let notBefore = queued.item.notBefore, desk.now.wall < notBefore { return nil }
            queue.removeFirst()
            let size = queued.item.payload.count
            let limit = profile.region.maxPayload(dataRate: window.dataRate, direction: .down) ?? 0
            guard let modulation = profile.region.modulation(of: window.dataRate), size <= limit else {
                finish(
                    queued,
                    .failed(.payloadTooLong(size: size, limit: limit, window.dataRate, profile.region)),
                    &desk
                )
                continue
            }
            guard nextCounter < .max else {
                finish(queued, .failed(.countersUsedUp), &desk)
                continue
            }
            let counter = nextCounter
            nextCounter += 1
            desk.effects.append(.storeGroup(profile.address, .session(encodedSession)))
            return Frame(
                queued: queued,
                octets: seal(queued.item, counter: counter),
                counter: counter,
                deadline: 0,
                window: window,
                modulation: modulation,
            )
        }
        return nil
    }

    private func finish(_ queued: QueuedMulticast, _ outcome: DownlinkOutcome, _ desk: inout Desk) {
        desk.effects.append(.storeGroup(profile.address, .deleteDownlink(id: queued.item.id)))
        desk.effects.append(.multicast(queued.item, outcome))
    }

    private func sent(_ frame: Frame, _ coverage: Int) -> SentDownlink {
        SentDownlink(
            octets: frame.octets,
            coverage: coverage,
            frequency: frame.window.frequency,
            modulation: frame.modulation,
            counter: frame.counter,
            port: frame.queued.item.port,
            power: profile.region.power(frequency: frame.window.frequency),
            devAddr: profile.address,
            sessionNumber: 0,
        )
    }

    private func refusal(of items: [MulticastItem], kept: Int, _ desk: borrowing Desk) -> DownlinkFailure? {
        let limit = profile.region.longestDownlink
        for item in items {
            if !(1...223).contains(item.port) { return .invalidPort(item.port) }
            if item.payload.count > limit {
                return .payloadTooLong(size: item.payload.count, limit: limit, nil, profile.region)
            }
            if let expiresAt = item.expiresAt, expiresAt <= desk.now.wall { return .expired }
        }
        let queueLimit = desk.configuration.queueLimit
        return kept + items.count > queueLimit ? .queueFull(limit: queueLimit) : nil
    }
}
