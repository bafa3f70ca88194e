// SPDX-License-Identifier: Apache-2.0

/// A version of the protocol on the wire.
public enum MQTTProtocolVersion: String, Sendable, Hashable, CustomStringConvertible {
    /// MQTT 3.1.1: no reason codes, no properties.
    case v311 = "3.1.1"
    /// MQTT 5.0.
    case v5 = "5"

    public var description: String { rawValue }
}

/// Which version to speak.
public enum MQTTProtocolPreference: Sendable, Hashable {
    /// MQTT 5, and 3.1.1 with a broker that refuses 5.
    case automatic
    /// One version only.
    case only(MQTTProtocolVersion)
}
