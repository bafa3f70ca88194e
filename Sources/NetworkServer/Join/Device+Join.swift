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
        remember(mic, upstream, &desk)
        guard !upstream.isOutdated else {
            desk.effects.append(.notice(.activationTooLate(devEUI)))
            return
        }
        let accept = makeAccept(joinNonce: joinNonce, desk, random: &random)
        let context = JoinAcceptContext(answering: .join, joinEUI: request.joinEUI, devNonce: request.devNonce)
        activate(
            accept,
            context: context,
            listening: DeviceParameters(region: region, rx1Delay: ReceiveTiming.joinAcceptDelay),
            upstream,
            &desk,
        )
    }

    /// A frame of the activation was accepted: it is acknowledged, its nonces are stored, copies of it are known.
    mutating func remember(_ mic: MIC, _ upstream: UpstreamFrame, _ desk: inout Desk) {
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
    }

    /// Begins the session of a join-accept and sends it to where the device listens.
    mutating func activate(
        _ accept: JoinAccept,
        context: JoinAcceptContext,
        listening parameters: DeviceParameters,
        _ upstream: UpstreamFrame,
        _ desk: inout Desk,
    ) {
        begin(makeSession(accept, context), &desk)
        desk.effects.append(
            .join(
                AcceptedJoin(
                    devEUI: devEUI,
                    joinEUI: context.joinEUI,
                    devAddr: accept.devAddr,
                    devNonce: context.devNonce,
                    phyPayloadSize: upstream.octets.count + MIC.length,
                    radio: upstream.radio,
                    sessionNumber: accept.joinNonce,
                )
            )
        )
        send(accept, context: context, listening: parameters, answering: upstream, &desk)
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

    /// The accept for a device that begins anew.
    func makeAccept(
        joinNonce: UInt32,
        _ desk: borrowing Desk,
        random: inout some RandomNumberGenerator,
    ) -> JoinAccept {
        let wanted = desk.wanted(in: region)
        return JoinAccept(
            joinNonce: joinNonce,
            netID: desk.configuration.netID,
            devAddr: desk.addresses.choose(random: &random),
            rx1DataRateOffset: wanted?.rx1DataRateOffset ?? 0,
            rx2DataRate: wanted?.rx2?.dataRate ?? region.rx2.dataRate,
            optNeg: profile.version.is11,
            rxDelay: wanted?.rx1Delay ?? desk.configuration.rx1Delay,
            cfList: region.channelList(
                extraChannels: wanted?.listedFrequencies(in: region) ?? region.commonExtraChannels,
                enabled: wanted?.enabledChannels ?? ChannelSet(),
                version: profile.version,
            ),
        )
    }

    private func makeSession(_ accept: JoinAccept, _ context: JoinAcceptContext) -> Session? {
        guard let (appKey, nwkKey) = profile.rootKeys else { return nil }
        let keys =
            accept.optNeg
            ? SessionKeys.derive11(
                nwkKey: nwkKey,
                appKey: appKey,
                joinEUI: context.joinEUI,
                joinNonce: accept.joinNonce,
                devNonce: context.devNonce,
            )
            : SessionKeys.derive10(
                appKey: appKey,
                joinNonce: accept.joinNonce,
                netID: accept.netID,
                devNonce: context.devNonce,
            )
        if context.answering == .rejoin2, let session {
            // New keys, the same radio parameters (LoRaWAN 1.1 section 6.2.4.3).
            return Session(
                number: accept.joinNonce,
                devAddr: accept.devAddr,
                keys: keys,
                is11: accept.optNeg,
                parameters: session.parameters,
            )
        }
        var parameters = DeviceParameters(region: region, rx1Delay: ReceiveTiming.delay(field: accept.rxDelay))
        parameters.rx1DataRateOffset = accept.rx1DataRateOffset
        parameters.rx2.dataRate = accept.rx2DataRate
        parameters.channels.apply(accept.cfList, in: region)
        return Session(
            number: accept.joinNonce,
            devAddr: accept.devAddr,
            keys: keys,
            is11: accept.optNeg,
            parameters: parameters,
        )
    }

    /// The session waits beside the one in use until the device's first uplink in it.
    private mutating func begin(_ session: Session?, _ desk: inout Desk) {
        guard var session else { return }
        session.parameters.channels = desk.shared(session.parameters.channels)
        if let previous = pending.value { desk.addresses.release(previous.devAddr) }
        desk.addresses.take(session.devAddr)
        pending.value = session
        isSessionChanged = true
    }

    private mutating func send(
        _ accept: JoinAccept,
        context: JoinAcceptContext,
        listening parameters: DeviceParameters,
        answering upstream: UpstreamFrame,
        _ desk: inout Desk,
    ) {
        guard let (appKey, nwkKey) = profile.rootKeys else { return }
        let octets =
            accept.optNeg
            ? accept.encrypted(
                nwkKey: nwkKey,
                joinServerKeys: JoinServerKeys(nwkKey: nwkKey, devEUI: devEUI),
                context: context,
            )
            : accept.encrypted(appKey: appKey)
        let windows = windows(
            after: upstream.radio,
            dataRate: region.dataRate(of: upstream.radio.modulation),
            parameters: parameters,
            openedAt: desk.now.monotonic,
        )
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
}

extension WantedParameters {
    /// The extra channels that a channel list of frequencies can hold; nil when none are wanted.
    fileprivate func listedFrequencies(in region: Region) -> [UInt32]? {
        guard !extraChannels.isEmpty, case .frequencies(let first, _, _) = region.channelList else { return nil }
        var frequencies = [UInt32](repeating: 0, count: 5)
        for channel in extraChannels where (first..<first + 5).contains(Int(channel.index)) {
            frequencies[Int(channel.index) - first] = channel.frequency
        }
        return frequencies.contains { $0 > 0 } ? frequencies : nil
    }
}
