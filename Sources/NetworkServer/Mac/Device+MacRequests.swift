// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What the network asks a device for: the difference between what it wants and what the device does.
extension Device {
    /// Requests in the order in which they go out; each inner list goes as a whole or not at all.
    func macRequests(_ desk: borrowing Desk, isADR: Bool) -> [[DownlinkMACCommand]] {
        guard let session else { return [] }
        let wanted = desk.wanted(in: region)
        var requests = [linkADRBlock(session, wanted, desk, isADR: isADR)]
        if let wanted { requests += differences(session.parameters, wanted).map { [$0] } }
        if isStatusDue(desk) { requests.append([.deviceStatusRequest]) }
        return requests.filter { !$0.isEmpty && $0.allSatisfy(session.dialogue.mayAsk) }
    }

    /// Whether a frame is worth sending for the requests alone.
    func hasUrgentRequests(_ desk: borrowing Desk, isADR: Bool) -> Bool {
        // Most uplinks end here: the device does what is wanted of it, and what ADR wants.
        let wanted = desk.wanted(in: region)
        let isAsItShouldBe = current.read { session in
            let channels = session.parameters.channels
            let defined = channels.defined(in: region)
            let enabled = wanted?.enabledChannels?.intersection(defined) ?? defined
            guard enabled.isEmpty || channels.enabled == enabled else { return false }
            if let wanted, !differences(session.parameters, wanted).isEmpty { return false }
            guard isADR, let setting = session.adrSetting else { return true }
            return decideADR(setting, session, desk) == setting
        }
        if isAsItShouldBe != false { return false }
        return macRequests(desk, isADR: isADR).contains { $0 != [.deviceStatusRequest] }
    }

    /// A device is asked for its battery with a frame that goes out anyway, once in a while.
    private func isStatusDue(_ desk: borrowing Desk) -> Bool {
        guard let interval = desk.timing.statusInterval, let known = current.read({ $0.status.since }),
            let since = known
        else { return false }
        return Int64(desk.now.wall.secondsClamped) - Int64(since) >= interval
    }

    private func linkADRBlock(
        _ session: Session,
        _ wanted: WantedParameters?,
        _ desk: borrowing Desk,
        isADR: Bool,
    ) -> [DownlinkMACCommand] {
        guard let current = session.adrSetting else { return [] }
        let decision = isADR ? decideADR(current, session, desk) : current
        let channels = session.parameters.channels
        let defined = channels.defined(in: region)
        let enabled = wanted?.enabledChannels?.intersection(defined) ?? defined
        var masks: [(control: UInt8, mask: UInt16)] = []
        if !enabled.isEmpty, enabled != channels.enabled {
            masks = region.masks(from: channels.enabled, to: enabled, defined: defined) ?? []
        }
        if masks.isEmpty, decision != current { masks = [region.unchangedMask(channels.enabled)] }
        return masks.map { mask in
            .linkADRRequest(
                LinkADRRequest(
                    dataRate: decision.dataRate,
                    powerIndex: decision.powerIndex,
                    channelMask: mask.mask,
                    channelMaskControl: mask.control,
                    transmissions: decision.transmissions,
                )
            )
        }
    }

    private func decideADR(_ current: ADRDecision, _ session: borrowing Session, _ desk: borrowing Desk) -> ADRDecision
    {
        guard session.adr.history.isFull, let required = region.modulation(of: current.dataRate)?.requiredSNR else {
            return current
        }
        let isLimited = session.parameters.dwellTime.uplink
        let lowest = isLimited ? region.adr.minimumDataRateUnderDwell : region.adr.minimumDataRate
        var highest = region.adr.maximumDataRate
        if let refused = session.adr.refusedDataRate, refused > 0 { highest = min(highest, refused - 1) }
        var lastPower = region.lastPowerIndex
        if let refused = session.adr.refusedPowerIndex, refused > 0 { lastPower = min(lastPower, refused - 1) }
        return ADRDecision.decide(
            from: current,
            history: session.adr.history,
            required: required,
            limits: ADRDecision.Limits(
                dataRates: min(lowest, highest)...highest,
                lastPowerIndex: lastPower,
                margin: desk.configuration.adrMargin,
            ),
        )
    }

