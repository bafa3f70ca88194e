// SPDX-License-Identifier: Apache-2.0

/// A frame to a device, as the device receives it.
public enum DownlinkFrame: Hashable, Sendable {
    /// The whole PHYPayload: everything after its first octet, MIC included, is encrypted; see `JoinAccept`.
    case joinAccept([UInt8])
    /// A data frame and the MIC that came with it, not yet checked.
    case data(DataFrame, MIC)
    case proprietary

    /// Reads a whole PHYPayload, MIC included.
    public init(parsing phyPayload: [UInt8]) throws(FrameError) {
        let type = try MessageType(headerOf: phyPayload)
        switch type {
        case .joinAccept:
            guard phyPayload.count == 17 || phyPayload.count == 33 else {
                throw .wrongLength(.joinAccept, count: phyPayload.count - MIC.length)
            }
            self = .joinAccept(phyPayload)
        case .unconfirmedDataDown, .confirmedDataDown:
            let (octets, mic) = try MIC.split(phyPayload)
            let isConfirmed = type == .confirmedDataDown
            self = .data(try DataFrame(body: octets, direction: .down, isConfirmed: isConfirmed), mic)
        case .proprietary: self = .proprietary
        case .joinRequest, .rejoinRequest, .unconfirmedDataUp, .confirmedDataUp: throw .wrongDirection(type, .down)
        }
    }
}
