// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

extension VirtualDevice {
    /// Hears a frame that a gateway sends.
    mutating func receive(
        _ phyPayload: [UInt8],
        frequency: UInt64,
        modulation: Modulation,
        at moment: MonotonicTime,
        pingSlot: GPSTime? = nil,
    ) -> Reception {
        let (window, index): (String, Int?)
        do {
            (window, index) = try openWindow(
                frequency: frequency,
                modulation: modulation,
                at: moment,
                pingSlot: pingSlot
            )
        } catch {
            return missed(error.sentence)
        }
        do {
            switch try DownlinkFrame(parsing: phyPayload) {
            case .joinAccept(let octets): return accept(octets, at: moment)
            case .data(let frame, let mic): return take(phyPayload, frame, mic, window: window, of: index, at: moment)
            case .proprietary: return missed("a proprietary frame")
            }
        } catch {
            return missed("\(error)")
        }
    }

    private mutating func accept(_ octets: [UInt8], at moment: MonotonicTime) -> Reception {
        guard case .otaa(let joinEUI, let appKey, let nwkKey) = configuration.activation,
            let request = windows.last?.kind, request.isActivation
        else { return missed("a join accept without a join request") }
        var context = JoinAcceptContext(answering: .join, joinEUI: joinEUI, devNonce: devNonce)
        if case .rejoinRequest(let frame) = request {
            context.answering = frame.requestType
            context.devNonce = frame.count
        }
        let accept: JoinAccept?
        do {
            if configuration.version.is11, let nwkKey {
                accept = try JoinAccept(
                    decrypting: octets,
                    nwkKey: nwkKey,
                    joinServerKeys: JoinServerKeys(nwkKey: nwkKey, devEUI: configuration.devEUI),
                    context: context,
                )
            } else {
                accept = try JoinAccept(decrypting: octets, appKey: appKey)
            }
        } catch {
            return missed("\(error)")
        }
        guard let accept else { return missed("the join accept's MIC is wrong") }
        let is11 = configuration.version.is11 && accept.optNeg
        let keys: SessionKeys
        if is11, let nwkKey {
            keys = .derive11(
                nwkKey: nwkKey,
                appKey: appKey,
                joinEUI: joinEUI,
                joinNonce: accept.joinNonce,
                devNonce: context.devNonce,
            )
        } else {
            let root = configuration.version.is11 ? nwkKey ?? appKey : appKey
            keys = .derive10(appKey: root, joinNonce: accept.joinNonce, netID: accept.netID, devNonce: devNonce)
        }
        var session = DeviceSession(
            devAddr: accept.devAddr,
            keys: keys,
            is11: is11,
            fCntUp: 0,
            radio: radio(after: accept, answering: context.answering),
        )
        if is11 { session.announcements = configuration.deviceClass == .c ? [.rekey, .classC] : [.rekey] }
        self.session = session
        netID = accept.netID
        unanswered = nil
        nextJoin = nil
        rejoinCounts.session = 0
        if context.answering != .rejoin2 { rejoinPeriod = nil }
        beginRejoins(at: moment)
        windows = []
        report.joinState = .joined
        report.devAddr = accept.devAddr
        report.nextFCntUp = 0
        report.joins += 1
        report.fCntDownSeen = []
        report.owesAck = false
        if configuration.interval != nil { nextPeriodic = moment.advanced(by: .milliseconds(500 * scale)) }
        replan(urgent: queue.isEmpty ? nil : moment)
        return .joined(accept.devAddr)
    }

    /// The channels and windows of a session: new ones, but a rekeying rejoin (type 2) keeps those in use (LoRaWAN 1.1
    /// section 6.2.4.3).
    private func radio(after accept: JoinAccept, answering request: JoinRequestType) -> RadioState {
        if request == .rejoin2, let session { return session.radio }
        var radio = bootRadio
        radio.rx1Delay = max(1, accept.rxDelay)
        radio.rx1Offset = accept.rx1DataRateOffset
        radio.rx2.dataRate = accept.rx2DataRate
        if let list = accept.cfList { radio.adopt(list) }
        return radio
    }

    private mutating func take(
        _ phyPayload: [UInt8],
        _ frame: DataFrame,
        _ mic: MIC,
        window: String,
        of sent: Int?,
        at moment: MonotonicTime,
    ) -> Reception {
        guard var session else { return missed("a data frame before any session") }
        do {
            let opened = try session.open(phyPayload, frame, mic, confirmedUplink: lastConfirmedUplink)
            self.session = session
            let downlink = DeviceReport.Downlink(
                fCntDown: opened.counter,
                port: frame.port,
                payload: opened.payload,
                isConfirmed: frame.isConfirmed,
                isAck: frame.control.ack,
                session: report.joins,
                window: window,
                options: opened.options,
            )
            keep(downlink)
            report.owesAck = session.owedAck != nil
            if let waiting = unanswered, frame.control.ack || !waiting.isConfirmed {
                if waiting.isConfirmed { noteUplink(waiting.number) { $0.isAnswered = true } }
                unanswered = nil
            }
            // A frame in RX1 keeps RX2 closed. Windows of earlier uplinks are over, too.
            if let sent { windows.removeFirst(sent + 1) }
            follow(frame.port == 0 ? opened.payload : opened.options, at: moment)
            let mustAnswer = frame.isConfirmed && (configuration.deviceClass != .a || configuration.interval == nil)
            if mustAnswer || frame.control.pending {
                queue.append(QueuedUplink(port: nil, payload: [], isConfirmed: false))
                replan(urgent: moment.advanced(by: .milliseconds(500 * scale)))
            } else {
                replan()
            }
            return .received(downlink)
        } catch {
            return missed(error.sentence)
        }
    }

    /// Adds a downlink to the report.
    mutating func keep(_ downlink: DeviceReport.Downlink) {
        report.downlinkCount += 1
        guard historyLimit > 0 else { return }
        if report.downlinks.count >= 2 * historyLimit { report.downlinks.removeFirst(historyLimit) }
        report.downlinks.append(downlink)
    }

    /// Notes why a frame was not received.
    mutating func missed(_ reason: String) -> Reception {
        if report.missedDownlinks.count == 100 { report.missedDownlinks.removeFirst() }
        report.missedDownlinks.append(reason)
        return .missed(reason)
    }
}
