// SPDX-License-Identifier: Apache-2.0

/// How a downstream message ended, as DownstreamResult says it.
public enum DownstreamResultCode: String, Hashable, Sendable, CaseIterable {
    case success = "Success"
    case windowNotFound = "WindowNotFound"
    case gatewayNotFound = "GatewayNotFound"
    case tooLate = "TooLate"
    case noAck = "NoAck"
    case gatewayError = "GatewayError"
}
