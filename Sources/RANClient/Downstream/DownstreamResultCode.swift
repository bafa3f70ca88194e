// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What became of a downstream request, in the RAN's own word. Words that are not documented survive.
public struct DownstreamResultCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// As on the wire.
    public let rawValue: String

    /// A code from its word, documented or not.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The frame was sent.
    public static let success = DownstreamResultCode(rawValue: "Success")
    /// No acknowledged upstream message opens that window.
    public static let windowNotFound = DownstreamResultCode(rawValue: "WindowNotFound")
    /// No gateway reaches the device.
    public static let gatewayNotFound = DownstreamResultCode(rawValue: "GatewayNotFound")
    /// The request came too late for its window.
    public static let tooLate = DownstreamResultCode(rawValue: "TooLate")
    /// The gateway did not confirm.
    public static let noAck = DownstreamResultCode(rawValue: "NoAck")
    /// The gateway reported a fault; `TOO_EARLY` in the message means too early.
    public static let gatewayError = DownstreamResultCode(rawValue: "GatewayError")

    public var description: String { rawValue }
}

/// What became of a multicast request for one device of the group.
public struct MulticastDeviceResult: Sendable, Hashable {
    /// A device of the group.
    public let devEUI: EUI64
    /// Whether it was sent to that device, or why not.
    public let code: DownstreamResultCode
    /// In the RAN's words.
    public let message: String

    /// A result from its parts.
    public init(devEUI: EUI64, code: DownstreamResultCode, message: String) {
        self.devEUI = devEUI
        self.code = code
        self.message = message
    }
}
