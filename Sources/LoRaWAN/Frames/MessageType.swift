// SPDX-License-Identifier: Apache-2.0

/// The type of a frame, the three highest bits of its first octet (LoRaWAN 1.1 section 4.2.1).
public enum MessageType: UInt8, Hashable, Sendable, CaseIterable {
    case joinRequest = 0
    case joinAccept = 1
    case unconfirmedDataUp = 2
    case unconfirmedDataDown = 3
    case confirmedDataUp = 4
    case confirmedDataDown = 5
    /// Reserved before LoRaWAN 1.1.
    case rejoinRequest = 6
    case proprietary = 7

    /// The type in a frame's first octet, whatever its other bits.
    public init(header: UInt8) {
        switch header >> 5 {
        case 0: self = .joinRequest
        case 1: self = .joinAccept
        case 2: self = .unconfirmedDataUp
        case 3: self = .unconfirmedDataDown
        case 4: self = .confirmedDataUp
        case 5: self = .confirmedDataDown
        case 6: self = .rejoinRequest
        default: self = .proprietary
        }
    }

    /// The first octet of such a frame, with major version 0.
    public var header: UInt8 { rawValue << 5 }

    static func data(_ direction: FrameDirection, isConfirmed: Bool) -> MessageType {
        switch direction {
        case .up: isConfirmed ? .confirmedDataUp : .unconfirmedDataUp
        case .down: isConfirmed ? .confirmedDataDown : .unconfirmedDataDown
        }
    }
}

extension MessageType: CustomStringConvertible {
    /// The words of the specification, for messages to people.
    public var description: String {
        switch self {
        case .joinRequest: "join-request"
        case .joinAccept: "join-accept"
        case .unconfirmedDataUp: "unconfirmed data uplink"
        case .unconfirmedDataDown: "unconfirmed data downlink"
        case .confirmedDataUp: "confirmed data uplink"
        case .confirmedDataDown: "confirmed data downlink"
        case .rejoinRequest: "rejoin-request"
        case .proprietary: "proprietary frame"
        }
    }
}
