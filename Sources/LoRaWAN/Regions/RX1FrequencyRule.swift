// SPDX-License-Identifier: Apache-2.0

/// Where the first receive window listens.
public enum RX1FrequencyRule: Hashable, Sendable {
    /// On the frequency of the uplink.
    case sameAsUplink
    /// On downlink channel `uplink channel index mod count`: `base` plus that many `step`s, in hertz.
    case downlinkChannel(count: Int, base: UInt32, step: UInt32)
}
