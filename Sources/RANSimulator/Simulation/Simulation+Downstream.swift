// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import JSON
internal import LoRaWAN

extension Simulation {
    /// The largest deadline and the farthest ping slot, from now.
    private static let horizon = 512_000

    /// Handles a Downstream or MulticastDownstream message.
    func receivedDownstream(_ text: Span<UInt8>, on connection: WebConnection) {
        var octets: [UInt8] = []
        octets.reserveCapacity(text.count)
        for index in text.indices { octets.append(text[index]) }
        totals.downstreamReceived += 1
        if faults.ignoredDownstream > 0 {
            faults.ignoredDownstream -= 1
            return
        }
        let request: DownstreamRequest
        do {
            request = try DownstreamRequest(octets)
        } catch {
            refuse(error.transactionID, error.sentence, on: connection)
            return
        }
        guard usedTransactionIDs.insert(request.transactionID).inserted else {
            refuse(request.transactionID, "TransactionID \(request.transactionID) was used before", on: connection)
            return
        }
        if usedTransactionIDs.count > 1_000_000 { usedTransactionIDs = [request.transactionID] }
        let mailboxID = nextMailboxID
        nextMailboxID += 1
        answer(on: connection) { json in
            json.member("ProtocolVersion", 1)
            json.member("TransactionID", request.transactionID)
            json.member("MailboxID", mailboxID)
        }
        if faults.forcedResults > 0 {
            faults.forcedResults -= 1
            finish(request, mailboxID, faults.forcedCode, faults.forcedMessage, on: connection)
            return
        }
        plan(request, mailboxID: mailboxID, on: connection)
    }

    /// Sends a frame at its moment and lets the device hear it.
    ///
    /// - Parameter pingSlot: the GPS time of a class B transmission.
    func transmit(
        _ request: DownstreamRequest,
        on connection: WebConnection,
        mailboxID: UInt64,
        pingSlot: GPSTime?,
        at moment: MonotonicTime,
    ) {
        finish(request, mailboxID, .success, "Success", on: connection)
        switch request.target {
        case .device(let devEUI):
            guard let index = deviceIndex[devEUI] else { return }
            hear(request, index, pingSlot, at: moment)
        case .group(let address):
            for devEUI in routing.groups[address]?.devices ?? [] {
                if let index = deviceIndex[devEUI] { hearMulticast(request, index, address, at: moment) }
            }
        }
    }

    private func plan(_ request: DownstreamRequest, mailboxID: UInt64, on connection: WebConnection) {
        func end(_ code: DownstreamResultCode, _ message: String) {
            narrate("downstream \(request.transactionID) ends with \(code.rawValue): \(message)")
            finish(request, mailboxID, code, message, on: connection)
        }
        var lastAcknowledged: MonotonicTime?
        switch request.target {
        case .device(let devEUI):
            guard let row = routing.table[devEUI] else {
                return end(.gatewayNotFound, "there is no subscription for \(devEUI)")
            }
            lastAcknowledged = row.lastAcknowledged
            if let index = deviceIndex[devEUI] { devices[index].judgeCounter(of: request.phyPayload) }
            if let address = request.targetDevAddr { routing.table.setTarget(devEUI, to: address) }
        case .group(let address):
            guard let group = routing.groups[address] else {
                return end(.gatewayNotFound, "there is no group \(address)")
            }
            lastAcknowledged = group.devices.compactMap { routing.table[$0]?.lastAcknowledged }.max()
        }
        guard let lastAcknowledged else {
            if case .delay = request.timing {
                return end(.windowNotFound, "no upstream message of the device was acknowledged")
            }
            return end(.gatewayNotFound, "no gateway has heard the device")
        }
        let now = MonotonicTime.now
        var moment = now
        var pingSlot: GPSTime?
        switch request.timing {
        case .delay(let seconds):
            moment = lastAcknowledged.advanced(by: Duration.seconds(Int64(seconds)).scaled(by: configuration.timeScale))
            guard moment >= now.advanced(by: configuration.gatewayLead) else {
                let late = Double(now.since(moment).wholeNanoseconds) / 1e9
                return end(.tooLate, "TOO_LATE: the window opened \(late) s ago or opens too soon")
            }
        case .tmms(let times):
            let gps = GPSTime(UnixTime(nanoseconds: WallClock.nanoseconds)).nanoseconds / 1_000_000
            let lead = configuration.gatewayLead.wholeNanoseconds / 1_000_000
            let waits = times.compactMap { Int64(exactly: $0) }.map { $0 - gps }
            guard let wait = waits.filter({ $0 >= lead }).min() else {
                return end(.tooLate, "TOO_LATE: every slot has passed")
            }
            guard wait <= Simulation.horizon else {
                return end(.gatewayError, "TOO_EARLY: the first slot is \(wait) ms away")
            }
            moment = now.advanced(by: .milliseconds(wait))
            pingSlot = GPSTime(nanoseconds: (gps + wait) * 1_000_000)
        case .deadline(let value) where value != 1:
            // Seconds or milliseconds of Unix time: no date between 1973 and 5138 fits both.
            let milliseconds =
                value < 100_000_000_000 ? value.multipliedReportingOverflow(by: 1000).partialValue : value
            let wait = Int64(clamping: milliseconds) - WallClock.nanoseconds / 1_000_000
            guard wait >= 0 else { return end(.tooLate, "TOO_LATE: the deadline passed \(-wait) ms ago") }
            guard wait <= Simulation.horizon else {
                return end(.gatewayError, "TOO_EARLY: the deadline is \(wait) ms away")
            }
        case .deadline: break
        }
        timers.schedule(.transmit(request, connection, mailboxID: mailboxID, pingSlot: pingSlot), at: moment)
    }

