// SPDX-License-Identifier: Apache-2.0

/// A message that arrived.
public struct MQTTInboundMessage: Sendable, Hashable {
    public var topic: String
    public var payload: [UInt8]
    /// The quality it was delivered with.
    public var qos: MQTTQoS
    /// True for a message that the broker had kept and sends because we have just subscribed.
    public var isRetained: Bool
    public var properties: MQTTProperties

    public init(
        topic: String,
        payload: [UInt8],
        qos: MQTTQoS,
        isRetained: Bool,
        properties: MQTTProperties = MQTTProperties(),
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
        self.properties = properties
    }
}
