// SPDX-License-Identifier: Apache-2.0

/// A MAC command from a device: its own requests, and its answers to those of the network.
public enum UplinkMACCommand: Hashable, Sendable {
    /// ResetInd (1.1, ABP): the device was reset and speaks minor version `minor`.
    case resetIndication(minor: UInt8)
    /// LinkCheckReq: how well am I heard?
    case linkCheckRequest
    /// LinkADRAns.
    case linkADRAnswer(LinkADRAnswer)
    /// DutyCycleAns.
    case dutyCycleAnswer
    /// RXParamSetupAns, repeated until a downlink arrives.
    case rxParamSetupAnswer(RXParamSetupAnswer)
    /// DevStatusAns.
    case deviceStatusAnswer(DeviceStatus)
    /// NewChannelAns.
    case newChannelAnswer(frequencyAccepted: Bool, dataRatesAccepted: Bool)
    /// RXTimingSetupAns, repeated until a downlink arrives.
    case rxTimingSetupAnswer
    /// TxParamSetupAns, repeated until a downlink arrives.
    case txParamSetupAnswer
    /// DlChannelAns, repeated until a downlink arrives.
    case dlChannelAnswer(frequencyAccepted: Bool, uplinkFrequencyExists: Bool)
    /// RekeyInd (1.1): the session keys are in use; minor version `minor`.
    case rekeyIndication(minor: UInt8)
    /// ADRParamSetupAns (1.1).
    case adrParamSetupAnswer
    /// DeviceTimeReq: what time was it when this uplink ended?
    case deviceTimeRequest
    /// RejoinParamSetupAns (1.1): whether the time part was taken; the count always is.
    case rejoinParamSetupAnswer(timeAccepted: Bool)
    /// PingSlotInfoReq: 2 to the power of 7 minus `periodicity` (0 to 7) ping slots a beacon period.
    case pingSlotInfoRequest(periodicity: UInt8)
    /// PingSlotChannelAns.
    case pingSlotChannelAnswer(frequencyAccepted: Bool, dataRateAccepted: Bool)
    /// BeaconTimingReq (until 1.0.2).
    case beaconTimingRequest
    /// BeaconFreqAns.
    case beaconFrequencyAnswer(isAccepted: Bool)
    /// DeviceModeInd (1.1): the class the device switches to.
    case deviceModeIndication(DeviceMode)
}
