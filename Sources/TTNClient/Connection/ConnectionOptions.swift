// SPDX-License-Identifier: Apache-2.0

/// How a client talks to the broker. The defaults suit a broker and a bridge on the same network.
public struct ConnectionOptions: Sendable, Hashable {
    /// A version of MQTT.
    public enum ProtocolVersion: Sendable, Hashable {
        /// MQTT 5, and 3.1.1 with a broker that refuses 5.
        case automatic
        /// MQTT 5.0 only.
        case v5
        /// MQTT 3.1.1 only: refusals by the broker's access control list are then silent, and end in time-outs.
        case v311
    }

    /// PEM file with the authorities trusted for `mqtts://`; nil for the system's own.
    public var authorityFile: String?
    /// PEM file with a certificate to show, for a broker that asks for one; needs `privateKeyFile`.
    public var certificateFile: String?
    /// PEM file with its unencrypted private key.
    public var privateKeyFile: String?
    /// The bridge's `mqtt.topic_prefix`, on a broker that is shared; with or without its last `/`.
    public var topicPrefix = ""
    /// The name of the session at the broker; nil for a random one. Two clients with one name throw each other out.
    public var clientID: String?
    /// Which version of MQTT to speak.
    public var protocolVersion = ProtocolVersion.automatic
    /// How often a silent connection is probed: 5 s to 65,535 s.
    public var keepAlive: Duration = .seconds(30)
    /// How long `connect` waits for the broker, subscriptions included.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a request waits for its answer, and a downlink for the broker's receipt, lost connections included.
    public var requestTimeout: Duration = .seconds(10)
    /// How many messages wait for a slow reader of a sequence before the broker is held back.
    public var bufferLimit = 1_000

    /// The defaults.
    public init() {}
}
