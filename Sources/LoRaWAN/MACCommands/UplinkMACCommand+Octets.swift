// SPDX-License-Identifier: Apache-2.0

extension UplinkMACCommand: MACCommand {
    /// Octets after the identifier; nil for an identifier no uplink has.
    public static func payloadLength(of identifier: UInt8) -> Int? {
        switch MACCommandID(rawValue: identifier) {
        case .linkCheck, .dutyCycle, .rxTimingSetup, .txParamSetup, .adrParamSetup, .deviceTime, .beaconTiming: 0
        case .reset, .linkADR, .rxParamSetup, .newChannel, .dlChannel, .rekey, .rejoinParamSetup, .pingSlotInfo,
            .pingSlotChannel, .beaconFrequency, .deviceMode:
            1
        case .deviceStatus: 2
        case .forceRejoin, nil: nil
        }
    }

    /// Reads the command at an offset; nil for an unknown identifier.
    public init?(octets: [UInt8], at offset: Int) {
        func octet(_ index: Int) -> UInt8 { octets[offset + index] }
        switch MACCommandID(rawValue: octets[offset]) {
        case .reset: self = .resetIndication(minor: octet(1) & 15)
        case .linkCheck: self = .linkCheckRequest
        case .linkADR:
            self = .linkADRAnswer(
                LinkADRAnswer(
                    channelMaskAccepted: octet(1).hasBit(0),
                    dataRateAccepted: octet(1).hasBit(1),
                    powerAccepted: octet(1).hasBit(2),
                )
            )
        case .dutyCycle: self = .dutyCycleAnswer
        case .rxParamSetup:
            self = .rxParamSetupAnswer(
                RXParamSetupAnswer(
                    frequencyAccepted: octet(1).hasBit(0),
                    rx2DataRateAccepted: octet(1).hasBit(1),
                    rx1DataRateOffsetAccepted: octet(1).hasBit(2),
                )
            )
        case .deviceStatus:
            let margin = Int8(bitPattern: octet(2) << 2) >> 2
            self = .deviceStatusAnswer(DeviceStatus(batteryOctet: octet(1), margin: margin))
        case .newChannel:
            self = .newChannelAnswer(frequencyAccepted: octet(1).hasBit(0), dataRatesAccepted: octet(1).hasBit(1))
        case .rxTimingSetup: self = .rxTimingSetupAnswer
        case .txParamSetup: self = .txParamSetupAnswer
        case .dlChannel:
            self = .dlChannelAnswer(frequencyAccepted: octet(1).hasBit(0), uplinkFrequencyExists: octet(1).hasBit(1))
        case .rekey: self = .rekeyIndication(minor: octet(1) & 15)
        case .adrParamSetup: self = .adrParamSetupAnswer
        case .deviceTime: self = .deviceTimeRequest
        case .rejoinParamSetup: self = .rejoinParamSetupAnswer(timeAccepted: octet(1).hasBit(0))
        case .pingSlotInfo: self = .pingSlotInfoRequest(periodicity: octet(1) & 7)
        case .pingSlotChannel:
            self = .pingSlotChannelAnswer(frequencyAccepted: octet(1).hasBit(0), dataRateAccepted: octet(1).hasBit(1))
        case .beaconTiming: self = .beaconTimingRequest
        case .beaconFrequency: self = .beaconFrequencyAnswer(isAccepted: octet(1).hasBit(0))
        case .deviceMode: self = .deviceModeIndication(DeviceMode(rawValue: octet(1)))
        case .forceRejoin, nil: return nil
        }
    }

    /// Appends identifier and payload; a field beyond its bits is a defect of the caller.
    public func append(to octets: inout [UInt8]) {
        func put(_ identifier: MACCommandID, _ payload: UInt8...) {
            octets.append(identifier.rawValue)
            octets += payload
        }
        switch self {
        case .resetIndication(let minor): put(.reset, minor.field(bits: 4))
        case .linkCheckRequest: put(.linkCheck)
        case .linkADRAnswer(let answer):
            let bits = answer.channelMaskAccepted.bit(0) | answer.dataRateAccepted.bit(1)
            put(.linkADR, bits | answer.powerAccepted.bit(2))
        case .dutyCycleAnswer: put(.dutyCycle)
        case .rxParamSetupAnswer(let answer):
            let bits = answer.frequencyAccepted.bit(0) | answer.rx2DataRateAccepted.bit(1)
            put(.rxParamSetup, bits | answer.rx1DataRateOffsetAccepted.bit(2))
        case .deviceStatusAnswer(let status):
            precondition((-32...31).contains(status.margin), "the margin has 6 bits")
            put(.deviceStatus, status.batteryOctet, UInt8(bitPattern: status.margin) & 0x3f)
        case .newChannelAnswer(let frequency, let dataRates): put(.newChannel, frequency.bit(0) | dataRates.bit(1))
        case .rxTimingSetupAnswer: put(.rxTimingSetup)
        case .txParamSetupAnswer: put(.txParamSetup)
        case .dlChannelAnswer(let frequency, let exists): put(.dlChannel, frequency.bit(0) | exists.bit(1))
        case .rekeyIndication(let minor): put(.rekey, minor.field(bits: 4))
        case .adrParamSetupAnswer: put(.adrParamSetup)
        case .deviceTimeRequest: put(.deviceTime)
        case .rejoinParamSetupAnswer(let timeAccepted): put(.rejoinParamSetup, timeAccepted.bit(0))
        case .pingSlotInfoRequest(let periodicity): put(.pingSlotInfo, periodicity.field(bits: 3))
        case .pingSlotChannelAnswer(let frequency, let rate): put(.pingSlotChannel, frequency.bit(0) | rate.bit(1))
        case .beaconTimingRequest: put(.beaconTiming)
        case .beaconFrequencyAnswer(let isAccepted): put(.beaconFrequency, isAccepted.bit(0))
        case .deviceModeIndication(let mode): put(.deviceMode, mode.rawValue)
        }
    }

    /// The name the specification gives the command.
    public var name: String {
        switch self {
        case .resetIndication: "ResetInd"
        case .linkCheckRequest: "LinkCheckReq"
        case .linkADRAnswer: "LinkADRAns"
        case .dutyCycleAnswer: "DutyCycleAns"
        case .rxParamSetupAnswer: "RXParamSetupAns"
        case .deviceStatusAnswer: "DevStatusAns"
        case .newChannelAnswer: "NewChannelAns"
        case .rxTimingSetupAnswer: "RXTimingSetupAns"
        case .txParamSetupAnswer: "TxParamSetupAns"
        case .dlChannelAnswer: "DlChannelAns"
        case .rekeyIndication: "RekeyInd"
        case .adrParamSetupAnswer: "ADRParamSetupAns"
        case .deviceTimeRequest: "DeviceTimeReq"
        case .rejoinParamSetupAnswer: "RejoinParamSetupAns"
        case .pingSlotInfoRequest: "PingSlotInfoReq"
        case .pingSlotChannelAnswer: "PingSlotChannelAns"
        case .beaconTimingRequest: "BeaconTimingReq"
        case .beaconFrequencyAnswer: "BeaconFreqAns"
        case .deviceModeIndication: "DeviceModeInd"
        }
    }
}
