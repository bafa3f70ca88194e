// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What a device waits for.
extension Device {
    /// When the device must be looked at next, monotonic nanoseconds; nil while nothing is due by itself.
    func nextDeadline(_ desk: borrowing Desk) -> Int64? {
        var next = queueDeadline(desk)
        guard let due = exchange.read({ $0.deadline(desk) }), let due else { return next }
        if let queued = next { next = min(queued, due) } else { next = due }
        return next
    }

    /// Does all that is due.
    mutating func handleTimer(_ desk: inout Desk) {
        releaseUplinks(&desk)
        expireTransmissions(&desk)
        expireDownlinks(&desk)
        expireAcknowledgements(&desk)
        answerIfDue(&desk)
        sendUnprompted(&desk)
    }

    /// Releases uplinks whose copies are together and forgets frames that no copy can follow.
    private mutating func releaseUplinks(_ desk: inout Desk) {
        guard exchange.isPresent else { return }
        let now = desk.now.monotonic
        let timing = desk.timing
        exchange.change { exchange in
            for index in exchange.recents.indices {
                guard exchange.recents[index].isCollecting else { continue }
                guard exchange.recents[index].firstHeard + timing.mergeWindow <= now else { continue }
                exchange.recents[index].release(&desk)
            }
            if exchange.recents.contains(where: { $0.isForgotten(at: now, timing) }) {
                exchange.recents.removeAll { $0.isForgotten(at: now, timing) }
            }
        }
    }

    /// The queue's own deadline: an expiry, an acknowledgement that stays out, class C's next frame.
    private func queueDeadline(_ desk: borrowing Desk) -> Int64? {
        guard !queue.isEmpty else { return nil }
        var next = queue.deadline(at: desk.now)
        if let unprompted = unpromptedDeadline(desk) { next = min(next ?? unprompted, unprompted) }
        return next
    }
}

extension RecentFrame {
    /// Whether no copy can follow any more.
    fileprivate func isForgotten(at now: Int64, _ timing: Timing) -> Bool {
        firstHeard + timing.copyWindow <= now && !isCollecting
    }

    /// Publishes the uplink with the copies so far; later ones are only counted.
    mutating func release(_ desk: inout Desk) {
        guard let uplink, isCollecting else { return }
        desk.effects.append(.release(uplink, receptions: receptions))
        receptions = []
    }
}

extension Exchange {
    /// When something is due by itself, monotonic nanoseconds.
    fileprivate func deadline(_ desk: borrowing Desk) -> Int64? {
        var next = Int64.max
        var forgotten = Int64.max
        for recent in recents {
            if recent.isCollecting {
                next = min(next, recent.firstHeard + desk.timing.mergeWindow)
            } else {
                forgotten = min(forgotten, recent.firstHeard + desk.timing.copyWindow)
            }
        }
        if let closing = opportunity.read({ $0.deadline(desk.timing) }) { next = min(next, closing) }
        for transmission in transmissions { next = min(next, transmission.deadline) }
        if busyUntil > desk.now.monotonic { next = min(next, busyUntil) }
        // Old frames are forgotten along with something else if they can.
        if next == .max { next = forgotten }
        return next == .max ? nil : next
    }
}
