// SPDX-License-Identifier: Apache-2.0
import JSON
import TTNMessages
import Testing

@Suite struct DecodedLocationTests {
    private func solved(_ fields: String) throws -> JSONValue? {
        var uplink = Sample.uplink
        uplink.fields = Array(fields.utf8)
        let messages = try Encoded.v3(.uplink(uplink))
        guard messages.count == 2 else { return nil }
        #expect(messages[1].topic == "v3/orchard@ttn/devices/probe-7/location/solved")
        #expect(messages[1].kind == .location)
        let value = try messages[1].json["location_solved"]
        #expect(value?["service"] == "frm-payload")
        return value?["location"]
    }

    @Test(arguments: [
        #"{"lat":52.1,"lon":4.9}"#, #"{"lat":52.1,"lng":4.9}"#, #"{"lat":52.1,"long":4.9}"#,
        #"{"latitude":52.1,"longitude":4.9}"#, #"{"Latitude":52.1,"Longitude":4.9}"#,
        #"{"latitudeDeg":52.1,"longitudeDeg":4.9}"#, #"{"gps_lat":52.1,"gps_lng":4.9}"#,
        #"{"t":21, "gps_3":{"latitude":52.1,"longitude":4.9}, "lat":1,"lon":1}"#,
    ])
    func `each known pair of names is a place`(fields: String) throws {
        #expect(try solved(fields) == ["latitude": 52.1, "longitude": 4.9, "source": "SOURCE_GPS"])
    }

    @Test func `height and accuracy are read`() throws {
        #expect(
            try solved(#"{"lat":-1,"lon":1,"alt":12.4,"hacc":7}"#)
                == ["latitude": -1, "longitude": 1, "altitude": 12, "accuracy": 7, "source": "SOURCE_GPS"],
        )
    }

    @Test(arguments: [
        #"{"lat":0,"lon":0}"#, #"{"lat":91,"lon":0}"#, #"{"lat":1,"lon":-180.1}"#, #"{"lat":1}"#,
        #"{"lat":"52.1","lon":"4.9"}"#, #"{"Lat":1,"Lon":1}"#, #"{"nested":{"lat":1,"lon":1}}"#,
        #"{"gps_":{"latitude":1,"longitude":1}}"#, #"{"gps_x":{"latitude":1,"longitude":1}}"#, "{}",
    ])
    func `nothing else is a place`(fields: String) throws {
        #expect(try solved(fields) == nil)
    }
}
