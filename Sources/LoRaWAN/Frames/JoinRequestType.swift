// SPDX-License-Identifier: Apache-2.0

/// What a join-accept answers; the number is JoinReqType in its LoRaWAN 1.1 MIC (LoRaWAN 1.1 section 6.2.3).
public enum JoinRequestType: UInt8, Hashable, Sendable {
    case rejoin0 = 0
    case rejoin1 = 1
    case rejoin2 = 2
    case join = 0xff
}
