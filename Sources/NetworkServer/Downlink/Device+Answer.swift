// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Class A: building the answer to an uplink.
extension Device {
    /// Builds the answer whose time has come, and closes windows that are out of reach.
    mutating func answerIfDue(_ desk: inout Desk) {
        let (now, timing) = (desk.now.monotonic, desk.timing)
        let due = exchange.read { exchange in
            exchange.opportunity.read { (isDue: $0.isDue(at: now), isClosed: $0.closesAt(timing) <= now) }
        }
        guard let due, let due else { return }
        if due.isDue { answer(&desk) }
        if due.isClosed { _ = exchange.change { $0.opportunity.value = nil } }
    }

    /// A downlink entered the queue: it goes into the windows at hand if they are in reach.
    mutating func useOpportunity(_ desk: inout Desk) {
        guard let opportunity = exchange.value?.opportunity.value, opportunity.state != .answered else { return }
        let merged = opportunity.openedAt + desk.timing.mergeWindow
        if merged <= desk.now.monotonic {
            answer(&desk)
        } else {
            exchange.change { $0.opportunity.change { $0.state = .waiting(until: merged) } }
        }
    }

    /// Whether the windows at hand will carry what is in the queue.
    var awaitsOpportunity: Bool {
        exchange.read { $0.opportunity.read { $0.state != .answered } == true } == true
    }

    private mutating func answer(_ desk: inout Desk) {
        guard var opportunity = exchange.value?.opportunity.value else { return }
        improveHistory(by: opportunity)
        let windows = opportunity.reachable(at: desk.now.monotonic, desk.timing)
        opportunity.state = .listening
        guard windows.rx1 != nil || windows.rx2 != nil else {
            if opportunity.owesAnswer { desk.tally.answersTooLate += 1 }
            _ = exchange.change { $0.opportunity.value = nil }
            return
        }
        let answers = answers(to: opportunity)
        let answersSize = DownlinkMACCommand.octets(of: answers).count
        let choice = chooseDownlink(opportunity, windows, answers: answersSize, &desk)
        let requests = macRequests(desk, isADR: opportunity.isADR)
        let isWorthwhile = opportunity.owesAnswer || requests.contains { $0 != [.deviceStatusRequest] }
        if choice.index != nil || isWorthwhile {
            send(choice, answers, requests, in: opportunity, windows, &desk)
            opportunity.state = .answered
        }
        _ = exchange.change { $0.opportunity.value = opportunity }
    }

    /// The best reception counts for adaptive data rate, and it may have come after the first.
    private mutating func improveHistory(by opportunity: ReceiveOpportunity) {
        guard opportunity.isADR, opportunity.receptions > 1 else { return }
        current.change { $0.adr.history.improveLast(snr: opportunity.bestSNR) }
    }

    /// A downlink of the queue, or none, and the windows that carry what must be said.
    private struct Choice {
        var index: Int?
        var fitsRX1: Bool
        var fitsRX2: Bool

        /// Answers without a downlink: where they fit, or as many of them as do.
        init(
            answers: Int,
            _ windows: (rx1: DownlinkWindow?, rx2: DownlinkWindow?),
        ) {
            fitsRX1 = windows.rx1.map { answers <= $0.capacity } ?? false
            fitsRX2 = windows.rx2.map { answers <= $0.capacity } ?? false
            if !fitsRX1, !fitsRX2 { (fitsRX1, fitsRX2) = (true, true) }
        }

        init(index: Int, fitsRX1: Bool, fitsRX2: Bool) {
            self.index = index
            self.fitsRX1 = fitsRX1
            self.fitsRX2 = fitsRX2
        }
    }

    /// Takes the next downlink that fits a window beside the MAC answers; one that fits neither alone fails.
    private mutating func chooseDownlink(
        _ opportunity: ReceiveOpportunity,
        _ windows: (rx1: DownlinkWindow?, rx2: DownlinkWindow?),
        answers: Int,
        _ desk: inout Desk,
    ) -> Choice {
        expireDownlinks(&desk)
        while let index = queue.nextIndex(at: desk.now.wall) {
            let size = queue[index].item.payload.count
            let limit = max(opportunity.rx1?.capacity ?? 0, opportunity.rx2?.capacity ?? 0)
            guard size <= limit else {
                fail(at: index, .payloadTooLong(size: size, limit: limit, opportunity.widest, region), &desk)
                continue
            }
            // Answers that are too long for FOpts go alone, and the downlink waits.
            guard answers <= DataFrame.maximumOptions else { break }
            let choice = Choice(
                index: index,
                fitsRX1: windows.rx1.map { size + answers <= $0.capacity } ?? false,
                fitsRX2: windows.rx2.map { size + answers <= $0.capacity } ?? false,
            )
            if choice.fitsRX1 || choice.fitsRX2 { return choice }
            break
        }
        return Choice(answers: answers, windows)
    }

    private mutating func send(
        _ choice: Choice,
        _ answers: [DownlinkMACCommand],
        _ requests: [[DownlinkMACCommand]],
        in opportunity: ReceiveOpportunity,
        _ windows: (rx1: DownlinkWindow?, rx2: DownlinkWindow?),
        _ desk: inout Desk,
    ) {
        let rx1 = choice.fitsRX1 ? windows.rx1 : nil
        let rx2 = choice.fitsRX2 ? windows.rx2 : nil
        guard let window = rx1 ?? rx2 else { return }
        let payload = choice.index.map { queue[$0].item.payload.count } ?? 0
        let mac = MacOctets(
            answers: answers,
            requests: requests,
            room: window.capacity - payload,
            allowsPortZero: choice.index == nil,
        )
        guard let built = buildFrame(item: choice.index, mac: mac, opportunity: opportunity, &desk) else { return }
        let size = payload + mac.options.count + (mac.portZero?.count ?? 0)
        let fallback = rx1 == nil ? nil : rx2.flatMap { size <= $0.capacity ? $0 : nil }
        transmit(
            built.content,
            octets: built.octets,
            coverage: opportunity.coverage,
            window: window,
            fallback: fallback,
            &desk,
        )
    }
}
