// SPDX-License-Identifier: Apache-2.0

/// Command identifiers; a request and its answer share one (LoRaWAN 1.0.4 section 5, 1.1 section 5).
enum MACCommandID: UInt8 {
    case reset = 0x01
    case linkCheck = 0x02
    case linkADR = 0x03
    case dutyCycle = 0x04
    case rxParamSetup = 0x05
    case deviceStatus = 0x06
    case newChannel = 0x07
    case rxTimingSetup = 0x08
    case txParamSetup = 0x09
    case dlChannel = 0x0a
    case rekey = 0x0b
    case adrParamSetup = 0x0c
    case deviceTime = 0x0d
    case forceRejoin = 0x0e
    case rejoinParamSetup = 0x0f
    case pingSlotInfo = 0x10
    case pingSlotChannel = 0x11
    case beaconTiming = 0x12
    case beaconFrequency = 0x13
    case deviceMode = 0x20
}
