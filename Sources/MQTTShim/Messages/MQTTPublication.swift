// SPDX-License-Identifier: Apache-2.0

/// A message to publish.
public struct MQTTPublication: Sendable, Hashable {
    /// The caller's own name for it, given back in its completion. Tokens need not be unique.
    public var token: UInt64
    public var topic: String
    public var payload: [UInt8]
    public var qos: MQTTQoS
    public var isRetained: Bool
    public var properties: MQTTProperties

    public init(
        token: UInt64,
        topic: String,
        payload: [UInt8],
        qos: MQTTQoS = .atLeastOnce,
        isRetained: Bool = false,
        properties: MQTTProperties = MQTTProperties(),
    ) {
        self.token = token
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
        self.properties = properties
    }

    /// The size of its PUBLISH packet in bytes (MQTT 5.0, 3.3).
    func packetByteCount(_ version: MQTTProtocolVersion) -> Int {
        var remaining = 2 + topic.utf8.count + payload.count
        if qos != .atMostOnce { remaining += 2 }
        if version == .v5 {
            let list = properties.encodedByteCount
            remaining += list + MQTTPublication.variableLengthBytes(list)
        }
        return 1 + MQTTPublication.variableLengthBytes(remaining) + remaining
    }

    private static func variableLengthBytes(_ value: Int) -> Int {
        switch value {
        case ..<128: 1
        case ..<16_384: 2
        case ..<2_097_152: 3
        default: 4
        }
    }
}
