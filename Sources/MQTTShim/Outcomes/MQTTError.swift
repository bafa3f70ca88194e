// SPDX-License-Identifier: Apache-2.0

/// What goes wrong between us and the broker.
public enum MQTTError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A setting with which no connection can be made.
    case invalidConfiguration(key: String, problem: String)
    /// A topic or a payload that MQTT cannot carry.
    case invalidPublication(topic: String, problem: String)
    /// A packet above the broker's or our own limit, in bytes.
    case packetTooLarge(topic: String, bytes: Int, limit: Int)
    /// The broker does not take messages of that quality.
    case qosNotSupported(MQTTQoS, highest: MQTTQoS)
    /// The broker refused the connection.
    case connectionRefused(broker: String, username: String?, reason: MQTTReasonCode, text: String?)
    /// The connection could not be made or broke.
    case connectionFailed(broker: String, code: MosquittoCode, detail: String?)
    /// The broker closed the connection and said why.
    case disconnectedByBroker(broker: String, reason: MQTTReasonCode)
    /// No CONNACK, or no PUBACK, within its time.
    case timedOut(broker: String, waitingFor: String)
    /// Received messages could not be made durable, so they were not acknowledged.
    case notDurable(broker: String)
    /// The broker refused a subscription.
    case subscriptionRefused(filter: String, reason: MQTTReasonCode)
    /// The client has stopped; the message was not acknowledged.
    case stopped

    /// A stable word for logs, metrics and events.
    public var reason: String {
        switch self {
        case .invalidConfiguration: "invalid_configuration"
        case .invalidPublication: "invalid_publication"
        case .packetTooLarge: "packet_too_large"
        case .qosNotSupported: "qos_not_supported"
        case .connectionRefused: "connection_refused"
        case .connectionFailed: "connection_failed"
        case .disconnectedByBroker: "disconnected_by_broker"
        case .timedOut: "timed_out"
        case .notDurable: "not_durable"
        case .subscriptionRefused: "subscription_refused"
        case .stopped: "stopped"
        }
    }

    /// Whether trying again may help.
    public var isTransient: Bool {
        switch self {
        case .connectionRefused, .connectionFailed, .disconnectedByBroker, .timedOut, .notDurable, .stopped: true
        case .invalidConfiguration, .invalidPublication, .packetTooLarge, .qosNotSupported, .subscriptionRefused:
            false
        }
    }

    /// Whether time alone will not mend it: a login or a certificate is wrong.
    var needsOperator: Bool {
        switch self {
        case .connectionRefused, .notDurable: true
        case .connectionFailed(_, let code, _): code.isTLS
        case .disconnectedByBroker(_, let reason): reason == .sessionTakenOver
        default: false
        }
    }

    /// A sentence for the operator.
    public var description: String {
        switch self {
        case .invalidConfiguration(let key, let problem):
            "the MQTT setting \(key) cannot be used: it \(problem)"
        case .invalidPublication(let topic, let problem):
            "a message for the topic '\(topic)' cannot be published: \(problem)"
        case .packetTooLarge(let topic, let bytes, let limit):
            "a message for the topic '\(topic)' is a packet of \(bytes) bytes; the limit is \(limit)"
        case .qosNotSupported(let qos, let highest):
            "the broker takes messages up to QoS \(highest.rawValue), not QoS \(qos.rawValue)"
        case .connectionRefused(let broker, let username, let reason, let text):
            "the broker \(broker) refuses the connection"
                + "\(username.map { " of user '\($0)'" } ?? " without user name"): "
                + "\(reason)\(text.map { ", \($0)" } ?? "")\(hint(for: reason))"
        case .connectionFailed(let broker, let code, let detail):
            "no connection to the broker \(broker): \(code)\(detail.map { " (\($0))" } ?? "")"
        case .disconnectedByBroker(let broker, let reason):
            "the broker \(broker) closed the connection: \(reason)"
                + (reason == .sessionTakenOver ? "; is another client using our client id?" : "")
        case .timedOut(let broker, let what):
            "the broker \(broker) did not send \(what) in time"
        case .notDurable(let broker):
            "messages from the broker \(broker) could not be stored and were not acknowledged; it will send them again"
        case .subscriptionRefused(let filter, let reason):
            "the broker refuses a subscription to '\(filter)': \(reason); check its access control list"
        case .stopped:
            "the MQTT client has stopped"
        }
    }

    private func hint(for reason: MQTTReasonCode) -> String {
        switch reason {
        case .badUserNameOrPassword, .notAuthorized: "; check mqtt.username and mqtt.password"
        case .clientIdentifierNotValid: "; check the client id"
        default: ""
        }
    }
}
