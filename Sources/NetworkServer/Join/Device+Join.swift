// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Activation over the air.
extension Device {
    /// Judges a join-request whose MIC fits and answers it or tells why not.
    mutating func join(
        _ request: JoinRequestFrame,
        mic: MIC,
        in upstream: UpstreamFrame,
        _ desk: inout Desk,
        random: inout some RandomNumberGenerator,
    ) {
        if let refusal = refusal(of: request) {
            desk.effects.append(.reject(upstream.id, refusal))
            return
        }
        guard let joinNonce = joins.answer(request.devNonce, countsUp: countsDevNoncesUp) else {
            desk.effects.append(.reject(upstream.id, .joinNoncesUsedUp(devEUI)))
            return
        }
        let recent = RecentFrame(
            octets: upstream.octets,
            mic: mic,
            firstHeard: desk.now.monotonic,
            uplink: nil,
            receptions: [],
        )
        exchange.change(orMake: Exchange()) { $0.remember(recent) }
        desk.effects.append(.store(devEUI, .joinState(joins.encoded())))
        desk.effects.append(.acknowledge(upstream.id, devEUI: devEUI, mic: mic.rawValue))
        guard !upstream.isOutdated else {
            desk.effects.append(.notice(.activationTooLate(devEUI)))
            return
        }
        let accept = makeAccept(joinNonce: joinNonce, desk, random: &random)
        let joinEUI = request.joinEUI
        begin(makeSession(accept, joinEUI: joinEUI, devNonce: request.devNonce), &desk)
        desk.effects.append(
            .join(
                AcceptedJoin(
                    devEUI: devEUI,
                    joinEUI: joinEUI,
                    devAddr: accept.devAddr,
                    devNonce: request.devNonce,
                    phyPayloadSize: upstream.octets.count + MIC.length,
                    radio: upstream.radio,
                    sessionNumber: joinNonce,
                )
            )
        )
        let context = JoinAcceptContext(answering: .join, joinEUI: joinEUI, devNonce: request.devNonce)
        send(accept, context: context, answering: upstream, &desk)
    }

    private func refusal(of request: JoinRequestFrame) -> Refusal? {
        if let joinEUI = profile.joinEUI, joinEUI != request.joinEUI {
            return .joinEUIMismatch(devEUI, registered: joinEUI, received: request.joinEUI)
        }
        guard joins.devNonces.allows(request.devNonce, countsUp: countsDevNoncesUp) else {
            let last = countsDevNoncesUp ? joins.devNonces.last : nil
            return .devNonceReused(devEUI, devNonce: request.devNonce, last: last)
        }
        return nil
    }

    private var countsDevNoncesUp: Bool { profile.version >= .v1_0_4 }

    private func makeAccept(
        joinNonce: UInt32,
        _ desk: borrowing Desk,
        random: inout some RandomNumberGenerator,
    ) -> JoinAccept {
        JoinAccept(
            joinNonce: joinNonce,
            netID: desk.configuration.netID,
            devAddr: desk.addresses.choose(random: &random),
            rx1DataRateOffset: 0,
            rx2DataRate: region.rx2.dataRate,
            optNeg: profile.version.is11,
            rxDelay: desk.configuration.rx1Delay,
            cfList: region.channelList(
                extraChannels: region.commonExtraChannels,
                enabled: ChannelSet(),
                version: profile.version,
            ),
        )
    }

    private func makeSession(_ accept: JoinAccept, joinEUI: EUI64, devNonce: UInt16) -> Session? {
        guard case .overTheAir(let appKey, let nwkKey) = profile.activation else { return nil }
        let keys = accept.optNeg
            ? SessionKeys.derive11(
                nwkKey: nwkKey ?? appKey,
                appKey: appKey,
                joinEUI: joinEUI,
                joinNonce: accept.joinNonce,
                devNonce: devNonce,
            )
            : SessionKeys.derive10(
                appKey: appKey,
                joinNonce: accept.joinNonce,
                netID: accept.netID,
                devNonce: devNonce,
            )
        var radio = factoryRadio(rx1Delay: ReceiveTiming.delay(field: accept.rxDelay))
        radio.rx1DataRateOffset = accept.rx1DataRateOffset
        radio.rx2DataRate = accept.rx2DataRate
        return Session(
            number: accept.joinNonce,
            devAddr: accept.devAddr,
            keys: keys,
            is11: accept.optNeg,
            radio: radio,
        )
    }

    /// The session waits beside the one in use until the device's first uplink in it.
    private mutating func begin(_ session: Session?, _ desk: inout Desk) {
        guard let session else { return }
        if let previous = pending.value { desk.addresses.release(previous.devAddr) }
        desk.addresses.take(session.devAddr)
        pending.value = session
        isSessionChanged = true
    }

    private mutating func send(
        _ accept: JoinAccept,
        context: JoinAcceptContext,
        answering upstream: UpstreamFrame,
        _ desk: inout Desk,
    ) {
        guard case .overTheAir(let appKey, let nwkKey) = profile.activation else { return }
        let octets = accept.optNeg
            ? accept.encrypted(
                nwkKey: nwkKey ?? appKey,
                joinServerKeys: JoinServerKeys(nwkKey: nwkKey ?? appKey, devEUI: devEUI),
                context: context,
            )
            : accept.encrypted(appKey: appKey)
        let windows = joinWindows(upstream, desk)
        guard let first = windows.rx1 ?? windows.rx2 else {
            desk.effects.append(.notice(.joinAcceptNotSent(devEUI, "The plan has no window to answer in.")))
            return
        }
        transmit(
            .joinAccept(targetDevAddr: accept.devAddr),
            octets: octets,
            coverage: upstream.coverage,
            window: first,
            fallback: windows.rx1 == nil ? nil : windows.rx2,
            &desk,
        )
    }

    /// What a device that has no session listens to after a join-request.
    private func joinWindows(
        _ upstream: UpstreamFrame,
        _ desk: borrowing Desk,
    ) -> (rx1: DownlinkWindow?, rx2: DownlinkWindow?) {
        windows(
            after: upstream.radio,
            radio: factoryRadio(rx1Delay: ReceiveTiming.joinAcceptDelay),
            openedAt: desk.now.monotonic,
        )
    }

    /// The windows that an uplink opens under some parameters.
    func windows(
        after uplink: ReceivedRadio,
        radio: RadioParameters,
        openedAt: Int64,
    ) -> (rx1: DownlinkWindow?, rx2: DownlinkWindow?) {
        let dwell = region.bootDwellTime
        var rx1: DownlinkWindow?
        if let uplinkRate = region.dataRate(of: uplink.modulation),
            let frequency = region.rx1Frequency(uplinkFrequency: uplink.frequency),
            let dataRate = region.rx1DataRate(
                uplink: uplinkRate,
                offset: radio.rx1DataRateOffset,
                downlinkDwell: dwell.downlink,
            )
        {
            let window = ReceiveWindow(frequency: frequency, dataRate: dataRate)
            rx1 = region.window(window, delay: radio.rx1Delay, openedAt: openedAt, dwell: dwell)
        }
        let rx2 = region.window(
            ReceiveWindow(frequency: radio.rx2Frequency, dataRate: radio.rx2DataRate),
            delay: radio.rx1Delay + ReceiveTiming.secondWindowOffset,
            openedAt: openedAt,
            dwell: dwell,
        )
        return (rx1, rx2)
    }
}
