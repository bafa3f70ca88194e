// SPDX-License-Identifier: Apache-2.0

/// How a publication ended.
public enum MQTTPublishOutcome: Sendable, Hashable {
    /// QoS 1 and 2: the broker has it. QoS 0: it was written to the connection.
    case acknowledged
    /// The broker has it and nobody is subscribed (MQTT 5 only).
    case noSubscribers
    /// The broker said no, for instance by its access control list (MQTT 5 only: 3.1.1 is silent).
    case refused(MQTTReasonCode, text: String?)
    /// It never was the broker's.
    case failed(MQTTError)

    /// Whether the broker took it.
    public var isAccepted: Bool {
        switch self {
        case .acknowledged, .noSubscribers: true
        case .refused, .failed: false
        }
    }

    /// A stable word for metrics and logs.
    public var word: String {
        switch self {
        case .acknowledged: "acknowledged"
        case .noSubscribers: "no_subscribers"
        case .refused: "refused"
        case .failed: "failed"
        }
    }
}

/// The end of one publication.
public struct MQTTCompletion: Sendable, Hashable {
    /// The publication's token.
    public var token: UInt64
    public var outcome: MQTTPublishOutcome

    public init(token: UInt64, outcome: MQTTPublishOutcome) {
        self.token = token
        self.outcome = outcome
    }
}
