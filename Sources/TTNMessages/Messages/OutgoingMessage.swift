// SPDX-License-Identifier: Apache-2.0

/// One MQTT message to publish.
public struct OutgoingMessage: Hashable, Sendable {
    public var topic: String
    /// JSON text.
    public var payload: [UInt8]
    public var kind: Kind
    /// nil for the operator's topics, which belong to neither.
    public var format: TTNFormat?

    public init(topic: String, payload: [UInt8], kind: Kind, format: TTNFormat?) {
        self.topic = topic
        self.payload = payload
        self.kind = kind
        self.format = format
    }

    /// What QoS, retain and expiry can be set for.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// The `up` message of a device.
        case uplink
        /// One decoded field of an uplink, v2 only.
        case field
        /// One normalized measurement of an uplink, v3 only.
        case normalized
        /// A device joined.
        case activation
        /// A downlink was scheduled, sent, acknowledged, not acknowledged, failed or invalidated.
        case downlink
        /// A refused uplink or activation.
        case error
        /// A device was registered, changed or deleted, v2 only.
        case device
        /// An event of an application, v2 only.
        case application
        /// Data of a service, v3 only.
        case service
        /// A solved location, v3 only.
        case location
    }
}
