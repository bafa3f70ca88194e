// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import TTNMessages

/// Encoding an uplink for applications and for the outbox.
enum MessageStages {
    static func measure() throws -> [Measurement] {
        let topics = try TopicSpace(tenant: "ttn")
        let uplink = message()
        var sink = 0
        func encoding(_ name: String, _ formats: Set<TTNFormat>, fields: Bool) -> Measurement {
            let encoder = MessageEncoder(topics: topics, formats: formats, publishesFields: fields)
            return Measurement.cpu(name, count: 20_000) { count in
                for _ in 0..<count { sink &+= encoder.messages(for: .uplink(uplink)).count }
            }
        }
        let v2 = encoding("ttn: encode an uplink, v2", [.v2], fields: false)
        let fields = encoding("ttn: encode an uplink, v2 with field topics", [.v2], fields: true)
        let both = encoding("ttn: encode an uplink, v2 and v3", [.v2, .v3], fields: false)
        let record = OutboxRecord(.uplink(uplink)).encoded()
        let written = Measurement.cpu("outbox: write a record", count: 50_000) { count in
            for _ in 0..<count { sink &+= OutboxRecord(.uplink(uplink)).encoded().count }
        }
        let read = try Measurement.cpu("outbox: read a record", count: 50_000) { count in
            for _ in 0..<count {
                if case .uplink(let one) = try OutboxRecord(decoding: record).message { sink &+= Int(one.counter) }
            }
        }
        precondition(sink != 1, "keeps the work from being optimised away")
        return [v2, fields, both, written, read]
    }

    private static func message() -> UplinkMessage {
        let fields = #"{"temperature_1":27.2,"relative_humidity_2":50,"digital_in_3":1,"battery":3.61,"state":"ok"}"#
        return UplinkMessage(
            device: DeviceIdentity(
                applicationID: "orchard",
                deviceID: "probe-7",
                devEUI: EUI64(rawValue: 0xA817_58FF_FE00_C0DE),
                joinEUI: EUI64(rawValue: 0x70B3_D57E_D000_0001),
                devAddr: DevAddr(rawValue: 0x2601_1F2A),
                attributes: ["site": "north"],
            ),
            port: 2,
            counter: 70_041,
            payload: [1, 103, 1, 16, 2, 104, 100, 3, 0, 1, 7, 8],
            fields: Array(fields.utf8),
            radio: RadioMetadata(
                frequency: 868_300_000,
                modulation: .lora(spreading: 7, bandwidth: 125_000),
                phyPayloadSize: 25,
                receptions: [ReceptionMetadata(gatewayID: "eu", rssi: -97, snr: 7.5)],
            ),
            receivedAt: UnixTime(nanoseconds: 1_790_000_000_123_456_789),
            correlationIDs: ["as:up:01HXEXAMPLE0000000000000000"],
        )
    }
}