    private func differences(_ known: DeviceParameters, _ wanted: WantedParameters) -> [DownlinkMACCommand] {
        var requests: [DownlinkMACCommand] = []
        if let exponent = wanted.dutyCycleExponent, exponent != known.dutyCycleExponent {
            requests.append(.dutyCycleRequest(exponent: exponent))
        }
        let offset = wanted.rx1DataRateOffset ?? known.rx1DataRateOffset
        let rx2 = wanted.rx2 ?? known.rx2
        if offset != known.rx1DataRateOffset || rx2 != known.rx2 {
            requests.append(.rxParamSetupRequest(RXParamSetup(rx1DataRateOffset: offset, rx2: rx2)))
        }
        if let delay = wanted.rx1Delay, delay != known.rx1Delay { requests.append(.rxTimingSetupRequest(delay: delay)) }
        if region.supportsTxParamSetup, profile.version >= .v1_0_2, let setup = wanted.txParameters {
            if setup.dwellTime != known.dwellTime || setup.eirpIndex != known.eirpIndex {
                requests.append(.txParamSetupRequest(setup))
            }
        }
        if !region.hasFixedChannels { requests += channelDifferences(known.channels, wanted) }
        if profile.deviceClass == .b { requests += classBDifferences(known.pingSlots, wanted) }
        guard current.read({ $0.is11 }) == true else { return requests }
        if let exponents = wanted.adrExponents, exponents != known.adrExponents {
            requests.append(
                .adrParamSetupRequest(limitExponent: exponents.limit, delayExponent: exponents.delay)
            )
        }
        if let rejoin = wanted.rejoin, rejoin != known.rejoin {
            requests.append(
                .rejoinParamSetupRequest(timeExponent: rejoin.timeExponent, countExponent: rejoin.countExponent)
            )
        }
        return requests
    }

    private func channelDifferences(_ known: ChannelPlan, _ wanted: WantedParameters) -> [DownlinkMACCommand] {
        var requests: [DownlinkMACCommand] = []
        for channel in wanted.extraChannels {
            let isKnown = known.extras.contains {
                $0.index == channel.index && $0.frequency == channel.frequency
                    && $0.minimumDataRate == channel.minimumDataRate && $0.maximumDataRate == channel.maximumDataRate
            }
            if !isKnown { requests.append(.newChannelRequest(channel)) }
        }
        guard profile.version >= .v1_0_2 else { return requests }
        let defined = known.defined(in: region)
        for (index, frequency) in wanted.downlinkFrequencies.sorted(by: { $0.key < $1.key }) {
            let isKnown = known.moved.contains { $0.index == index && $0.frequency == frequency }
            if !isKnown, defined.contains(Int(index)) {
                requests.append(.dlChannelRequest(index: index, frequency: frequency))
            }
        }
        return requests
    }

    private func classBDifferences(_ known: PingSlotParameters, _ wanted: WantedParameters) -> [DownlinkMACCommand] {
        var requests: [DownlinkMACCommand] = []
        if let slot = wanted.pingSlot, slot.frequency != known.frequency || slot.dataRate != known.dataRate {
            requests.append(.pingSlotChannelRequest(frequency: slot.frequency, dataRate: slot.dataRate))
        }
        if let frequency = wanted.beaconFrequency, frequency != known.beaconFrequency {
            requests.append(.beaconFrequencyRequest(frequency: frequency))
        }
        return requests
    }
}

extension Session {
    /// What the device sends with; nil before its first uplink.
    fileprivate var adrSetting: ADRDecision? {
        adr.dataRate.map {
            ADRDecision(dataRate: $0, powerIndex: parameters.powerIndex, transmissions: parameters.transmissions)
        }
    }
}

extension Region {
    /// A mask that leaves the channels as they are: of the first block that has channels on.
    fileprivate func unchangedMask(_ enabled: ChannelSet) -> (control: UInt8, mask: UInt16) {
        for (control, rule) in channelMaskRules.enumerated() {
            guard case .block(let first) = rule else { continue }
            let mask = enabled.mask(first: first)
            if mask != 0 { return (UInt8(control), mask) }
        }
        return (0, enabled.mask(first: 0))
    }
}
