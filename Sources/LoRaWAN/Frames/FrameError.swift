// SPDX-License-Identifier: Apache-2.0

/// Why octets are not a frame. Always the sender's fault, never worth a retry.
public enum FrameError: Error, Hashable, Sendable {
    /// Fewer octets than the part named needs.
    case truncated(part: FramePart, needed: Int, count: Int)
    /// A frame of a type with fixed length has another one. Lengths in octets, without the MIC.
    case wrongLength(MessageType, count: Int)
    /// The major version in the first octet is not 0 (LoRaWAN R1).
    case unknownMajor(UInt8)
    /// A frame type that does not travel this way.
    case wrongDirection(MessageType, FrameDirection)
    /// FPort 0 together with FOpts (LoRaWAN 1.0.4 section 4.3.1.6).
    case optionsWithPortZero
    /// A rejoin-request of a type other than 0, 1 and 2.
    case unknownRejoinType(UInt8)
    /// A channel list in a join-accept of a type other than 0 and 1.
    case unknownChannelListType(UInt8)

    /// A stable lower_snake word for logs, metrics and events.
    public var reason: String {
        switch self {
        case .truncated: "frame_truncated"
        case .wrongLength: "frame_wrong_length"
        case .unknownMajor: "frame_unknown_major"
        case .wrongDirection: "frame_wrong_direction"
        case .optionsWithPortZero: "frame_options_with_port_zero"
        case .unknownRejoinType: "frame_unknown_rejoin_type"
        case .unknownChannelListType: "frame_unknown_channel_list_type"
        }
    }
}

extension FrameError: CustomStringConvertible {
    /// A sentence for the operator.
    public var description: String {
        switch self {
        case .truncated(let part, let needed, let count):
            "The frame ends inside its \(part.rawValue): \(needed) octets are needed, \(count) came."
        case .wrongLength(let type, let count):
            "A \(type) cannot be \(count) octets long without its message integrity code."
        case .unknownMajor(let major):
            "The frame has LoRaWAN major version \(major); only version 0 (R1) is known."
        case .wrongDirection(let type, let direction):
            "A \(type) does not travel \(direction == .up ? "up to the network" : "down to a device")."
        case .optionsWithPortZero:
            "The frame carries MAC commands both in its options and on port 0, which the specification forbids."
        case .unknownRejoinType(let type):
            "The rejoin-request has type \(type); only 0, 1 and 2 exist."
        case .unknownChannelListType(let type):
            "The join-accept has a channel list of type \(type); only 0 and 1 exist."
        }
    }
}
