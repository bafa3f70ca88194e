// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What a device waits for.
extension Device {
    /// When the device must be looked at next, monotonic nanoseconds; nil while nothing is due by itself.
    func nextDeadline(_ desk: borrowing Desk) -> Int64? {
        var next = queueDeadline(desk)
        guard let exchange = exchange.value else { return next }
        func consider(_ deadline: Int64) {
            next = min(next ?? deadline, deadline)
        }
        for recent in exchange.recents {
            let window = recent.isCollecting ? desk.timing.mergeWindow : desk.timing.copyWindow
            consider(recent.firstHeard + window)
        }
        if let opportunity = exchange.opportunity { consider(opportunity.deadline(desk.timing)) }
        for transmission in exchange.transmissions { consider(transmission.deadline) }
        if exchange.busyUntil > desk.now.monotonic { consider(exchange.busyUntil) }
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
            exchange.recents.removeAll { $0.firstHeard + timing.copyWindow <= now && !$0.isCollecting }
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
    /// Publishes the uplink with the copies so far; later ones are only counted.
    mutating func release(_ desk: inout Desk) {
        guard let uplink, isCollecting else { return }
        desk.effects.append(.release(uplink, receptions: receptions))
        receptions = []
    }
}
