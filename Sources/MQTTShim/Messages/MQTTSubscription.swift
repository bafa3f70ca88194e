// SPDX-License-Identifier: Apache-2.0

/// Topics to receive.
public struct MQTTSubscription: Sendable, Hashable {
    /// A topic filter, with `+` for one level and `#` for the rest.
    public var filter: String
    /// The highest quality wanted.
    public var qos: MQTTQoS

    public init(_ filter: String, qos: MQTTQoS = .atLeastOnce) {
        self.filter = filter
        self.qos = qos
    }
}

/// What the broker said to a subscription.
public struct MQTTSubscriptionAnswer: Sendable, Hashable {
    public var subscription: MQTTSubscription
    /// The quality granted, which may be lower than the one wanted, or the refusal.
    public var result: Result<MQTTQoS, MQTTError>

    public init(subscription: MQTTSubscription, result: Result<MQTTQoS, MQTTError>) {
        self.subscription = subscription
        self.result = result
    }
}
