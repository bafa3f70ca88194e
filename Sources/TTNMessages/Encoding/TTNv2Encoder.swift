// SPDX-License-Identifier: Apache-2.0
internal import JSON
import LoRaWAN

/// Turns messages into what applications of The Things Network v2 hear.
public struct TTNv2Encoder: Sendable {
    let topics: TopicSpace
    let publishesFields: Bool

    /// - Parameter publishesFields: whether each decoded field is published on a topic of its own, too.
    public init(topics: TopicSpace, publishesFields: Bool = true) {
        self.topics = topics
        self.publishesFields = publishesFields
    }

    /// Appends the messages that applications hear of this; nothing for what only v3 knows.
    public func encode(_ message: ApplicationMessage, into output: inout [OutgoingMessage]) {
        switch message {
        case .uplink(let uplink): encode(uplink, into: &output)
        case .activation(let activation): output.append(encode(activation))
        case .downlink(let event): output.append(encode(event))
        case .error(let event): output.append(encode(event))
        case .device(let event): output.append(encode(event))
        case .application(let event): output.append(encode(event))
        case .invalidation, .service, .location: break
        }
    }

    func message(
        _ device: DeviceIdentity,
        _ suffix: StaticString,
        _ kind: OutgoingMessage.Kind,
        _ json: JSONWriter,
    ) -> OutgoingMessage {
        OutgoingMessage(
            topic: topics.v2(device.applicationID, device.deviceID, suffix),
            payload: json.bytes,
            kind: kind,
            format: .v2,
        )
    }
}
