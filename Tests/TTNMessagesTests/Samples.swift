// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import TTNMessages

/// Messages that many tests start from: one device of one application, heard by two gateways.
enum Sample {
    /// 2020-03-01T08:15:00.25Z.
    static let time = UnixTime(nanoseconds: 1_583_050_500_250_000_000)

    static var device: DeviceIdentity {
        DeviceIdentity(
            applicationID: "orchard",
            deviceID: "probe-7",
            devEUI: EUI64(rawValue: 0xA817_58FF_FE00_C0DE),
            joinEUI: EUI64(rawValue: 0x70B3_D57E_D000_0001),
            devAddr: DevAddr(rawValue: 0x2601_1F2A),
        )
    }

    static var registered: DeviceIdentity {
        var device = device
        device.location = GeoLocation(latitude: 52.3731, longitude: 4.8922, altitude: 12, source: .registry)
        device.attributes = [.init(name: "field", value: "north"), .init(name: "tree", value: "17")]
        return device
    }

    static var reception: ReceptionMetadata {
        ReceptionMetadata(
            gatewayID: "eu",
            receivedAt: time,
            timestamp: 7_012_345,
            channel: 1,
            rssi: -97,
            snr: 7.5,
        )
    }

    static var radio: RadioMetadata {
        RadioMetadata(
            frequency: 868_300_000,
            modulation: .lora(spreading: 7, bandwidth: 125_000),
            phyPayloadSize: 17,
            receptions: [reception],
        )
    }

    static var uplink: UplinkMessage {
        UplinkMessage(
            device: device,
            port: 2,
            counter: 41,
            payload: [0x01, 0x67, 0x01, 0x10],
            fields: Array(#"{"temperature_1":27.2}"#.utf8),
            radio: radio,
            sessionKeyID: [0x01, 0x8D, 0x71],
            receivedAt: time,
            netID: NetID(rawValue: 0x13),
            correlationIDs: ["as:up:01HXEXAMPLE"],
        )
    }

    /// Everything an uplink can carry.
    static var fullUplink: UplinkMessage {
        var uplink = uplink
        uplink.device = registered
        uplink.isConfirmed = true
        uplink.repetition = .redelivery
        uplink.fields = Array(#"{"door":{"open":true,"n":3},"bat":3.1,"note":"a\"b"}"#.utf8)
        uplink.fieldsWarnings = ["battery low"]
        uplink.normalized = [
            Array(#"{"air":{"temperature":27.2}}"#.utf8), Array(#"{"air":{"temperature":27.4}}"#.utf8),
        ]
        uplink.normalizedWarnings = ["measurement 1: relativeHumidity 120 is above 100"]
        uplink.location = GeoLocation(latitude: 52.5, longitude: 4.9, altitude: 3.4, accuracy: 8, source: .gps)
        uplink.packetErrorRate = 0.25
        var second = reception
        second.gatewayID = "uk"
        second.gatewayEUI = EUI64(rawValue: 0xB827_EBFF_FE00_0001)
        second.time = UnixTime(nanoseconds: time.nanoseconds - 41_000_000)
        second.antenna = 1
        second.channel = 0
        second.rssi = -101.5
        second.snr = 0
        second.rfChain = 1
        second.location = GeoLocation(latitude: -33.5, longitude: 0, altitude: 20, source: .registry)
        uplink.radio?.receptions.append(second)
        return uplink
    }

    static var request: DownlinkRequest {
        DownlinkRequest(
            port: 10,
            payload: [0xFF, 0x01, 0x02],
            isConfirmed: true,
            ttl: 600,
            id: "valve-17",
            correlationIDs: ["orchard:valve:17"],
            origin: .v2,
        )
    }

    static var transmission: DownlinkTransmission {
        DownlinkTransmission(
            phyPayload: [
                0x60, 0x2A, 0x1F, 0x01, 0x26, 0x00, 0x05, 0x00, 0x0A, 0x9C, 0x51, 0x0E, 0x11, 0x22, 0x33, 0x44,
            ],
            gatewayID: "eu",
            frequency: 869_525_000,
            modulation: .lora(spreading: 9, bandwidth: 125_000),
            power: 27,
        )
    }

    static func downlink(_ stage: DownlinkEvent.Stage, _ request: DownlinkRequest? = request) -> DownlinkEvent {
        DownlinkEvent(device: device, time: time, request: request, stage: stage, sessionKeyID: [1, 0x8D, 0x71])
    }

    static var failure: FailureReport {
        FailureReport(
            "Downlink Payload not valid: 120 octets, the data rate carries 51",
            reason: "payload_too_long",
            field: "payload_raw",
            figures: [.init("size", 120), .init("limit", 51)],
        )
    }
}

/// Encodes into one format and reads bodies back.
enum Encoded {
    static func topics(prefix: String = "", tenant: String? = "ttn") throws -> TopicSpace {
        try TopicSpace(prefix: prefix, tenant: tenant)
    }

    static func v2(_ message: ApplicationMessage, publishesFields: Bool = true) throws -> [OutgoingMessage] {
        var output: [OutgoingMessage] = []
        TTNv2Encoder(topics: try topics(), publishesFields: publishesFields).encode(message, into: &output)
        return output
    }

    static func v3(_ message: ApplicationMessage) throws -> [OutgoingMessage] {
        var output: [OutgoingMessage] = []
        TTNv3Encoder(topics: try topics()).encode(message, into: &output)
        return output
    }
}

extension OutgoingMessage {
    var text: String { String(decoding: payload, as: UTF8.self) }

    var json: JSONValue {
        get throws { try JSONValue(parsing: payload) }
    }
}

extension JSONValue {
    /// Names of the members of an object, in order.
    var names: [String] { object?.members.map(\.name) ?? [] }
}
