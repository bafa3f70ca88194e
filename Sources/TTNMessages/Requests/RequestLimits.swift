// SPDX-License-Identifier: Apache-2.0

/// How large a request may be.
public struct RequestLimits: Hashable, Sendable {
    /// Octets of the body.
    public var bodySize: Int
    /// Downlinks in one v3 request.
    public var downlinks: Int
    /// Octets of one payload: LoRaWAN has no room for more.
    public static let payloadSize = 255
    /// Characters of an id or a correlation id.
    public static let correlationIDSize = 100
    /// How many correlation ids one downlink may carry.
    public static let correlationIDs = 32

    public init(bodySize: Int = 262_144, downlinks: Int = 1000) {
        self.bodySize = bodySize
        self.downlinks = downlinks
    }
}
