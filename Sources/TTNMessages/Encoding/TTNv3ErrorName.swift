// SPDX-License-Identifier: Apache-2.0

/// The Things Stack's name and gRPC code for a reason; a reason it has no name for keeps its own word.
struct TTNv3ErrorName {
    let name: String
    let code: UInt8

    init(reason: String) {
        switch reason {
        case "payload_empty": (name, code) = ("no_payload", Self.invalidArgument)
        case "no_f_port": (name, code) = ("no_f_port", Self.invalidArgument)
        case "no_session": (name, code) = ("no_device_session", Self.failedPrecondition)
        case "payload_too_long": (name, code) = ("application_downlink_too_long", Self.invalidArgument)
        case "queue_full": (name, code) = ("downlink_queue_capacity", Self.resourceExhausted)
        case "expired": (name, code) = ("downlink_expired", Self.aborted)
        case "invalid_absolute_time": (name, code) = ("absolute_time", Self.invalidArgument)
        case "invalid_max_attempts": (name, code) = ("downlink_max_retries_invalid", Self.invalidArgument)
        case "attempts_exhausted": (name, code) = ("max_retries_reached", Self.aborted)
        case "no_downlink_path": (name, code) = ("no_downlink_path", Self.notFound)
        case "unknown_device": (name, code) = ("device_not_found", Self.notFound)
        case "unknown_application": (name, code) = ("application_not_found", Self.notFound)
        default:
            name = reason
            code = RequestReason(rawValue: reason) == nil ? Self.aborted : Self.invalidArgument
        }
    }

    private static let invalidArgument: UInt8 = 3
    private static let notFound: UInt8 = 5
    private static let resourceExhausted: UInt8 = 8
    private static let failedPrecondition: UInt8 = 9
    private static let aborted: UInt8 = 10
}
