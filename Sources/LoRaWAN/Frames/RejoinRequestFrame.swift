// SPDX-License-Identifier: Apache-2.0

/// A rejoin-request without its MIC (LoRaWAN 1.1 section 6.2.4).
public enum RejoinRequestFrame: Hashable, Sendable {
    /// Type 0: the device announces itself, for example to a new network; carries RJcount0.
    case announce(netID: NetID, devEUI: EUI64, count: UInt16)
    /// Type 1: like a join-request, for a device that may have lost its network; carries RJcount1.
    case restore(joinEUI: EUI64, devEUI: EUI64, count: UInt16)
    /// Type 2: new keys in the same session; carries RJcount0.
    case rekey(netID: NetID, devEUI: EUI64, count: UInt16)

    init(body octets: [UInt8]) throws(FrameError) {
        guard octets.count >= 2 else { throw .truncated(part: .header, needed: 2, count: octets.count) }
        let type = octets[1]
        guard type <= 2 else { throw .unknownRejoinType(type) }
        guard octets.count == (type == 1 ? 20 : 15) else { throw .wrongLength(.rejoinRequest, count: octets.count) }
        if type == 1 {
            self = .restore(joinEUI: octets.eui64(at: 2), devEUI: octets.eui64(at: 10), count: octets.uint16(at: 18))
            return
        }
        let netID = octets.netID(at: 2)
        let devEUI = octets.eui64(at: 5)
        let count = octets.uint16(at: 13)
        self =
            type == 0
            ? .announce(netID: netID, devEUI: devEUI, count: count) : .rekey(netID: netID, devEUI: devEUI, count: count)
    }

    /// The device that asks.
    public var devEUI: EUI64 {
        switch self {
        case .announce(_, let devEUI, _), .restore(_, let devEUI, _), .rekey(_, let devEUI, _): devEUI
        }
    }

    /// RJcount0 of types 0 and 2, RJcount1 of type 1; stands where a join-request has its DevNonce.
    public var count: UInt16 {
        switch self {
        case .announce(_, _, let count), .restore(_, _, let count), .rekey(_, _, let count): count
        }
    }

    /// What the answering join-accept's MIC says it answers.
    public var requestType: JoinRequestType {
        switch self {
        case .announce: .rejoin0
        case .restore: .rejoin1
        case .rekey: .rejoin2
        }
    }

    /// MHDR to RJcount: what the MIC covers and what precedes it on air.
    public func encodedWithoutMIC() -> [UInt8] {
        var octets: [UInt8] = [MessageType.rejoinRequest.header, requestType.rawValue]
        switch self {
        case .announce(let netID, _, _), .rekey(let netID, _, _): octets.append(netID)
        case .restore(let joinEUI, _, _): octets.append(joinEUI)
        }
        octets.append(devEUI)
        octets.appendLittleEndian(count, count: 2)
        return octets
    }
}
