// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The application's side of the queue.
extension Device {
    /// Takes all items or none; every one ends in an outcome either way.
    mutating func enqueue(_ items: [DownlinkItem], _ schedule: DownlinkSchedule, _ desk: inout Desk) {
        let kept = schedule == .replace ? 0 : queue.count
        if let failure = refusal(of: items, kept: kept, desk) {
            for item in items { desk.effects.append(.downlink(item, .failed(failure))) }
            return
        }
        if schedule == .replace { clearQueue(.replaced, &desk) }
        // Several items put first keep their order among themselves.
        for item in schedule == .first ? items.reversed() : items {
            let queued = queue.insert(item, first: schedule == .first)
            store(queued, &desk)
        }
        for item in items { desk.effects.append(.downlink(item, .scheduled(attempt: 0, ranResult: nil))) }
        useOpportunity(&desk)
        sendUnprompted(&desk)
    }

    /// Empties the queue. What the RAN has is not called back, but not tried again either.
    mutating func clearQueue(_ failure: DownlinkFailure, _ desk: inout Desk) {
        for index in (0..<queue.count).reversed() {
            if queue[index].state == .inFlight {
                guard !queue[index].isReplaced else { continue }
                queue[index].isReplaced = true
                desk.effects.append(.store(devEUI, .deleteDownlink(id: queue[index].item.id)))
            } else {
                fail(at: index, failure, &desk)
            }
        }
    }

    /// Ends downlinks whose time has passed and that the RAN does not have.
    mutating func expireDownlinks(_ desk: inout Desk) {
        for index in (0..<queue.count).reversed() where queue[index].isExpired(at: desk.now.wall) {
            switch queue[index].state {
            case .waiting: fail(at: index, queue[index].isCurrent ? .expiredUnacknowledged : .expired, &desk)
            // A device of class A may never send again.
            case .unacknowledged(nil): fail(at: index, .expiredUnacknowledged, &desk)
            case .unacknowledged, .inFlight: continue
            }
        }
    }

    /// Takes a downlink out of the queue for good.
    mutating func fail(at index: Int, _ failure: DownlinkFailure, _ desk: inout Desk) {
        finish(at: index, .failed(failure), &desk)
    }

    /// Takes a downlink out of the queue and tells how it ended.
    mutating func finish(at index: Int, _ outcome: DownlinkOutcome, _ desk: inout Desk) {
        let queued = queue.remove(at: index)
        if !queued.isReplaced {
            desk.effects.append(.store(devEUI, .deleteDownlink(id: queued.item.id)))
        }
        desk.effects.append(.downlink(queued.item, outcome))
    }

    /// Stores a downlink that is still wanted.
    func store(_ queued: QueuedDownlink, _ desk: inout Desk) {
        guard !queued.isReplaced else { return }
        desk.effects.append(
            .store(
                devEUI,
                .putDownlink(id: queued.item.id, position: queued.position, queued.encoded()),
            )
        )
    }

    private func refusal(of items: [DownlinkItem], kept: Int, _ desk: borrowing Desk) -> DownlinkFailure? {
        let limit = region.longestDownlink
        for item in items {
            if let port = item.port, !(1...223).contains(port) { return .invalidPort(port) }
            if item.payload.count > limit {
                return .payloadTooLong(size: item.payload.count, limit: limit, nil, region)
            }
            if item.requiresSession, session == nil, !pending.isPresent { return .noSession }
            if let expiresAt = item.expiresAt, expiresAt <= desk.now.wall { return .expired }
        }
        let queueLimit = desk.configuration.queueLimit
        return kept + items.count > queueLimit ? .queueFull(limit: queueLimit) : nil
    }
}
