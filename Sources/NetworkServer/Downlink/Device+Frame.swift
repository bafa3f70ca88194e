// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Making data downlinks.
extension Device {
    /// Ciphers and signs a frame with the next counter; when the counters are used up the downlink fails and there is no frame.
    ///
    /// A frame that answers no uplink has no `opportunity`.
    mutating func buildFrame(
        item index: Int?,
        mac: MacOctets,
        opportunity: ReceiveOpportunity?,
        _ desk: inout Desk,
    ) -> (octets: [UInt8], content: OpenTransmission.Content)? {
        let queued = index.map { queue[$0] }
        let applicationPort = queued.map { $0.item.port ?? opportunity?.applicationPort ?? 1 }
        let port = applicationPort ?? (mac.portZero == nil ? nil : 0)
        let taken = current.change { $0.takeCounterDown(forApplication: applicationPort != nil) }
        guard let taken, let counter = taken else {
            if let index { fail(at: index, .countersUsedUp, &desk) }
            return nil
        }
        isSessionChanged = true
        let downlink = ClearDownlink(
            isConfirmed: queued?.item.isConfirmed ?? false,
            control: FrameControl(
                adr: profile.usesADR,
                ack: opportunity?.confirmedCounter != nil,
                pending: hasMore(beside: index, mac, desk),
            ),
            options: mac.options,
            port: port,
            payload: queued?.item.payload ?? mac.portZero ?? [],
        )
        if !mac.asked.isEmpty {
            current.change {
                $0.dialogue.asked = mac.asked
                $0.dialogue.isUnsent = false
            }
        }
        if downlink.isConfirmed { current.change { $0.noteConfirmed(counter: counter) } }
        if let index {
            queue[index].state = .inFlight
            if downlink.isConfirmed, queue[index].firstCounter == nil {
                queue[index].firstCounter = UInt16(truncatingIfNeeded: counter)
            }
        }
        guard let session else { return nil }
        let signed = CounterRules(profile).signed(counter)
        return (
            session.seal(downlink, counter: signed, acknowledging: opportunity?.confirmedCounter),
            .data(
                item: queued?.item.id,
                counter: counter,
                port: port,
                devAddr: session.devAddr,
                sessionNumber: session.number,
            )
        )
    }

    /// FPending: the device should send again soon. In class C the bit is reserved, such a device needs no uplink to be spoken to.
    private func hasMore(beside index: Int?, _ mac: MacOctets, _ desk: borrowing Desk) -> Bool {
        guard deviceClass != .c else { return false }
        return queue.waitingCount(at: desk.now.wall) > (index == nil ? 0 : 1) || mac.isIncomplete
    }
}

extension ReceiveOpportunity {
    /// The port for a downlink that names none.
    fileprivate var applicationPort: UInt8? {
        port.flatMap { $0 > 0 ? $0 : nil }
    }
}

extension MacOctets {
    /// No commands.
    static let none = MacOctets(answers: [], requests: [], room: 0, allowsPortZero: false)
}
