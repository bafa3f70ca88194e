// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import JSON
internal import LoRaWAN

extension Simulation {
    /// Routes a frame of a virtual device: one upstream message for each gateway that hears it.
    func transmit(_ transmission: Transmission, from index: Int) {
        let device = devices[index].configuration
        var origin = UpstreamOrigin(device: index, mic: transmission.mic.rawValue, end: transmission.end)
        let candidates: [EUI64]
        switch transmission.kind {
        case .joinRequest:
            guard case .otaa(let joinEUI, _, _) = device.activation else { return }
            candidates = routing.table.routesJoin(device.devEUI, joinEUI: joinEUI) ? [device.devEUI] : []
            narrate(
                "device \(device.name) (\(kindText(index))) sends join request\(candidates.isEmpty ? ", not subscribed" : "")"
            )
        case .rejoinRequest(let request):
            candidates = routing.table.routesRejoin(request) ? [device.devEUI] : []
            narrate(
                "device \(device.name) (\(kindText(index))) sends rejoin request type \(request.requestType.rawValue)\(candidates.isEmpty ? ", not subscribed" : "")"
            )
        case .data(let number, let devAddr):
            origin.uplink = number
            origin.devAddr = devAddr
            candidates = routing.table.candidates(for: devAddr)
            narrateUplink(number, of: index, isSubscribed: !candidates.isEmpty)
        }
        guard !candidates.isEmpty else {
            totals.notSubscribed += 1
            devices[index].report.undelivered += 1
            if origin.uplink == nil { devices[index].hasLostJoin = true }
            return
        }
        // A copy that comes this late finds no class A window open any more.
        let latest = Duration.milliseconds(2500).scaled(by: configuration.timeScale)
        for gateway in device.gateways {
            let message = UpstreamMessage(
                transactionID: 0,
                isOutdated: device.isOutdated || gateway.delay > latest ? true : nil,
                devEUIs: candidates,
                frequency: UInt64(transmission.frequency),
                modulation: transmission.modulation,
                rssi: gateway.rssi,
                snr: gateway.snr,
                octets: transmission.octets,
                position: gateway.position,
            )
            if gateway.delay > .zero {
                timers.schedule(.handOver(message, origin), at: transmission.end.advanced(by: gateway.delay))
            } else {
                handOver(message, origin)
            }
        }
    }

    /// Sends an upstream message to the next upstream socket.
    func handOver(_ message: UpstreamMessage, _ origin: UpstreamOrigin) {
        guard let server, let socket = nextSocket() else {
            totals.withoutSocket += 1
            if let device = origin.device {
                devices[device].report.undelivered += 1
                if origin.uplink == nil { devices[device].hasLostJoin = true }
            }
            origin.answer?(.undelivered)
            return
        }
        sendMalformedIfDue(on: socket)
        var message = message
        message.transactionID = origin.transactionID ?? takeTransactionID()
        if let given = origin.challenge {
            challenge = given
        } else {
            drawChallenge(for: message.devEUIs, mic: origin.mic)
        }
        writer.removeAll()
        message.write(to: &writer, challenge: challenge)
        deliver(writer.bytes, on: socket, server)
        totals.upstreamSent += 1
        if let device = origin.device, let uplink = origin.uplink {
            devices[device].noteUplink(uplink) { $0.delivered += 1 }
        }
        let pending = PendingUpstream(
            transactionID: message.transactionID,
            origin: origin,
            devEUIs: message.devEUIs,
            socket: socket.tag,
        )
        ledger.add(pending, deadline: MonotonicTime.now.advanced(by: configuration.ackTimeout))
    }

    /// Handles a reply of a client.
    func receivedReply(_ text: Span<UInt8>, on connection: WebConnection) {
        let reply: ClientReply
        do {
            reply = try ClientReply(text)
        } catch {
            load?.noteUnreadable()
            totals.malformedReplies += 1
            noteProblem("on an upstream socket: \(error.sentence)")
            return
        }
        if load != nil {
            load?.note(reply)
            return
        }
        switch reply {
        case .ack(let transactionID, let devEUI, let mic):
            guard let pending = take(transactionID, on: connection) else { return }
            noteAck(pending, devEUI: devEUI, mic: mic)
        case .reject(let transactionID, let code, let message):
            guard let pending = take(transactionID, on: connection) else { return }
            noteReject(pending, code: code, message: message)
        }
    }

    /// Counts a message nobody replied to.
    func noteMissing(_ pending: PendingUpstream) {
        watchers.hasNews = true
        totals.missingAcks += 1
        if let device = pending.origin.device { devices[device].report.missingAcks += 1 }
        narrate("no reply to upstream message \(pending.transactionID)\(deviceText(pending))")
        if let responsible = responsible(for: pending) { noteFailure(of: responsible) }
        pending.origin.answer?(.missing)
    }

    private func take(_ transactionID: UInt64, on connection: WebConnection) -> PendingUpstream? {
        guard let pending = ledger.take(transactionID) else {
            totals.unknownReplies += 1
            return nil
        }
        if pending.socket != connection.tag { totals.repliesOnOtherSocket += 1 }
        return pending
    }

