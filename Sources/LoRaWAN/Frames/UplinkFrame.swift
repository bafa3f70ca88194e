// SPDX-License-Identifier: Apache-2.0

/// A frame from a device, without its MIC.
public enum UplinkFrame: Hashable, Sendable {
    case joinRequest(JoinRequestFrame)
    case rejoinRequest(RejoinRequestFrame)
    case data(DataFrame)
    case proprietary

    /// Reads MHDR to the end of the payload: a PHYPayload whose four MIC octets were taken off.
    public init(parsingWithoutMIC octets: [UInt8]) throws(FrameError) {
        let type = try MessageType(headerOf: octets)
        switch type {
        case .joinRequest: self = .joinRequest(try JoinRequestFrame(body: octets))
        case .rejoinRequest: self = .rejoinRequest(try RejoinRequestFrame(body: octets))
        case .unconfirmedDataUp: self = .data(try DataFrame(body: octets, direction: .up, isConfirmed: false))
        case .confirmedDataUp: self = .data(try DataFrame(body: octets, direction: .up, isConfirmed: true))
        case .proprietary: self = .proprietary
        case .joinAccept, .unconfirmedDataDown, .confirmedDataDown: throw .wrongDirection(type, .up)
        }
    }

    /// Reads a whole PHYPayload: the frame, and the MIC that came with it, not yet checked.
    public static func parsing(_ phyPayload: [UInt8]) throws(FrameError) -> (frame: UplinkFrame, mic: MIC) {
        let (octets, mic) = try MIC.split(phyPayload)
        return (try UplinkFrame(parsingWithoutMIC: octets), mic)
    }

    /// MHDR to the end of the payload; nil for a proprietary frame, whose content is not kept.
    public func encodedWithoutMIC() -> [UInt8]? {
        switch self {
        case .joinRequest(let frame): frame.encodedWithoutMIC()
        case .rejoinRequest(let frame): frame.encodedWithoutMIC()
        case .data(let frame): frame.encodedWithoutMIC()
        case .proprietary: nil
        }
    }
}

extension MessageType {
    init(headerOf octets: [UInt8]) throws(FrameError) {
        guard let header = octets.first else { throw .truncated(part: .header, needed: 1, count: 0) }
        guard header & 3 == 0 else { throw .unknownMajor(header & 3) }
        self.init(header: header)
    }
}
