// SPDX-License-Identifier: Apache-2.0

/// A MAC command to a device: the network's requests, and its answers to those of the device. Frequencies are in hertz.
public enum DownlinkMACCommand: Hashable, Sendable {
    /// ResetConf (1.1): minor version `minor` will be used.
    case resetConfirmation(minor: UInt8)
    /// LinkCheckAns: dB above the weakest signal that can be read (0 to 254), and gateways that heard the uplink.
    case linkCheckAnswer(margin: UInt8, gatewayCount: UInt8)
    /// LinkADRReq.
    case linkADRRequest(LinkADRRequest)
    /// DutyCycleReq: send at most 1 / 2^`exponent` of the time, 0 to 15.
    case dutyCycleRequest(exponent: UInt8)
    /// RXParamSetupReq.
    case rxParamSetupRequest(RXParamSetup)
    /// DevStatusReq.
    case deviceStatusRequest
    /// NewChannelReq.
    case newChannelRequest(NewChannel)
    /// RXTimingSetupReq: seconds to the first window, 0 to 15; 0 means 1.
    case rxTimingSetupRequest(delay: UInt8)
    /// TxParamSetupReq.
    case txParamSetupRequest(TxParamSetup)
    /// DlChannelReq: the first window of an uplink channel moves to this frequency.
    case dlChannelRequest(index: UInt8, frequency: UInt32)
    /// RekeyConf (1.1): minor version `minor` will be used.
    case rekeyConfirmation(minor: UInt8)
    /// ADRParamSetupReq (1.1): ADR_ACK_LIMIT and ADR_ACK_DELAY as powers of two, 0 to 15.
    case adrParamSetupRequest(limitExponent: UInt8, delayExponent: UInt8)
    /// DeviceTimeAns: when the uplink that asked ended, to 1/256 s.
    case deviceTimeAnswer(GPSTime)
    /// ForceRejoinReq (1.1).
    case forceRejoinRequest(ForceRejoin)
    /// RejoinParamSetupReq (1.1): a rejoin-request at least every 2^(`timeExponent` + 10) s and 2^(`countExponent` + 4) uplinks, 0 to 15.
    case rejoinParamSetupRequest(timeExponent: UInt8, countExponent: UInt8)
    /// PingSlotInfoAns.
    case pingSlotInfoAnswer
    /// PingSlotChannelReq: frequency 0 means the region's default.
    case pingSlotChannelRequest(frequency: UInt32, dataRate: DataRateIndex)
    /// BeaconTimingAns (until 1.0.2): the next beacon starts between `delay` and `delay` + 1 times 30 ms after this frame.
    case beaconTimingAnswer(delay: UInt16, channel: UInt8)
    /// BeaconFreqReq: 0 means the region's default.
    case beaconFrequencyRequest(frequency: UInt32)
    /// DeviceModeConf (1.1).
    case deviceModeConfirmation(DeviceMode)
}
