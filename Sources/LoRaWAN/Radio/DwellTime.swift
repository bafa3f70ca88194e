// SPDX-License-Identifier: Apache-2.0

/// Whether a frame may last 400 ms at most, in each direction (TxParamSetupReq, RP002).
public struct DwellTime: Hashable, Sendable {
    /// Uplinks are limited.
    public var uplink: Bool
    /// Downlinks are limited.
    public var downlink: Bool

    /// Limits in the directions named.
    public init(uplink: Bool = false, downlink: Bool = false) {
        self.uplink = uplink
        self.downlink = downlink
    }

    /// No limit in either direction.
    public static let unlimited = DwellTime()
}
