// SPDX-License-Identifier: Apache-2.0

extension DownlinkMACCommand: MACCommand {
    /// Octets after the identifier; nil for an identifier no downlink has.
    public static func payloadLength(of identifier: UInt8) -> Int? {
        switch MACCommandID(rawValue: identifier) {
        case .deviceStatus, .pingSlotInfo: 0
        case .reset, .dutyCycle, .rxTimingSetup, .txParamSetup, .rekey, .adrParamSetup, .rejoinParamSetup,
            .deviceMode:
            1
        case .linkCheck, .forceRejoin: 2
        case .beaconTiming, .beaconFrequency: 3
        case .linkADR, .rxParamSetup, .dlChannel, .pingSlotChannel: 4
        case .newChannel, .deviceTime: 5
        case nil: nil
        }
    }

    /// Reads the command at an offset; nil for an unknown identifier.
    public init?(octets: [UInt8], at offset: Int) {
        func octet(_ index: Int) -> UInt8 { octets[offset + index] }
        func frequency(_ index: Int) -> UInt32 { ChannelFrequency.hertz(code: octets.uint24(at: offset + index)) }
        switch MACCommandID(rawValue: octets[offset]) {
        case .reset: self = .resetConfirmation(minor: octet(1) & 15)
        case .linkCheck: self = .linkCheckAnswer(margin: octet(1), gatewayCount: octet(2))
        case .linkADR:
            self = .linkADRRequest(
                LinkADRRequest(
                    dataRate: octet(1) >> 4,
                    powerIndex: octet(1) & 15,
                    channelMask: octets.uint16(at: offset + 2),
                    channelMaskControl: octet(4) >> 4 & 7,
                    transmissions: octet(4) & 15,
                )
            )
        case .dutyCycle: self = .dutyCycleRequest(exponent: octet(1) & 15)
        case .rxParamSetup:
            self = .rxParamSetupRequest(
                RXParamSetup(
                    rx1DataRateOffset: octet(1) >> 4 & 7,
                    rx2: ReceiveWindow(frequency: frequency(2), dataRate: octet(1) & 15),
                )
            )
        case .deviceStatus: self = .deviceStatusRequest
        case .newChannel:
            self = .newChannelRequest(
                NewChannel(
                    index: octet(1),
                    frequency: frequency(2),
                    minimumDataRate: octet(5) & 15,
                    maximumDataRate: octet(5) >> 4,
                )
            )
        case .rxTimingSetup: self = .rxTimingSetupRequest(delay: octet(1) & 15)
        case .txParamSetup:
            let dwellTime = DwellTime(uplink: octet(1).hasBit(4), downlink: octet(1).hasBit(5))
            self = .txParamSetupRequest(TxParamSetup(dwellTime: dwellTime, eirpIndex: octet(1) & 15))
        case .dlChannel: self = .dlChannelRequest(index: octet(1), frequency: frequency(2))
        case .rekey: self = .rekeyConfirmation(minor: octet(1) & 15)
        case .adrParamSetup:
            self = .adrParamSetupRequest(limitExponent: octet(1) >> 4, delayExponent: octet(1) & 15)
        case .deviceTime:
            self = .deviceTimeAnswer(GPSTime(seconds: octets.uint32(at: offset + 1), fraction: octet(5)))
        case .forceRejoin:
            self = .forceRejoinRequest(
                ForceRejoin(
                    period: octet(2) >> 3 & 7,
                    retries: octet(2) & 7,
                    type: octet(1) >> 4 & 7,
                    dataRate: octet(1) & 15,
                )
            )
        case .rejoinParamSetup:
            self = .rejoinParamSetupRequest(timeExponent: octet(1) >> 4, countExponent: octet(1) & 15)
        case .pingSlotInfo: self = .pingSlotInfoAnswer
        case .pingSlotChannel: self = .pingSlotChannelRequest(frequency: frequency(1), dataRate: octet(4) & 15)
        case .beaconTiming: self = .beaconTimingAnswer(delay: octets.uint16(at: offset + 1), channel: octet(3))
        case .beaconFrequency: self = .beaconFrequencyRequest(frequency: frequency(1))
        case .deviceMode: self = .deviceModeConfirmation(DeviceMode(rawValue: octet(1)))
        case nil: return nil
        }
    }

