// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Class B and C: frames that answer no uplink.
extension Device {
    /// Sends the next downlink without waiting for an uplink, if the device listens and nothing else is under way.
    mutating func sendUnprompted(_ desk: inout Desk) {
        guard let due = unpromptedDeadline(desk), due <= desk.now.monotonic, let session else { return }
        while let index = queue.nextIndex(at: desk.now.wall) {
            guard let listening = listening(session, desk) else { return }
            let size = queue[index].item.payload.count
            let dwell = session.parameters.dwellTime
            let limit = region.maxPayload(dataRate: listening.window.dataRate, direction: .down, dwell: dwell) ?? 0
            guard let modulation = region.modulation(of: listening.window.dataRate), size <= limit else {
                fail(at: index, .payloadTooLong(size: size, limit: limit, listening.window.dataRate, region), &desk)
                continue
            }
            guard let built = buildFrame(item: index, mac: .none, opportunity: nil, &desk) else { continue }
            return transmit(
                built.content,
                octets: built.octets,
                coverage: coverage(of: session),
                frequency: listening.window.frequency,
                modulation: modulation,
                timing: listening.timing,
                onAirAt: listening.until,
                &desk,
            )
        }
    }

    /// When the next frame may go without an uplink, monotonic nanoseconds; nil when there is none or it waits for something else.
    func unpromptedDeadline(_ desk: borrowing Desk) -> Int64? {
        guard !queue.isEmpty, listensUnprompted, current.isPresent, !awaitsOpportunity else { return nil }
        // What cannot leave waits for its coverage, or for its own end.
        guard desk.isOpen(current.read { coverage(of: $0) } ?? profile.coverage) else { return nil }
        guard exchange.read({ $0.transmissions.contains { $0.item != nil } }) != true else { return nil }
        guard let held = queue.heldUntil(at: desk.now) else { return nil }
        return max(held, exchange.read { $0.busyUntil } ?? held)
    }

    private func coverage(of session: Session) -> Int { session.coverage.map(Int.init) ?? profile.coverage }

    /// Whether the device can hear a frame that answers no uplink.
    private var listensUnprompted: Bool {
        switch deviceClass {
        case .a: false
        case .b:
            current.read { $0.parameters.pingSlots.isListening && $0.parameters.pingSlots.periodicity != nil } == true
        case .c: true
        }
    }

    /// Where and when a device hears what answers no uplink, and the last moment of it on the monotonic clock.
    private func listening(
        _ session: Session,
        _ desk: borrowing Desk,
    ) -> (window: ReceiveWindow, timing: Transmission.Timing, until: Int64)? {
        guard deviceClass == .b else { return (session.parameters.rx2, .immediately, desk.now.monotonic) }
        guard let periodicity = session.parameters.pingSlots.periodicity else { return nil }
        let schedule = PingSchedule(
            address: session.devAddr,
            periodicity: periodicity,
            parameters: session.parameters.pingSlots,
            region: region,
        )
        return schedule.next(after: desk.now, lead: desk.timing.sendLead)
    }
}
