// SPDX-License-Identifier: Apache-2.0

/// Messages of application layer clock synchronisation to a device (TS003-1.0.0), on port 202.
public enum ClockSyncDownlink: Hashable, Sendable {
    /// The port both sides use unless agreed otherwise.
    public static let defaultPort: UInt8 = 202

    /// PackageVersionReq.
    case packageVersionRequest
    /// AppTimeAns: seconds to add to the device's clock, and the request's token of 4 bits.
    case timeAnswer(correction: Int32, token: UInt8)
    /// DeviceAppTimePeriodicityReq: ask for the time every 128 * 2^period seconds, give or take 30; 4 bits.
    case periodicityRequest(period: UInt8)
    /// ForceDeviceResyncReq: send AppTimeReq so many times; 3 bits.
    case resyncRequest(transmissions: UInt8)

    /// The messages in a payload up to the first unknown or shortened one, which makes `isComplete` false.
    public static func parse(_ payload: [UInt8]) -> (messages: [ClockSyncDownlink], isComplete: Bool) {
        var messages: [ClockSyncDownlink] = []
        var offset = 0
        while offset < payload.count {
            let rest = payload.count - offset
            switch payload[offset] {
            case 0:
                messages.append(.packageVersionRequest)
                offset += 1
            case 1 where rest >= 6:
                let correction = Int32(bitPattern: payload.uint32(at: offset + 1))
                messages.append(.timeAnswer(correction: correction, token: payload[offset + 5] & 15))
                offset += 6
            case 2 where rest >= 2:
                messages.append(.periodicityRequest(period: payload[offset + 1] & 15))
                offset += 2
            case 3 where rest >= 2:
                messages.append(.resyncRequest(transmissions: payload[offset + 1] & 7))
                offset += 2
            default:
                return (messages, false)
            }
        }
        return (messages, true)
    }

    /// The message as it is in a payload. Fields beyond their bits are a defect of the caller.
    public var octets: [UInt8] {
        switch self {
        case .packageVersionRequest:
            return [0]
        case .timeAnswer(let correction, let token):
            precondition(token < 16, "a token has 4 bits")
            var octets: [UInt8] = [1]
            octets.appendLittleEndian(correction, count: 4)
            octets.append(token)
            return octets
        case .periodicityRequest(let period):
            precondition(period < 16, "a period has 4 bits")
            return [2, period]
        case .resyncRequest(let transmissions):
            precondition(transmissions < 8, "a count of transmissions has 3 bits")
            return [3, transmissions]
        }
    }
}