    /// Appends identifier and payload; a field beyond its bits is a defect of the caller.
    public func append(to octets: inout [UInt8]) {
        func put(_ identifier: MACCommandID, _ payload: UInt8...) {
            octets.append(identifier.rawValue)
            octets += payload
        }
        func put(frequency: UInt32) {
            octets.appendLittleEndian(ChannelFrequency.code(hertz: frequency), count: 3)
        }
        switch self {
        case .resetConfirmation(let minor): put(.reset, minor.field(bits: 4))
        case .linkCheckAnswer(let margin, let gatewayCount): put(.linkCheck, margin, gatewayCount)
        case .linkADRRequest(let request):
            put(.linkADR, request.dataRate.field(bits: 4, at: 4) | request.powerIndex.field(bits: 4))
            octets.appendLittleEndian(request.channelMask, count: 2)
            octets.append(request.channelMaskControl.field(bits: 3, at: 4) | request.transmissions.field(bits: 4))
        case .dutyCycleRequest(let exponent): put(.dutyCycle, exponent.field(bits: 4))
        case .rxParamSetupRequest(let setup):
            put(.rxParamSetup, setup.rx1DataRateOffset.field(bits: 3, at: 4) | setup.rx2.dataRate.field(bits: 4))
            put(frequency: setup.rx2.frequency)
        case .deviceStatusRequest: put(.deviceStatus)
        case .newChannelRequest(let channel):
            put(.newChannel, channel.index)
            put(frequency: channel.frequency)
            octets.append(channel.maximumDataRate.field(bits: 4, at: 4) | channel.minimumDataRate.field(bits: 4))
        case .rxTimingSetupRequest(let delay): put(.rxTimingSetup, delay.field(bits: 4))
        case .txParamSetupRequest(let setup):
            let dwell = setup.dwellTime.uplink.bit(4) | setup.dwellTime.downlink.bit(5)
            put(.txParamSetup, dwell | setup.eirpIndex.field(bits: 4))
        case .dlChannelRequest(let index, let frequency):
            put(.dlChannel, index)
            put(frequency: frequency)
        case .rekeyConfirmation(let minor): put(.rekey, minor.field(bits: 4))
        case .adrParamSetupRequest(let limit, let delay):
            put(.adrParamSetup, limit.field(bits: 4, at: 4) | delay.field(bits: 4))
        case .deviceTimeAnswer(let time):
            put(.deviceTime)
            octets.appendLittleEndian(time.seconds, count: 4)
            octets.append(time.fraction)
        case .forceRejoinRequest(let request):
            let low = request.type.field(bits: 3, at: 4) | request.dataRate.field(bits: 4)
            put(.forceRejoin, low, request.period.field(bits: 3, at: 3) | request.retries.field(bits: 3))
        case .rejoinParamSetupRequest(let time, let count):
            put(.rejoinParamSetup, time.field(bits: 4, at: 4) | count.field(bits: 4))
        case .pingSlotInfoAnswer: put(.pingSlotInfo)
        case .pingSlotChannelRequest(let frequency, let dataRate):
            put(.pingSlotChannel)
            put(frequency: frequency)
            octets.append(dataRate.field(bits: 4))
        case .beaconTimingAnswer(let delay, let channel):
            put(.beaconTiming)
            octets.appendLittleEndian(delay, count: 2)
            octets.append(channel)
        case .beaconFrequencyRequest(let frequency):
            put(.beaconFrequency)
            put(frequency: frequency)
        case .deviceModeConfirmation(let mode): put(.deviceMode, mode.rawValue)
        }
    }

    /// The name the specification gives the command.
    public var name: String {
        switch self {
        case .resetConfirmation: "ResetConf"
        case .linkCheckAnswer: "LinkCheckAns"
        case .linkADRRequest: "LinkADRReq"
        case .dutyCycleRequest: "DutyCycleReq"
        case .rxParamSetupRequest: "RXParamSetupReq"
        case .deviceStatusRequest: "DevStatusReq"
        case .newChannelRequest: "NewChannelReq"
        case .rxTimingSetupRequest: "RXTimingSetupReq"
        case .txParamSetupRequest: "TxParamSetupReq"
        case .dlChannelRequest: "DlChannelReq"
        case .rekeyConfirmation: "RekeyConf"
        case .adrParamSetupRequest: "ADRParamSetupReq"
        case .deviceTimeAnswer: "DeviceTimeAns"
        case .forceRejoinRequest: "ForceRejoinReq"
        case .rejoinParamSetupRequest: "RejoinParamSetupReq"
        case .pingSlotInfoAnswer: "PingSlotInfoAns"
        case .pingSlotChannelRequest: "PingSlotChannelReq"
        case .beaconTimingAnswer: "BeaconTimingAns"
        case .beaconFrequencyRequest: "BeaconFreqReq"
        case .deviceModeConfirmation: "DeviceModeConf"
        }
    }
}
