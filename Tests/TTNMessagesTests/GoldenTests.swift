// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import TTNMessages
import Testing

/// One message of every kind in both formats.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String
    let message: ApplicationMessage
    let v2: [String]
    let v3: [String]

    var testDescription: String { name }

    static let all: [GoldenCase] = [
        GoldenCase(name: "uplink", message: .uplink(Sample.uplink), v2: ["up", "up/temperature_1"], v3: ["up"]),
        GoldenCase(
            name: "uplink-full",
            message: .uplink(Sample.fullUplink),
            v2: ["up", "up/door", "up/door/open", "up/door/n", "up/bat", "up/note"],
            v3: ["up", "up/normalized", "up/normalized"],
        ),
        GoldenCase(name: "uplink-bare", message: .uplink(bareUplink), v2: ["up"], v3: ["up"]),
        GoldenCase(name: "uplink-fsk", message: .uplink(fskUplink), v2: ["up", "up/temperature_1"], v3: ["up"]),
        GoldenCase(name: "uplink-lrfhss", message: .uplink(fhssUplink), v2: ["up", "up/temperature_1"], v3: ["up"]),
        GoldenCase(name: "uplink-simulated", message: .uplink(simulatedUplink), v2: ["up"], v3: ["up"]),
        GoldenCase(
            name: "uplink-located",
            message: .uplink(locatedUplink),
            v2: ["up", "up/lat", "up/lon"],
            v3: ["up", "location/solved"],
        ),
        GoldenCase(name: "activation", message: .activation(activation), v2: ["events/activations"], v3: ["join"]),
        GoldenCase(
            name: "down-scheduled",
            message: .downlink(Sample.downlink(.scheduled)),
            v2: ["events/down/scheduled"],
            v3: ["down/queued"],
        ),
        GoldenCase(
            name: "down-rescheduled",
            message: .downlink(rescheduled),
            v2: ["events/down/scheduled"],
            v3: ["down/queued"],
        ),
        GoldenCase(name: "down-sent", message: .downlink(sent), v2: ["events/down/sent"], v3: ["down/sent"]),
        GoldenCase(name: "down-sent-mac", message: .downlink(sentMAC), v2: ["events/down/sent"], v3: []),
        GoldenCase(
            name: "down-ack",
            message: .downlink(Sample.downlink(.acknowledged)),
            v2: ["events/down/acks"],
            v3: ["down/ack"],
        ),
        GoldenCase(name: "down-nack", message: .downlink(nack), v2: ["events/down/nacks"], v3: ["down/nack"]),
        GoldenCase(
            name: "down-failed",
            message: .downlink(Sample.downlink(.failed(Sample.failure))),
            v2: ["events/down/errors"],
            v3: ["down/failed"],
        ),
        GoldenCase(
            name: "down-failed-bare",
            message: .downlink(noGateway),
            v2: ["events/down/errors"],
            v3: ["down/failed"],
        ),
        GoldenCase(
            name: "down-class-c",
            message: .downlink(classC),
            v2: ["events/down/scheduled"],
            v3: ["down/queued"]
        ),
        GoldenCase(name: "down-invalidated", message: .invalidation(invalidation), v2: [], v3: ["down/invalidated"]),
        GoldenCase(name: "up-error", message: .error(upError), v2: ["events/up/errors"], v3: ["service/data"]),
        GoldenCase(
            name: "activation-error",
            message: .error(activationError),
            v2: ["events/activations/errors"],
            v3: ["service/data"],
        ),
        GoldenCase(
            name: "device-created",
            message: .device(DeviceEvent(device: Sample.registered, change: .created, time: Sample.time)),
            v2: ["events/create"],
            v3: [],
        ),
        GoldenCase(
            name: "device-joined-in",
            message: .device(DeviceEvent(device: Sample.device, change: .createdOnJoin, time: Sample.time)),
            v2: ["events/create"],
            v3: [],
        ),
        GoldenCase(
            name: "device-updated",
            message: .device(DeviceEvent(device: Sample.device, change: .updated(location: nil), time: Sample.time)),
            v2: ["events/update"],
            v3: [],
        ),
        GoldenCase(
            name: "device-deleted",
            message: .device(DeviceEvent(device: Sample.device, change: .deleted, time: Sample.time)),
            v2: ["events/delete"],
            v3: [],
        ),
        GoldenCase(name: "service-data", message: .service(serviceData), v2: [], v3: ["service/data"]),
        GoldenCase(name: "location-solved", message: .location(solved), v2: [], v3: ["location/solved"]),
    ]

    private static var bareUplink: UplinkMessage {
        UplinkMessage(
            device: DeviceIdentity(applicationID: "orchard", deviceID: "probe-7", devEUI: EUI64(rawValue: 1)),
            port: nil,
            counter: 0,
            payload: [],
            radio: RadioMetadata(
                frequency: 868_100_000,
                modulation: .lora(spreading: 12, bandwidth: 125_000),
                phyPayloadSize: 12,
                receptions: [ReceptionMetadata(gatewayID: "eu", rssi: 0, snr: 0)],
            ),
            receivedAt: UnixTime(milliseconds: 1_583_050_500_000),
        )
    }

    private static var fskUplink: UplinkMessage {
        var uplink = Sample.uplink
        uplink.radio?.modulation = .fsk(deviation: 25_000, bitRate: 50_000)
        return uplink
    }

    private static var fhssUplink: UplinkMessage {
        var uplink = Sample.uplink
        uplink.radio?.modulation = .fhss(occupiedWidth: 137_000, codingRate: "1/3")
        return uplink
    }

    private static var simulatedUplink: UplinkMessage {
        UplinkMessage(
            device: Sample.registered,
            port: 5,
            counter: 0,
            isSimulated: true,
            payload: [1, 2, 3],
            radio: nil,
            receivedAt: Sample.time,
        )
    }

    private static var locatedUplink: UplinkMessage {
        var uplink = Sample.uplink
        uplink.fields = Array(#"{"lat":52.1,"lon":4.9}"#.utf8)
        return uplink
    }

    private static var activation: ActivationEvent {
        ActivationEvent(
            device: Sample.device,
            receivedAt: Sample.time,
            radio: Sample.radio,
            sessionKeyID: [1, 0x8D, 0x72],
            correlationIDs: ["as:up:01HXJOIN"],
        )
    }

    private static var rescheduled: DownlinkEvent {
        var event = Sample.downlink(.scheduled)
        event.attempt = 1
        event.ranResult = "TooLate: the window has passed"
        return event
    }

    private static var sent: DownlinkEvent {
        var request = Sample.request
        request.fields = Array(#"{"valve":1}"#.utf8)
        var event = Sample.downlink(.sent(Sample.transmission), request)
        event.port = 10
        event.counter = 5
        event.attempt = 1
        event.ranResult = "Success"
        event.correlationIDs = ["as:downlink:01HXDOWN"]
        return event
    }

    private static var sentMAC: DownlinkEvent {
        Sample.downlink(.sent(Sample.transmission), nil)
    }

    private static var nack: DownlinkEvent {
        var event = Sample.downlink(.notAcknowledged)
        event.counter = 5
        event.port = 10
        event.attempt = 2
        return event
    }

    private static var noGateway: DownlinkEvent {
        Sample.downlink(
            .failed(FailureReport("No gateways available for downlink", reason: "no_downlink_path")),
            nil,
        )
    }

    private static var classC: DownlinkEvent {
        let request = DownlinkRequest(
            port: 3,
            fields: Array(#"{"on":true}"#.utf8),
            priority: .normal,
            forbidsClassA: true,
            absoluteTime: Sample.time,
            maximumAttempts: 3,
            origin: .v3,
        )
        return Sample.downlink(.scheduled, request)
    }

    private static var invalidation: QueueInvalidation {
        QueueInvalidation(
            device: Sample.device,
            time: Sample.time,
            requests: [Sample.request],
            lastCounter: 9,
            sessionKeyID: [1, 0x8D, 0x71],
        )
    }

    private static var upError: ErrorEvent {
        ErrorEvent(
            subject: .device(Sample.device),
            kind: .uplink,
            report: FailureReport(
                "Frame counter 12 was used before: the last one is 41",
                reason: "f_cnt_replayed",
                figures: [.init("last_f_cnt", 41), .init("f_cnt", 12)],
            ),
            time: Sample.time,
            radio: Sample.radio,
        )
    }

    private static var activationError: ErrorEvent {
        var device = Sample.device
        device.devAddr = nil
        return ErrorEvent(
            subject: .device(device),
            kind: .activation,
            report: FailureReport(
                "Activation DevNonce not valid: already used",
                reason: "dev_nonce_reused",
                figures: [.init("dev_nonce", 513)],
            ),
            time: Sample.time,
        )
    }

    private static var serviceData: ServiceData {
        ServiceData(
            device: Sample.device,
            time: Sample.time,
            service: "clock-sync",
            data: Array(#"{"correction_s":-3}"#.utf8),
        )
    }

    private static var solved: SolvedLocation {
        SolvedLocation(
            device: Sample.device,
            time: Sample.time,
            service: "ran",
            location: GeoLocation(latitude: 52.5, longitude: -4.9, altitude: 3, accuracy: 8, source: .gps),
        )
    }
}

@Suite struct GoldenTests {
    @Test(arguments: GoldenCase.all)
    func `every kind of v2 message has its golden body`(sample: GoldenCase) throws {
        let messages = try Encoded.v2(sample.message)
        #expect(messages.map(\.topic) == sample.v2.map { "orchard/devices/probe-7/" + $0 })
        #expect(messages.allSatisfy { $0.format == .v2 })
        for (index, message) in messages.enumerated() where message.kind != .field {
            try Fixture(name: "v2-\(sample.name)\(index == 0 ? "" : "-\(index)")").expect(message.payload)
        }
    }

    @Test(arguments: GoldenCase.all)
    func `every kind of v3 message has its golden body`(sample: GoldenCase) throws {
        let messages = try Encoded.v3(sample.message)
        #expect(messages.map(\.topic) == sample.v3.map { "v3/orchard@ttn/devices/probe-7/" + $0 })
        #expect(messages.allSatisfy { $0.format == .v3 })
        for (index, message) in messages.enumerated() {
            try Fixture(name: "v3-\(sample.name)\(index == 0 ? "" : "-\(index)")").expect(message.payload)
        }
    }

    @Test(arguments: GoldenCase.all)
    func `every kind of message comes back from the outbox as it was`(sample: GoldenCase) throws {
        let octets = OutboxRecord(sample.message).encoded()
        #expect(try OutboxRecord(decoding: octets).message == sample.message)
    }

    @Test(arguments: GoldenCase.all)
    func `a record cut short anywhere is refused`(sample: GoldenCase) {
        let octets = OutboxRecord(sample.message).encoded()
        for count in octets.indices {
            #expect(throws: RecordError.self) { try OutboxRecord(decoding: Array(octets[..<count])) }
        }
        #expect(throws: RecordError.damaged(offset: octets.count)) { try OutboxRecord(decoding: octets + [0]) }
    }
}
