// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// Turns messages into what applications of The Things Stack (v3) hear.
public struct TTNv3Encoder: Sendable {
    let topics: TopicSpace
    let tellsErrors: Bool

    /// - Parameter tellsErrors: whether refused uplinks and activations, which The Things Stack does not tell on MQTT, are
    ///   published as `service/data` of the services `up-errors` and `join-errors`.
    public init(topics: TopicSpace, tellsErrors: Bool = true) {
        self.topics = topics
        self.tellsErrors = tellsErrors
    }

    /// Appends the messages that applications hear of this; nothing for what only v2 knows.
    public func encode(_ message: ApplicationMessage, into output: inout [OutgoingMessage]) {
        switch message {
        case .uplink(let uplink): encode(uplink, into: &output)
        case .activation(let activation): output.append(encode(activation))
        case .downlink(let event): if let message = encode(event) { output.append(message) }
        case .invalidation(let invalidation): output.append(encode(invalidation))
        case .error(let event): if tellsErrors, let message = encode(event) { output.append(message) }
        case .service(let data): output.append(encode(data))
        case .location(let location): output.append(encode(location))
        case .device, .application: break
        }
    }

    func message(
        _ device: DeviceIdentity,
        _ suffix: StaticString,
        _ kind: OutgoingMessage.Kind,
        _ json: JSONWriter,
    ) -> OutgoingMessage {
        OutgoingMessage(
            topic: topics.v3(device.applicationID, device.deviceID, suffix),
            payload: json.bytes,
            kind: kind,
            format: .v3,
        )
    }
}

extension JSONWriter {
    /// Writes the envelope that every v3 message has (ApplicationUp); `body` adds the one member that says what it is.
    mutating func v3Envelope(
        _ device: DeviceIdentity,
        _ correlationIDs: [String],
        _ time: UnixTime,
        isSimulated: Bool = false,
        _ body: (inout JSONWriter) -> Void,
    ) {
        object { json in
            json.member("end_device_ids") { json in
                json.member("device_id", device.deviceID)
                json.member("application_ids") { json in json.member("application_id", device.applicationID) }
                if let devEUI = device.devEUI { json.member("dev_eui", devEUI) }
                if let joinEUI = device.joinEUI { json.member("join_eui", joinEUI) }
                if let devAddr = device.devAddr { json.member("dev_addr", devAddr) }
            }
            if !correlationIDs.isEmpty { json.member("correlation_ids", correlationIDs) }
            json.member("received_at", time, .inThrees)
            body(&json)
            if isSimulated { json.member("simulated", true) }
        }
    }

    mutating func v3SessionKeyID(_ octets: [UInt8]) {
        if !octets.isEmpty { member("session_key_id", base64: octets) }
    }

    mutating func v3Location(_ location: GeoLocation) {
        object { json in
            if location.latitude != 0 { json.member("latitude", location.latitude) }
            if location.longitude != 0 { json.member("longitude", location.longitude) }
            if location.wholeAltitude != 0 { json.member("altitude", location.wholeAltitude) }
            if location.wholeAccuracy != 0 { json.member("accuracy", location.wholeAccuracy) }
            switch location.source {
            case .gps: json.member("source", "SOURCE_GPS")
            case .registry: json.member("source", "SOURCE_REGISTRY")
            }
        }
    }
}
