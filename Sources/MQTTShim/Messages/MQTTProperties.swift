// SPDX-License-Identifier: Apache-2.0

/// What an MQTT 5 message carries beside its payload. On a 3.1.1 connection nothing of it travels.
public struct MQTTProperties: Sendable, Hashable {
    /// A name and value of the sender's own; names may repeat and order is kept.
    public struct UserProperty: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A MIME type such as `application/json`.
    public var contentType: String?
    /// Whole seconds after which the broker drops the message; on arrival, what is left of them.
    public var messageExpiry: UInt32?
    /// Where an answer is wanted.
    public var responseTopic: String?
    /// What the answer must repeat.
    public var correlationData: [UInt8]?
    public var userProperties: [UserProperty]

    public init(
        contentType: String? = nil,
        messageExpiry: UInt32? = nil,
        responseTopic: String? = nil,
        correlationData: [UInt8]? = nil,
        userProperties: [UserProperty] = [],
    ) {
        self.contentType = contentType
        self.messageExpiry = messageExpiry
        self.responseTopic = responseTopic
        self.correlationData = correlationData
        self.userProperties = userProperties
    }

    /// Whether there is nothing to carry.
    public var isEmpty: Bool {
        contentType == nil && messageExpiry == nil && responseTopic == nil && correlationData == nil
            && userProperties.isEmpty
    }

    /// The length of the property list on the wire without its own length field (MQTT 5.0, 2.2.2).
    var encodedByteCount: Int {
        var count = 0
        if let contentType { count += 3 + contentType.utf8.count }
        if messageExpiry != nil { count += 5 }
        if let responseTopic { count += 3 + responseTopic.utf8.count }
        if let correlationData { count += 3 + correlationData.count }
        for property in userProperties { count += 5 + property.name.utf8.count + property.value.utf8.count }
        return count
    }
}