    private func hear(_ request: DownstreamRequest, _ index: Int, _ pingSlot: GPSTime?, at moment: MonotonicTime) {
        let reception = devices[index].receive(
            request.phyPayload,
            frequency: request.frequency,
            modulation: request.modulation,
            at: moment,
            pingSlot: pingSlot,
        )
        schedule(index)
        let name = "device \(devices[index].configuration.name) (\(kindText(index)))"
        switch reception {
        case .joined(let devAddr):
            narrate("\(name) joined as \(devAddr)")
        case .received(let downlink):
            narrate("\(name) received \(text(of: downlink))")
        case .missed(let reason):
            narrate("\(name) missed a downlink: \(reason)")
        }
    }

    private func hearMulticast(_ request: DownstreamRequest, _ index: Int, _ address: DevAddr, at moment: MonotonicTime)
    {
        let name = "device \(devices[index].configuration.name) (\(kindText(index)))"
        switch devices[index].receiveMulticast(request, address: address) {
        case .received(let downlink): narrate("\(name) received multicast \(address) \(text(of: downlink))")
        case .missed(let reason): narrate("\(name) missed a multicast: \(reason)")
        case .joined: break
        }
    }

    private func text(of downlink: DeviceReport.Downlink) -> String {
        var text = downlink.isConfirmed ? "confirmed downlink" : "downlink"
        if let port = downlink.port { text += " port \(port) payload \(Hex.text(downlink.payload))" }
        text += " FCntDown \(downlink.fCntDown)"
        if downlink.isAck { text += " ACK" }
        return "\(text) in \(downlink.window)"
    }

    private func refuse(_ transactionID: UInt64?, _ sentence: String, on connection: WebConnection) {
        totals.downstreamInvalid += 1
        noteProblem("on a downstream socket: \(sentence)")
        guard let transactionID, transactionID > 0 else { return }
        let mailboxID = nextMailboxID
        nextMailboxID += 1
        sendResult(transactionID, mailboxID, .gatewayError, "invalid message: \(sentence)", on: connection)
    }

    private func finish(
        _ request: DownstreamRequest,
        _ mailboxID: UInt64,
        _ code: DownstreamResultCode,
        _ message: String,
        on connection: WebConnection,
    ) {
        if case .group(let address) = request.target, configuration.reportsMulticastByDevice {
            let members = routing.groups[address]?.devices ?? []
            totals.downstreamResults[code.rawValue, default: 0] += 1
            answer(on: connection) { json in
                json.member("ProtocolVersion", 1)
                json.member("TransactionID", request.transactionID)
                json.member("MailboxID", mailboxID)
                json.name("Results")
                json.array { json in
                    for devEUI in members {
                        json.object { json in
                            json.member("DevEUI", devEUI.rawValue)
                            json.member("ResultCode", code.rawValue)
                            json.member("ResultMessage", message)
                        }
                    }
                }
            }
            return
        }
        sendResult(request.transactionID, mailboxID, code, message, on: connection)
    }

    private func sendResult(
        _ transactionID: UInt64,
        _ mailboxID: UInt64,
        _ code: DownstreamResultCode,
        _ message: String,
        on connection: WebConnection,
    ) {
        totals.downstreamResults[code.rawValue, default: 0] += 1
        answer(on: connection) { json in
            json.member("ProtocolVersion", 1)
            json.member("TransactionID", transactionID)
            json.member("ResultCode", code.rawValue)
            json.member("ResultMessage", message)
            json.member("MailboxID", mailboxID)
        }
    }

    private func answer(on connection: WebConnection, _ members: (inout JSONWriter) -> Void) {
        writer.removeAll()
        writer.object(members)
        if faults.delay > .zero {
            timers.schedule(.send(writer.bytes, .text, connection), at: MonotonicTime.now.advanced(by: faults.delay))
        } else {
            server?.send(writer.bytes, on: connection)
        }
    }
}
