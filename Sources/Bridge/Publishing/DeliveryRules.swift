// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
public import MQTTShim
public import TTNMessages

/// How each kind of message is published: at least once and not retained, unless told otherwise.
public struct DeliveryRules: Hashable, Sendable {
    /// Kinds that go out at most once.
    public var atMostOnce: Set<OutgoingMessage.Kind> = []
    /// Kinds that go out exactly once.
    public var exactlyOnce: Set<OutgoingMessage.Kind> = []
    /// Kinds whose last message the broker keeps.
    public var retained: Set<OutgoingMessage.Kind> = []
    /// Seconds an MQTT 5 broker keeps a message for a subscriber that is away; nil leaves it to the broker.
    public var expiry: UInt32?

    public init() {}

    /// The quality of service of a kind.
    public func qos(of kind: OutgoingMessage.Kind) -> MQTTQoS {
        if atMostOnce.contains(kind) { return .atMostOnce }
        return exactlyOnce.contains(kind) ? .exactlyOnce : .atLeastOnce
    }

    /// What MQTT 5 carries beside a message: that it is JSON, its format, and the coverage that heard or sent the frame
    /// it tells of.
    func properties(_ format: TTNFormat?, coverage: String?) -> MQTTProperties {
        var properties = MQTTProperties(contentType: "application/json", messageExpiry: expiry)
        if let format { properties.userProperties.append(.init("format", format.rawValue)) }
        if let coverage { properties.userProperties.append(.init("coverage", coverage)) }
        return properties
    }

    /// The publication of a message.
    func publication(of message: OutgoingMessage, token: UInt64, properties: MQTTProperties) -> MQTTPublication {
        MQTTPublication(
            token: token,
            topic: message.topic,
            payload: message.payload,
            qos: qos(of: message.kind),
            isRetained: retained.contains(message.kind),
            properties: properties,
        )
    }
}

extension ApplicationMessage {
    /// The coverage that heard or sent the frame that this is about; nil where there is none.
    var coverage: String? {
        switch self {
        case .uplink(let uplink): uplink.radio?.receptions.first?.gatewayID
        case .activation(let activation): activation.radio?.receptions.first?.gatewayID
        case .error(let event): event.radio?.receptions.first?.gatewayID
        case .downlink(let event):
            if case .sent(let transmission) = event.stage { transmission.gatewayID } else { nil }
        case .invalidation, .device, .application, .service, .location: nil
        }
    }
}

extension ApplicationMessage {
    /// Whom it is about; nil for what concerns no single registered device.
    var devEUI: EUI64? {
        switch self {
        case .uplink(let message): message.device.devEUI
        case .activation(let event): event.device.devEUI
        case .downlink(let event): event.device.devEUI
        case .invalidation(let event): event.device.devEUI
        case .error(let event):
            if case .device(let device) = event.subject { device.devEUI } else { nil }
        case .device(let event): event.device.devEUI
        case .service(let data): data.device.devEUI
        case .location(let location): location.device.devEUI
        case .application: nil
        }
    }
}
