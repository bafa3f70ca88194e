// SPDX-License-Identifier: Apache-2.0

/// What libmosquitto's callbacks leave behind: copies, looked at when the call that ran them has returned.
struct MosquittoEvents {
    /// The broker's answer to CONNECT.
    struct ConnectAnswer {
        /// As sent: a 3.1.1 return code or an MQTT 5 reason code.
        var code: Int32
        var isSessionPresent: Bool
        var limits = BrokerLimits()
        var reasonText: String?
    }

    struct Published {
        var messageID: UInt16
        var reason: MQTTReasonCode
        var reasonText: String?
    }

    struct Subscribed {
        var messageID: UInt16
        /// One a filter: a quality, or 0x80 and above.
        var granted: [Int32]
    }

    var connectAnswer: ConnectAnswer?
    /// A code of the library, or from 0x80 on the reason that the broker gave.
    var disconnectCode: Int32?
    var published: [Published] = []
    var subscribed: [Subscribed] = []
    var messages: [MQTTInboundMessage] = []
    /// The library's own last error line, which is all it tells of a failed TLS handshake.
    var errorText: String?
}

/// What an MQTT 5 broker said of itself when we connected.
struct BrokerLimits {
    var maximumPacketBytes = Int.max
    var highestQoS = MQTTQoS.exactlyOnce
    var isRetainAvailable = true
}
