// SPDX-License-Identifier: Apache-2.0

/// A reason code of MQTT 5.0 (section 2.4) as the broker sent it. 0x80 and above are failures.
public struct MQTTReasonCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let success = MQTTReasonCode(rawValue: 0x00)
    public static let noMatchingSubscribers = MQTTReasonCode(rawValue: 0x10)
    public static let unspecifiedError = MQTTReasonCode(rawValue: 0x80)
    public static let unsupportedProtocolVersion = MQTTReasonCode(rawValue: 0x84)
    public static let clientIdentifierNotValid = MQTTReasonCode(rawValue: 0x85)
    public static let badUserNameOrPassword = MQTTReasonCode(rawValue: 0x86)
    public static let notAuthorized = MQTTReasonCode(rawValue: 0x87)
    public static let serverUnavailable = MQTTReasonCode(rawValue: 0x88)
    public static let serverShuttingDown = MQTTReasonCode(rawValue: 0x8B)
    public static let sessionTakenOver = MQTTReasonCode(rawValue: 0x8E)
    public static let packetIdentifierNotFound = MQTTReasonCode(rawValue: 0x92)
    public static let packetTooLarge = MQTTReasonCode(rawValue: 0x95)
    public static let quotaExceeded = MQTTReasonCode(rawValue: 0x97)

    /// Whether the broker refused.
    public var isFailure: Bool { rawValue >= 0x80 }

    /// The code of a 3.1.1 CONNACK (section 3.2.2.3) in the terms of MQTT 5.
    init(connectReturnCode code: UInt8) {
        switch code {
        case 1: self = .unsupportedProtocolVersion
        case 2: self = .clientIdentifierNotValid
        case 3: self = .serverUnavailable
        case 4: self = .badUserNameOrPassword
        case 5: self = .notAuthorized
        default: self.init(rawValue: code)
        }
    }

    /// The words of the specification and the number.
    public var description: String { "\(reasonText(of: self)) (0x\(String(rawValue, radix: 16)))" }
}