    private func noteAck(_ pending: PendingUpstream, devEUI: EUI64, mic: UInt32) {
        let sender = pending.origin.device.map { devices[$0].configuration.devEUI }
        let isRight = mic == pending.origin.mic && pending.devEUIs.contains(devEUI) && (sender ?? devEUI) == devEUI
        pending.origin.answer?(.ack(devEUI: devEUI, mic: mic, isRight: isRight))
        guard isRight else {
            totals.wrongAcks += 1
            noteProblem(
                "ack of \(pending.transactionID) with DevEUI \(devEUI) and MIC \(mic) is wrong\(deviceText(pending))"
            )
            noteFailure(of: devEUI)
            return
        }
        totals.acks += 1
        narrate("upstream message \(pending.transactionID)\(deviceText(pending)) acked by \(devEUI)")
        let smallest = configuration.smallestChallengeSize
        routing.table.modify(devEUI) { row in
            row.challengeSize = max(smallest, row.challengeSize / 2)
            row.failures = 0
            row.lastAcknowledged = max(row.lastAcknowledged ?? pending.origin.end, pending.origin.end)
        }
        if let devAddr = pending.origin.devAddr, routing.table.switchToTarget(devEUI, sendingFrom: devAddr) {
            narrate("routing table: \(devEUI) is \(devAddr) from now on")
        }
        guard let device = pending.origin.device else { return }
        devices[device].report.acks += 1
        if let uplink = pending.origin.uplink { devices[device].noteUplink(uplink) { $0.acks += 1 } }
    }

    private func noteReject(_ pending: PendingUpstream, code: String, message: String?) {
        totals.rejects[code, default: 0] += 1
        narrate("upstream message \(pending.transactionID)\(deviceText(pending)) rejected: \(code) \(message ?? "")")
        if let device = pending.origin.device {
            devices[device].report.rejects += 1
            if let uplink = pending.origin.uplink { devices[device].noteUplink(uplink) { $0.rejects += 1 } }
        }
        if code == "MICFailed", let responsible = responsible(for: pending) { noteFailure(of: responsible) }
        pending.origin.answer?(.reject(code: code, message: message))
    }

    /// The subscription that should have met the challenge: the sender's, if it is subscribed.
    private func responsible(for pending: PendingUpstream) -> EUI64? {
        guard let device = pending.origin.device else { return nil }
        let sender = devices[device].configuration.devEUI
        return pending.devEUIs.contains(sender) ? sender : nil
    }

    private func noteFailure(of devEUI: EUI64) {
        routing.table.modify(devEUI) { $0.failures += 1 }
        guard let limit = configuration.unsubscribeAfter, let row = routing.table[devEUI], row.failures >= limit else {
            return
        }
        routing.groups.forget(routing.table.drop([devEUI]))
        totals.unsubscribed.append(devEUI)
        narrate("\(devEUI) is unsubscribed after \(row.failures) failed challenges")
    }

    private func nextSocket() -> WebConnection? {
        for _ in upstreamSockets.indices {
            nextUpstreamSocket = (nextUpstreamSocket + 1) % upstreamSockets.count
            let socket = upstreamSockets[nextUpstreamSocket]
            if socket.outgoing.waitingOctets < configuration.socketBacklogLimit { return socket }
        }
        return nil
    }

    private func takeTransactionID() -> UInt64 {
        defer { nextTransactionID += 1 }
        return nextTransactionID
    }

    /// Fills `challenge` with random candidates and the right one among them.
    private func drawChallenge(for devEUIs: [EUI64], mic: UInt32) {
        let size = devEUIs.compactMap { routing.table[$0]?.challengeSize }.max() ?? configuration.challengeSize
        challenge.removeAll(keepingCapacity: true)
        while challenge.count < size {
            let word = random.next()
            for candidate in [UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32)]
            where candidate != mic && challenge.count < size {
                challenge.append(candidate)
            }
        }
        challenge[Int.random(in: 0..<size, using: &random)] = mic
    }

    private func deliver(_ message: [UInt8], on socket: WebConnection, _ server: WebServer) {
        var parts: [(OutgoingMessages.Framing, ArraySlice<UInt8>)] = []
        if let size = configuration.fragmentSize, size > 0, message.count > size {
            var start = 0
            while start < message.count {
                let end = min(start + size, message.count)
                parts.append(
                    (
                        start == 0 ? .firstFragment : end == message.count ? .lastFragment : .fragment,
                        message[start..<end]
                    )
                )
                if end < message.count { parts.append((.ping, message[start..<min(start + 8, end)])) }
                start = end
            }
        } else {
            parts = [(configuration.sendsBinaryFrames ? .binary : .text, message[...])]
        }
        for (framing, part) in parts {
            if faults.delay > .zero {
                timers.schedule(.send(Array(part), framing, socket), at: MonotonicTime.now.advanced(by: faults.delay))
            } else {
                server.send(part, as: framing, on: socket)
            }
        }
    }

    private func narrateUplink(_ number: Int, of index: Int, isSubscribed: Bool) {
        guard configuration.narrate != nil else { return }
        let report = devices[index].report
        let kept = number - (report.uplinkCount - report.uplinks.count)
        guard report.uplinks.indices.contains(kept) else { return }
        let uplink = report.uplinks[kept]
        let port = uplink.port.map { "port \($0) payload \(Hex.text(uplink.payload))" } ?? "without payload"
        let kind = uplink.isConfirmed ? "confirmed uplink" : "uplink"
        let again = uplink.attempts > 1 ? " again" : ""
        narrate(
            "device \(report.name) (\(kindText(index))) sends \(kind)\(again) FCnt \(uplink.fCnt) \(port)\(isSubscribed ? "" : ", not subscribed")"
        )
    }

    private func deviceText(_ pending: PendingUpstream) -> String {
        pending.origin.device.map { " of device \(devices[$0].configuration.name)" } ?? ""
    }

    /// How lines call a device's kind: `OTAA`, `ABP`, with the class unless it is A.
    func kindText(_ index: Int) -> String {
        let configuration = devices[index].configuration
        let activation = if case .otaa = configuration.activation { "OTAA" } else { "ABP" }
        return configuration.deviceClass == .a
            ? activation : "\(activation), class \(configuration.deviceClass.rawValue)"
    }
}
