// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

extension RadioState {
    /// What a device answers to a downlink's MAC commands.
    struct Answers {
        var once: [UplinkMACCommand] = []
        /// Repeated in every uplink until a downlink arrives.
        var sticky: [UplinkMACCommand] = []
        /// The network took the device's ping slots.
        var takesPingSlots = false
        /// Announcements of LoRaWAN 1.1 that the network took.
        var confirmed: Set<DeviceSession.Announcement> = []
        /// After how many uplinks without a downlink the device is to ask for one, and to slow down.
        var adr: (limit: Int, delay: Int)?
        /// A rejoin-request the network asks for.
        var forcedRejoin: ForceRejoin?
        /// How often the network wants a rejoin-request of type 0.
        var rejoinPeriod: RejoinPeriod?
    }

    /// Follows commands in their order.
    mutating func follow(
        _ commands: [DownlinkMACCommand],
        version: LoRaWANVersion,
        battery: UInt8,
        margin: Int8,
    ) -> Answers {
        var answers = Answers()
        var block: [LinkADRRequest] = []
        for (index, command) in commands.enumerated() {
            if case .linkADRRequest(let request) = command {
                block.append(request)
                let isLast =
                    if index + 1 < commands.count, case .linkADRRequest = commands[index + 1] { false } else { true }
                guard isLast else { continue }
                let answer = adopt(block)
                answers.once += [UplinkMACCommand](
                    repeating: .linkADRAnswer(answer),
                    count: version.is11 ? 1 : block.count
                )
                block = []
                continue
            }
            follow(command, &answers, battery: battery, margin: margin)
        }
        return answers
    }

    private mutating func follow(
        _ command: DownlinkMACCommand,
        _ answers: inout Answers,
        battery: UInt8,
        margin: Int8,
    ) {
        switch command {
        case .dutyCycleRequest: answers.once.append(.dutyCycleAnswer)
        case .rxParamSetupRequest(let setup): answers.sticky.append(.rxParamSetupAnswer(adopt(setup)))
        case .deviceStatusRequest:
            answers.once.append(.deviceStatusAnswer(DeviceStatus(batteryOctet: battery, margin: margin)))
        case .newChannelRequest(let channel): answers.once.append(adopt(channel))
        case .rxTimingSetupRequest(let delay):
            rx1Delay = max(1, delay)
            answers.sticky.append(.rxTimingSetupAnswer)
        case .txParamSetupRequest(let setup):
            guard region.supportsTxParamSetup else { return }
            dwellTime = setup.dwellTime
            answers.sticky.append(.txParamSetupAnswer)
        case .dlChannelRequest(let index, let frequency):
            let exists = channels[Int(index)] != nil
            if exists { moveDownlink(of: Int(index), to: frequency) }
            answers.sticky.append(.dlChannelAnswer(frequencyAccepted: true, uplinkFrequencyExists: exists))
        case .adrParamSetupRequest(let limit, let delay):
            answers.adr = (1 << Int(limit), 1 << Int(delay))
            answers.once.append(.adrParamSetupAnswer)
        case .rejoinParamSetupRequest(let time, let count):
            answers.rejoinPeriod = RejoinPeriod(timeExponent: time, countExponent: count)
            answers.once.append(.rejoinParamSetupAnswer(timeAccepted: true))
        case .forceRejoinRequest(let request): answers.forcedRejoin = request
        case .pingSlotInfoAnswer: answers.takesPingSlots = true
        case .pingSlotChannelRequest(let frequency, let dataRate):
            let isKnown = region.row(of: dataRate)?.isDownlink == true
            if isKnown {
                let standard = region.classB.pingSlotFrequencies.first ?? rx2.frequency
                pingSlot = ReceiveWindow(frequency: frequency > 0 ? frequency : standard, dataRate: dataRate)
            }
            answers.once.append(.pingSlotChannelAnswer(frequencyAccepted: true, dataRateAccepted: isKnown))
        case .beaconFrequencyRequest: answers.once.append(.beaconFrequencyAnswer(isAccepted: true))
        case .rekeyConfirmation: answers.confirmed.insert(.rekey)
        case .resetConfirmation: answers.confirmed.insert(.reset)
        case .deviceModeConfirmation: answers.confirmed.insert(.classC)
        case .linkADRRequest, .linkCheckAnswer, .deviceTimeAnswer, .beaconTimingAnswer: break
        }
    }

    /// Follows a block of LinkADRReq, all or nothing (LoRaWAN 1.0.4 section 5.3).
    private mutating func adopt(_ block: [LinkADRRequest]) -> LinkADRAnswer {
        var mask: ChannelSet? = enabled
        for request in block {
            guard let before = mask else { break }
            mask = region.channels(
                afterMask: request.channelMask,
                control: request.channelMaskControl,
                enabled: before,
                defined: defined,
            )
        }
        guard let last = block.last else {
            return LinkADRAnswer(channelMaskAccepted: false, dataRateAccepted: false, powerAccepted: false)
        }
        let wanted = last.dataRate == LinkADRRequest.keep ? dataRate : last.dataRate
        let on = mask?.indexes ?? []
        let answer = LinkADRAnswer(
            channelMaskAccepted: mask?.isEmpty == false,
            dataRateAccepted: on.contains { channels[$0]?.dataRates.contains(wanted) == true },
            powerAccepted: last.powerIndex == LinkADRRequest.keep || last.powerIndex <= region.lastPowerIndex,
        )
        guard answer.isAccepted, let mask else { return answer }
        enable(mask)
        dataRate = wanted
        if last.powerIndex != LinkADRRequest.keep { powerIndex = last.powerIndex }
        transmissions = max(1, Int(last.transmissions))
        return answer
    }

    private mutating func adopt(_ setup: RXParamSetup) -> RXParamSetupAnswer {
        let answer = RXParamSetupAnswer(
            frequencyAccepted: setup.rx2.frequency > 0,
            rx2DataRateAccepted: region.row(of: setup.rx2.dataRate)?.isDownlink == true,
            rx1DataRateOffsetAccepted: setup.rx1DataRateOffset <= region.maximumRX1Offset,
        )
        if answer.isAccepted {
            rx1Offset = setup.rx1DataRateOffset
            rx2 = setup.rx2
        }
        return answer
    }

    private mutating func adopt(_ channel: NewChannel) -> UplinkMACCommand {
        let index = Int(channel.index)
        let isFree =
            !region.hasFixedChannels && index < region.maximumChannels && !region.defaultChannelSet.contains(index)
        let ratesAccepted =
            channel.minimumDataRate <= channel.maximumDataRate
            && region.row(of: channel.maximumDataRate)?.isUplink == true
        if isFree, channel.frequency == 0 {
            removeChannel(index)
        } else if isFree, ratesAccepted {
            let rates = channel.minimumDataRate...channel.maximumDataRate
            set(Channel(frequency: channel.frequency, dataRates: rates), at: index)
        }
        return .newChannelAnswer(frequencyAccepted: isFree, dataRatesAccepted: ratesAccepted || channel.frequency == 0)
    }
}
