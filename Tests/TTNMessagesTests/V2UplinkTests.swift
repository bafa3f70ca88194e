// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import TTNMessages
import Testing

@Suite struct V2UplinkTests {
    private func body(_ change: (inout UplinkMessage) -> Void = { _ in }) throws -> JSONValue {
        var uplink = Sample.uplink
        change(&uplink)
        let message = try #require(try Encoded.v2(.uplink(uplink)).first)
        #expect(message.topic == "orchard/devices/probe-7/up")
        return try message.json
    }

    private func text(_ change: (inout UplinkMessage) -> Void) throws -> String {
        var uplink = Sample.uplink
        change(&uplink)
        return try #require(try Encoded.v2(.uplink(uplink)).first).text
    }

    @Test func `the serial is 16 upper case digits`() throws {
        #expect(try body()["hardware_serial"] == "A81758FFFE00C0DE")
        #expect(try body { $0.device.devEUI = nil }["hardware_serial"] == nil)
    }

    @Test func `port and counter are there when 0, flags are not there when false`() throws {
        let value = try body {
            $0.port = nil
            $0.counter = 0
        }
        #expect(value["port"] == 0)
        #expect(value["counter"] == 0)
        #expect(value["confirmed"] == nil)
        #expect(value["is_retry"] == nil)
    }

    @Test func `payload is padded base64, and null without a payload or on port 0`() throws {
        #expect(try body()["payload_raw"] == "AWcBEA==")
        #expect(try body { $0.payload = [] }["payload_raw"] == .null)
        #expect(try body { $0.port = 0 }["payload_raw"] == .null)
    }

    @Test(
        arguments: [
            (868_100_000, "868.1"), (868_300_000, "868.3"), (867_900_000, "867.9"), (923_300_000, "923.3"),
            (902_500_000, "902.5"), (865_062_500, "865.0625"), (433_175_000, "433.175"), (868_000_000, "868"),
        ] as [(UInt32, String)]
    )
    func `frequencies are megahertz without binary noise`(frequency: UInt32, text: String) throws {
        #expect(try self.text { $0.radio?.frequency = frequency }.contains("\"frequency\":\(text),"))
    }

    @Test(
        arguments: [
            (7, 10, 41_216_000), (8, 10, 72_192_000), (9, 10, 144_384_000), (10, 10, 288_768_000),
            (11, 10, 577_536_000), (12, 10, 991_232_000), (7, 13, 46_336_000), (7, 14, 46_336_000),
            (7, 15, 46_336_000), (7, 16, 51_456_000),
        ] as [(UInt8, Int, Int64)]
    )
    func `airtime is that of the whole frame in nanoseconds`(spreading: UInt8, size: Int, airtime: Int64) throws {
        let value = try body {
            $0.radio?.modulation = .lora(spreading: spreading, bandwidth: 125_000)
            $0.radio?.phyPayloadSize = size
        }
        #expect(value["metadata"]?["airtime"] == .integer(airtime))
        #expect(value["metadata"]?["data_rate"] == .string("SF\(spreading)BW125"))
        #expect(value["metadata"]?["coding_rate"] == "4/5")
    }

    @Test func `times end in Z, and an unknown time of a gateway is empty`() throws {
        let value = try body()
        #expect(value["metadata"]?["time"] == "2020-03-01T08:15:00.25Z")
        #expect(value["metadata"]?["gateways"]?.elements?.first?["time"] == "")
    }

    @Test func `FSK has a bit rate and no data rate`() throws {
        let metadata = try body { $0.radio?.modulation = .fsk(deviation: 25_000, bitRate: 50_000) }["metadata"]
        #expect(metadata?["modulation"] == "FSK")
        #expect(metadata?["bit_rate"] == 50_000)
        #expect(metadata?["data_rate"] == nil)
        #expect(metadata?["coding_rate"] == nil)
    }

    @Test func `figures of a gateway are there when 0`() throws {
        let gateway = try body {
            $0.radio?.receptions = [ReceptionMetadata(gatewayID: "eu", rssi: 0, snr: 0)]
        }["metadata"]?["gateways"]?.elements?.first
        #expect(gateway?.names == ["gtw_id", "gtw_trusted", "time", "channel", "rssi", "snr", "rf_chain"])
        for name in ["channel", "rssi", "snr", "rf_chain"] { #expect(gateway?[name] == 0) }
    }

    @Test func `each copy of a frame is a gateway of its own`() throws {
        let gateways = try body {
            var second = Sample.reception
            second.rssi = -110.5
            $0.radio?.receptions.append(second)
        }["metadata"]?["gateways"]?.elements
        #expect(gateways?.count == 2)
        #expect(gateways?.last?["rssi"] == -110.5)
    }

    @Test(arguments: [UplinkMessage.Repetition.retransmission, .redelivery])
    func `a repeated uplink is published with is_retry`(repetition: UplinkMessage.Repetition) throws {
        #expect(try body { $0.repetition = repetition }["is_retry"] == true)
    }

    @Test func `without a payload format there are no fields and no attributes`() throws {
        let value = try body {
            $0.device = Sample.registered
            $0.fields = nil
        }
        #expect(value["payload_fields"] == nil)
        #expect(value["attributes"] == nil)
    }

    @Test func `an empty object of fields is left out but lets the attributes through`() throws {
        let value = try body {
            $0.device = Sample.registered
            $0.fields = Array("{ }".utf8)
        }
        #expect(value["payload_fields"] == nil)
        #expect(value["attributes"] == ["field": "north", "tree": "17"])
    }

    @Test func `the device's place is the RAN's, else the registry's`() throws {
        let registered = try body { $0.device = Sample.registered }["metadata"]
        #expect(registered?["latitude"] == 52.3731)
        #expect(registered?["altitude"] == 12)
        #expect(registered?["location_source"] == "registry")
        let told = try body {
            $0.device = Sample.registered
            $0.location = GeoLocation(latitude: 1.5, longitude: 2.5, source: .gps)
        }["metadata"]
        #expect(told?["latitude"] == 1.5)
        #expect(told?["location_source"] == "gps")
        let withoutFix = try body {
            $0.device = Sample.registered
            $0.location = GeoLocation(latitude: 0, longitude: 0, source: .gps)
        }["metadata"]
        #expect(withoutFix?["location_source"] == "registry")
        #expect(try body()["metadata"]?["location_source"] == nil)
    }

    @Test func `texts are escaped`() throws {
        let value = try body { $0.device.attributes = [.init(name: "note", value: "\"a\"\n<b>\\")] }
        #expect(value["attributes"]?["note"] == "\"a\"\n<b>\\")
    }

    @Test func `a coding rate other than the default is told and counts in the airtime`() throws {
        let metadata = try body { $0.radio?.codingRate = .fourEighths }["metadata"]
        #expect(metadata?["coding_rate"] == "4/8")
        #expect(metadata?["airtime"] == 69_888_000)
    }
}
