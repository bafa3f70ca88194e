// SPDX-License-Identifier: Apache-2.0

/// A message about ourselves: the will that the broker publishes when we vanish, or the birth after each connect.
public struct MQTTAnnouncement: Sendable, Hashable {
    public var topic: String
    public var payload: [UInt8]
    public var qos: MQTTQoS
    public var isRetained: Bool

    public init(topic: String, payload: [UInt8], qos: MQTTQoS = .atLeastOnce, isRetained: Bool = true) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
    }

    public init(topic: String, text: String, qos: MQTTQoS = .atLeastOnce, isRetained: Bool = true) {
        self.init(topic: topic, payload: Array(text.utf8), qos: qos, isRetained: isRetained)
    }
}
