// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import TTNMessages
import Testing

@Suite struct V3UplinkTests {
    private func message(_ change: (inout UplinkMessage) -> Void = { _ in }) throws -> JSONValue {
        var uplink = Sample.uplink
        change(&uplink)
        return try #require(try Encoded.v3(.uplink(uplink)).first).json
    }

    private func uplink(_ change: (inout UplinkMessage) -> Void = { _ in }) throws -> JSONValue {
        try #require(try message(change)["uplink_message"])
    }

    @Test func `the tenant is in the topic, not in the body`() throws {
        let sent = try #require(try Encoded.v3(.uplink(Sample.uplink)).first)
        #expect(sent.topic == "v3/orchard@ttn/devices/probe-7/up")
        #expect(try sent.json["end_device_ids"]?["application_ids"] == ["application_id": "orchard"])
    }

    @Test func `frequency is hertz as text, bandwidth hertz as a number`() throws {
        let settings = try uplink()["settings"]
        #expect(settings?["frequency"] == "868300000")
        #expect(
            settings?["data_rate"] == ["lora": ["bandwidth": 125_000, "spreading_factor": 7, "coding_rate": "4/5"]],
        )
        #expect(settings?["timestamp"] == 7_012_345)
    }

    @Test func `zeros are left out`() throws {
        let value = try uplink {
            $0.counter = 0
            $0.port = 0
            $0.payload = []
            $0.fields = nil
            $0.radio?.receptions = [ReceptionMetadata(gatewayID: "eu", rssi: -90, snr: 0)]
        }
        for name in ["f_cnt", "f_port", "frm_payload", "decoded_payload", "confirmed", "packet_error_rate"] {
            #expect(value[name] == nil)
        }
        #expect(
            value["rx_metadata"]?.elements?.first
                == ["gateway_ids": ["gateway_id": "eu"], "rssi": -90, "channel_rssi": -90],
        )
    }

    @Test func `EUIs are upper case`() throws {
        let ids = try message()["end_device_ids"]
        #expect(ids?["dev_eui"] == "A81758FFFE00C0DE")
        #expect(ids?["join_eui"] == "70B3D57ED0000001")
        #expect(ids?["dev_addr"] == "26011F2A")
    }

    @Test(
        arguments: [
            (0, "2020-03-01T08:15:00Z"), (250_000_000, "2020-03-01T08:15:00.250Z"),
            (250_100_000, "2020-03-01T08:15:00.250100Z"), (1, "2020-03-01T08:15:00.000000001Z"),
        ] as [(Int64, String)]
    )
    func `times have 0, 3, 6 or 9 decimals`(nanoseconds: Int64, text: String) throws {
        let time = UnixTime(nanoseconds: 1_583_050_500_000_000_000 + nanoseconds)
        #expect(try message { $0.receivedAt = time }["received_at"] == .string(text))
    }

    @Test func `durations end in s`() throws {
        #expect(try uplink()["consumed_airtime"] == "0.051456s")
        let slow = try uplink {
            $0.radio?.modulation = .lora(spreading: 12, bandwidth: 125_000)
            $0.radio?.phyPayloadSize = 255
        }
        #expect(slow["consumed_airtime"] == "9.019392s")
        let whole = try uplink {
            $0.radio?.modulation = .fsk(deviation: 0, bitRate: 8)
            $0.radio?.phyPayloadSize = 1
        }
        #expect(whole["consumed_airtime"] == "12s")
    }

    @Test func `a failed formatter leaves decoded_payload out, an empty object stays`() throws {
        #expect(try uplink { $0.fields = nil }["decoded_payload"] == nil)
        #expect(try uplink { $0.fields = Array("{}".utf8) }["decoded_payload"] == [:])
    }

    @Test func `warnings of the formatter are told`() throws {
        #expect(try uplink { $0.fieldsWarnings = ["w"] }["decoded_payload_warnings"] == ["w"])
    }

    @Test func `each normalized measurement is a message of its own with one object`() throws {
        var uplink = Sample.uplink
        uplink.normalized = [Array(#"{"air":{"temperature":1}}"#.utf8), Array(#"{"air":{"temperature":2}}"#.utf8)]
        uplink.normalizedWarnings = ["measurement 1: air.relativeHumidity 120 is above 100"]
        let messages = try Encoded.v3(.uplink(uplink))
        #expect(messages.map(\.kind) == [.uplink, .normalized, .normalized])
        #expect(try messages[0].json["uplink_message"]?["normalized_payload"]?.elements?.count == 2)
        for (index, message) in messages.dropFirst().enumerated() {
            #expect(message.topic == "v3/orchard@ttn/devices/probe-7/up/normalized")
            let value = try message.json["uplink_normalized"]
            #expect(value?["normalized_payload"] == ["air": ["temperature": .integer(Int64(index + 1))]])
            #expect(value?["normalized_payload_warnings"]?.elements?.count == 1)
            #expect(value?["decoded_payload"] == nil)
            #expect(value?["packet_error_rate"] == nil)
        }
    }

    @Test func `simulated is told only when true`() throws {
        #expect(try message()["simulated"] == nil)
        #expect(try message { $0.isSimulated = true }["simulated"] == true)
    }

    @Test func `a retransmission is not published again, a redelivery is`() throws {
        var uplink = Sample.uplink
        uplink.repetition = .retransmission
        #expect(try Encoded.v3(.uplink(uplink)).isEmpty)
        uplink.repetition = .redelivery
        #expect(try Encoded.v3(.uplink(uplink)).count == 1)
    }

    @Test func `the places of a device stand under their sources`() throws {
        let locations = try uplink {
            $0.device = Sample.registered
            $0.location = GeoLocation(latitude: 1, longitude: 2, source: .gps)
            $0.fields = Array(#"{"lat":52.1,"lon":4.9}"#.utf8)
        }["locations"]
        #expect(locations?.names == ["user", "frm-payload", "ran"])
        #expect(locations?["user"]?["source"] == "SOURCE_REGISTRY")
        #expect(locations?["ran"] == ["latitude": 1, "longitude": 2, "source": "SOURCE_GPS"])
    }

    @Test func `a join tells the new address and a session key id, and no key`() throws {
        let activation = ActivationEvent(
            device: Sample.device,
            receivedAt: Sample.time,
            radio: Sample.radio,
            sessionKeyID: [1, 0x8D, 0x72],
        )
        let sent = try #require(try Encoded.v3(.activation(activation)).first)
        #expect(sent.topic == "v3/orchard@ttn/devices/probe-7/join")
        #expect(try sent.json["end_device_ids"]?["dev_addr"] == "26011F2A")
        #expect(try sent.json["join_accept"]?.names == ["session_key_id", "received_at"])
        #expect(try sent.json["join_accept"]?["session_key_id"] == "AY1y")
    }
}
