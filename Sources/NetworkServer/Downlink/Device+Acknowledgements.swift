// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Confirmed downlinks: one at a time waits for the device's word.
extension Device {
    /// An uplink came that could have acknowledged the downlink that waits for it.
    ///
    /// `counter` is the low 16 bits of the one that it names, where the device's version tells.
    mutating func handleAcknowledgement(_ hasACK: Bool, of counter: UInt16?, _ desk: inout Desk) {
        for index in (0..<queue.count).reversed() where queue[index].item.isConfirmed {
            let isAcknowledged = hasACK && queue[index].wasSent(under: counter)
            switch queue[index].state {
            case .unacknowledged where isAcknowledged: finish(at: index, .acknowledged, &desk)
            case .unacknowledged: retry(at: index, &desk)
            case .inFlight where isAcknowledged: acknowledgeInFlight(at: index, &desk)
            default: continue
            }
        }
    }

    /// Class B and C: the device kept silent for too long.
    mutating func expireAcknowledgements(_ desk: inout Desk) {
        for index in (0..<queue.count).reversed() {
            guard case .unacknowledged(let until?) = queue[index].state else { continue }
            if until <= desk.now.monotonic { retry(at: index, &desk) }
        }
    }

    private mutating func retry(at index: Int, _ desk: inout Desk) {
        let attempts = Int(queue[index].transmissions)
        let limit = queue[index].item.maximumAttempts ?? desk.configuration.confirmedAttempts
        let willRetry = attempts < limit
        desk.effects.append(
            .downlink(queue[index].item, .notAcknowledged(attempt: attempts, willRetry: willRetry))
        )
        guard willRetry else { return fail(at: index, .attemptsExhausted(attempts), &desk) }
        queue[index].state = .waiting
        store(queue[index], &desk)
    }

    /// The device's word came before the RAN's: it proves that the frame was sent.
    private mutating func acknowledgeInFlight(at index: Int, _ desk: inout Desk) {
        let id = queue[index].item.id
        guard let open = exchange.read({ $0.transmissions.first { $0.item == id } }), let open else { return }
        if let sent = open.sent(power: region.power(frequency: open.frequency)) {
            desk.effects.append(.downlink(queue[index].item, .sent(sent)))
        }
        finish(at: index, .acknowledged, &desk)
    }
}
