// SPDX-License-Identifier: Apache-2.0

/// Messages of application layer clock synchronisation from a device (TS003-1.0.0), on port 202.
public enum ClockSyncUplink: Hashable, Sendable {
    /// PackageVersionAns.
    case packageVersion(identifier: UInt8, version: UInt8)
    /// AppTimeReq: the device's GPS seconds, whether it wants an answer even when its clock is right, and a token of 4 bits.
    case timeRequest(deviceTime: UInt32, answerRequired: Bool, token: UInt8)
    /// DeviceAppTimePeriodicityAns: the device's GPS seconds, and whether it refuses the periodicity.
    case periodicityAnswer(notSupported: Bool, deviceTime: UInt32)

    /// The messages in a payload up to the first unknown or shortened one, which makes `isComplete` false.
    public static func parse(_ payload: [UInt8]) -> (messages: [ClockSyncUplink], isComplete: Bool) {
        var messages: [ClockSyncUplink] = []
        var offset = 0
        while offset < payload.count {
            let rest = payload.count - offset
            switch payload[offset] {
            case 0 where rest >= 3:
                messages.append(.packageVersion(identifier: payload[offset + 1], version: payload[offset + 2]))
                offset += 3
            case 1 where rest >= 6:
                let parameters = payload[offset + 5]
                let message = ClockSyncUplink.timeRequest(
                    deviceTime: payload.uint32(at: offset + 1),
                    answerRequired: parameters & 0x10 != 0,
                    token: parameters & 15,
                )
                messages.append(message)
                offset += 6
            case 2 where rest >= 6:
                let isRefused = payload[offset + 1] & 1 != 0
                messages.append(.periodicityAnswer(notSupported: isRefused, deviceTime: payload.uint32(at: offset + 2)))
                offset += 6
            default:
                return (messages, false)
            }
        }
        return (messages, true)
    }

    /// The message as it is in a payload. A token above 4 bits is a defect of the caller.
    public var octets: [UInt8] {
        var octets: [UInt8]
        switch self {
        case .packageVersion(let identifier, let version):
            octets = [0, identifier, version]
        case .timeRequest(let deviceTime, let answerRequired, let token):
            precondition(token < 16, "a token has 4 bits")
            octets = [1]
            octets.appendLittleEndian(deviceTime, count: 4)
            octets.append((answerRequired ? 0x10 : 0) | token)
        case .periodicityAnswer(let notSupported, let deviceTime):
            octets = [2, notSupported ? 1 : 0]
            octets.appendLittleEndian(deviceTime, count: 4)
        }
        return octets
    }
}
