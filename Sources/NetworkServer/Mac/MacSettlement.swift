// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Matches a device's answers with what it was asked, and what was granted with what is known of it.
struct MacSettlement {
    let devEUI: EUI64
    let region: Region
    private(set) var session: Session
    /// What people must know: requests that are given up.
    private(set) var notices: [Refusal] = []
    private var open: [DownlinkMACCommand]

    init(devEUI: EUI64, region: Region, session: Session) {
        self.devEUI = devEUI
        self.region = region
        self.session = session
        open = session.dialogue.asked
        self.session.dialogue.asked = []
    }

    /// Settles every request that is open: granted, refused, or left without an answer.
    ///
    /// Answers that nobody asked for say nothing: a device repeats some until it hears a downlink.
    mutating func settle(_ commands: [UplinkMACCommand]) {
        settleLinkADR(commands.compactMap { if case .linkADRAnswer(let answer) = $0 { answer } else { nil } })
        for command in commands {
            guard let isGranted = command.isGranted else { continue }
            guard let index = open.firstIndex(where: { command.answers($0) }) else { continue }
            let request = open.remove(at: index)
            if isGranted { grant(request) } else { refuse(request) }
        }
        if !session.dialogue.isUnsent {
            for request in open { noteSilence(about: request) }
        }
        session.dialogue.isUnsent = false
        open = []
    }

    /// LinkADRReqs of one downlink are one block, granted as a whole or not at all (LoRaWAN 1.0.2 and later).
    private mutating func settleLinkADR(_ answers: [LinkADRAnswer]) {
        let block = open.compactMap { if case .linkADRRequest(let request) = $0 { request } else { nil } }
        guard let last = block.last, !answers.isEmpty else { return }
        open.removeAll { if case .linkADRRequest = $0 { true } else { false } }
        guard answers.allSatisfy(\.isAccepted) else {
            if answers.contains(where: { !$0.dataRateAccepted }) { session.adr.refusedDataRate = last.dataRate }
            if answers.contains(where: { !$0.powerAccepted }) { session.adr.refusedPowerIndex = last.powerIndex }
            return refuse(.linkADRRequest(last))
        }
        let defined = session.parameters.channels.defined(in: region)
        for request in block {
            let enabled = region.channels(
                afterMask: request.channelMask,
                control: request.channelMaskControl,
                enabled: session.parameters.channels.enabled,
                defined: defined,
            )
            if let enabled { session.parameters.channels.enabled = enabled }
        }
        if last.powerIndex != LinkADRRequest.keep { session.parameters.powerIndex = last.powerIndex }
        if last.transmissions > 0 { session.parameters.transmissions = last.transmissions }
        if last.dataRate != LinkADRRequest.keep { session.adr.dataRate = last.dataRate }
        session.adr.history.clear()
        session.dialogue.noteSuccess(of: .linkADRRequest(last))
    }

    private mutating func grant(_ request: DownlinkMACCommand) {
        switch request {
        case .dutyCycleRequest(let exponent): session.parameters.dutyCycleExponent = exponent
        case .rxParamSetupRequest(let setup):
            session.parameters.rx1DataRateOffset = setup.rx1DataRateOffset
            session.parameters.rx2 = setup.rx2
        case .rxTimingSetupRequest(let delay): session.parameters.rx1Delay = ReceiveTiming.delay(field: delay)
        case .newChannelRequest(let channel): session.parameters.channels.define(channel)
        case .dlChannelRequest(let index, let frequency):
            session.parameters.channels.move(index: index, to: frequency)
        case .txParamSetupRequest(let setup):
            session.parameters.dwellTime = setup.dwellTime
            session.parameters.eirpIndex = setup.eirpIndex
        case .adrParamSetupRequest(let limit, let delay):
            session.parameters.adrExponents = ADRExponents(limit: limit, delay: delay)
        case .rejoinParamSetupRequest(let time, let count):
            session.parameters.rejoin = RejoinPeriod(timeExponent: time, countExponent: count)
        case .pingSlotChannelRequest(let frequency, let dataRate):
            session.parameters.pingSlots.frequency = frequency > 0 ? frequency : nil
            session.parameters.pingSlots.dataRate = dataRate
        case .beaconFrequencyRequest(let frequency):
            session.parameters.pingSlots.beaconFrequency = frequency > 0 ? frequency : nil
        default: break
        }
        session.dialogue.noteSuccess(of: request)
    }

    private mutating func refuse(_ request: DownlinkMACCommand) {
        if session.dialogue.noteRefusal(of: request) { notices.append(.macCommandRefused(devEUI, request)) }
    }

    private mutating func noteSilence(about request: DownlinkMACCommand) {
        if session.dialogue.noteSilence(about: request) { notices.append(.macCommandIgnored(devEUI, request)) }
    }
}

extension UplinkMACCommand {
    /// Whether the device granted what it was asked; nil for what is no answer of one kind to one request.
    fileprivate var isGranted: Bool? {
        switch self {
        case .dutyCycleAnswer, .rxTimingSetupAnswer, .txParamSetupAnswer, .adrParamSetupAnswer, .deviceStatusAnswer:
            true
        case .rxParamSetupAnswer(let answer): answer.isAccepted
        case .newChannelAnswer(let frequency, let dataRates): frequency && dataRates
        case .dlChannelAnswer(let frequency, let uplinkFrequency): frequency && uplinkFrequency
        // The device's word on the time is about its clock: the count is always granted.
        case .rejoinParamSetupAnswer: true
        case .pingSlotChannelAnswer(let frequency, let dataRate): frequency && dataRate
        case .beaconFrequencyAnswer(let isAccepted): isAccepted
        default: nil
        }
    }

    /// Whether this is the answer to a request.
    fileprivate func answers(_ request: DownlinkMACCommand) -> Bool {
        switch (self, request) {
        case (.dutyCycleAnswer, .dutyCycleRequest), (.rxParamSetupAnswer, .rxParamSetupRequest),
            (.deviceStatusAnswer, .deviceStatusRequest), (.newChannelAnswer, .newChannelRequest),
            (.rxTimingSetupAnswer, .rxTimingSetupRequest), (.txParamSetupAnswer, .txParamSetupRequest),
            (.dlChannelAnswer, .dlChannelRequest), (.adrParamSetupAnswer, .adrParamSetupRequest),
            (.rejoinParamSetupAnswer, .rejoinParamSetupRequest),
            (.pingSlotChannelAnswer, .pingSlotChannelRequest), (.beaconFrequencyAnswer, .beaconFrequencyRequest):
            true
        default: false
        }
    }
}
