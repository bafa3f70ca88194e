// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// MAC commands of a device: answers to what was asked, and requests of its own.
extension Device {
    /// Commands of an uplink in the clear, in order.
    func macCommands(of frame: DataFrame, counter: UInt32) -> [UplinkMACCommand] {
        guard frame.port == 0 || !frame.options.isEmpty, let session else { return [] }
        let octets =
            frame.port == 0
            ? session.decipher(frame, counter: counter) : session.decipherOptions(frame, counter: counter)
        return MACCommandSequence<UplinkMACCommand>(parsing: octets).commands
    }

    /// Takes the commands of a new uplink in; gives the status that the device told, if it did.
    mutating func takeCommands(_ commands: [UplinkMACCommand], _ desk: inout Desk) -> DeviceStatus? {
        // Most uplinks carry none and owe none.
        guard !commands.isEmpty || current.read({ $0.owesAnswers }) == true, var session else { return nil }
        var status: DeviceStatus?
        for command in commands {
            switch command {
            case .deviceStatusAnswer(let told):
                status = told
                session.status.since = desk.now.wall.secondsClamped
            case .pingSlotInfoRequest(let periodicity): session.parameters.pingSlots.periodicity = periodicity
            case .deviceModeIndication(let mode) where session.is11: session.toldClass = mode.deviceClass
            case .resetIndication where session.is11 && profile.isPersonalised:
                session.resetMac(parameters: factoryParameters(desk))
            default: continue
            }
        }
        var settlement = MacSettlement(devEUI: devEUI, region: region, session: session)
        settlement.settle(commands)
        desk.effects += settlement.notices.map { .notice($0) }
        self.session = settlement.session
        isSessionChanged = true
        return status
    }

    /// The commands that want an answer in this uplink's windows, one of each kind.
    func requests(among commands: [UplinkMACCommand]) -> [UplinkMACCommand] {
        guard !commands.isEmpty, let session else { return [] }
        var requests: [UplinkMACCommand] = []
        for command in commands {
            let isAnswered: Bool
            switch command {
            case .linkCheckRequest, .pingSlotInfoRequest: isAnswered = true
            case .deviceTimeRequest: isAnswered = profile.version >= .v1_0_3
            case .rekeyIndication, .deviceModeIndication: isAnswered = session.is11
            case .resetIndication: isAnswered = session.is11 && profile.isPersonalised
            default: isAnswered = false
            }
            if isAnswered, !requests.contains(where: { $0.name == command.name }) { requests.append(command) }
        }
        return requests
    }

    /// The answers to the requests of an uplink, in their order.
    func answers(to opportunity: ReceiveOpportunity) -> [DownlinkMACCommand] {
        opportunity.requests.compactMap { request in
            switch request {
            case .linkCheckRequest:
                .linkCheckAnswer(margin: opportunity.margin, gatewayCount: UInt8(clamping: opportunity.receptions))
            case .deviceTimeRequest: .deviceTimeAnswer(GPSTime(opportunity.receivedAt))
            case .pingSlotInfoRequest: .pingSlotInfoAnswer
            case .resetIndication(let minor): .resetConfirmation(minor: min(minor, 1))
            case .rekeyIndication(let minor): .rekeyConfirmation(minor: min(minor, 1))
            case .deviceModeIndication(let mode): .deviceModeConfirmation(mode)
            default: nil
            }
        }
    }
}

extension UnixTime {
    /// Whole seconds since 1970 in 32 bits.
    var secondsClamped: UInt32 { UInt32(clamping: seconds) }
}
