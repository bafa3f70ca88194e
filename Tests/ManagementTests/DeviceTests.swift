// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Management
import Testing

@Suite struct DeviceTests {
    static let owner = DeviceDescription.Owner(applicationID: "app", deviceID: "d1")

    static func read(_ object: JSONObject) throws(ManagementFault) -> DeviceDescription {
        var device = DeviceDescription()
        try device.apply(object, owner: owner)
        return device
    }

    @Test("nested, flat and camelCase say the same")
    func spellings() throws {
        let nested = try Self.read([
            "lorawan_device": [
                "dev_eui": "0004A30B001C0530", "app_eui": "70B3D57ED0F00001",
                "app_key": "00112233445566778899AABBCCDDEEFF", "uses32_bit_f_cnt": false, "f_cnt_up": 7,
            ]
        ])
        let flat = try Self.read([
            "dev_eui": "0004a30b001c0530", "join_eui": "70b3d57ed0f00001",
            "app_key": "00112233445566778899aabbccddeeff", "uses32_bit_f_cnt": false, "f_cnt_up": 7,
        ])
        let camel = try Self.read([
            "devEui": "0004A30B001C0530", "appEui": "70B3D57ED0F00001",
            "appKey": "00112233445566778899AABBCCDDEEFF", "uses32BitFCnt": false, "fCntUp": 7,
        ])
        #expect(nested == flat)
        #expect(nested == camel)
        #expect(nested.devEUI == EUI64(rawValue: 0x0004_A30B_001C_0530))
        #expect(nested.uses32BitFCnt == false)
    }

    @Test("what is written can be read again")
    func roundTrip() throws {
        let object: JSONObject = [
            "description": "roof", "latitude": 52.5, "longitude": 13.4, "altitude": 34, "coverage": "eu",
            "payload_format": "cayennelpp", "codec": "maker/sensor", "attributes": ["site": "a"],
            "lorawan_device": [
                "dev_eui": "0004A30B001C0530", "dev_addr": "26011234", "app_s_key": "00112233445566778899AABBCCDDEEFF",
                "f_nwk_s_int_key": "10112233445566778899AABBCCDDEEFF",
                "s_nwk_s_int_key": "20112233445566778899AABBCCDDEEFF",
                "nwk_s_enc_key": "30112233445566778899AABBCCDDEEFF", "lorawan_version": "1.1", "class": "C",
                "region": "EU868", "adr": false, "f_cnt_up": 4_294_967_295, "f_cnt_down": 0,
                "disable_f_cnt_check": true, "uses32_bit_f_cnt": true, "resets_f_cnt": true,
            ],
        ]
        let device = try Self.read(object)
        let written = device.members(owner: Self.owner, showsKeys: true)
        #expect(try Self.read(written) == device)
        #expect(written["lorawan_device"]?["dev_addr"] == "26011234")
        let bare = JSONValue.object(device.members(owner: Self.owner, showsKeys: false)).jsonText
        #expect(!bare.contains("AABBCCDDEEFF"), "no key is shown")
        guard case .personalised(_, let keys) = try device.activation() else { return #expect(Bool(false)) }
        #expect(keys.fNwkSIntKey != keys.sNwkSIntKey)
    }

    @Test("what a device that was read says of itself can be sent back")
    func sentBack() throws {
        let device = try Self.read([
            "app_id": "app", "dev_id": "d1", "dev_eui": "0004A30B001C0530", "ran": ["state": "pending"],
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "multicast_groups": ["g"],
            "lorawan_device": ["last_seen": 7, "activation_constraints": "local", "used_dev_nonces": [1]],
        ])
        #expect(device.devEUI != nil)
    }

    @Test("null takes away, what is not named stays")
    func partial() throws {
        var device = try Self.read([
            "description": "x", "latitude": 1, "longitude": 2, "attributes": ["a": "1", "b": "2"],
        ])
        let names = try device.apply(
            ["latitude": nil, "longitude": nil, "attributes": ["a": nil, "c": "3"]],
            owner: Self.owner
        )
        #expect(names == ["latitude", "longitude", "attributes"])
        #expect(device.latitude == nil)
        #expect(device.text == "x")
        #expect(device.attributes == ["b": "2", "c": "3"])
        try device.apply(["attributes": nil], owner: Self.owner)
        #expect(device.attributes.isEmpty)
    }

    @Test(
        "a wrong member is named with what would be right",
        arguments: [
            ("dev_eui", "7", "dev_eui must be 16 hexadecimal digits"),
            ("devEui", 7, "devEui must be 16 hexadecimal digits"),
            ("app_key", "zz", "app_key must be 32 hexadecimal digits"),
            ("dev_addr", "123", "dev_addr must be 8 hexadecimal digits"),
            ("latitude", 91, "latitude must be a number from -90 to 90"),
            ("longitude", "east", "longitude must be a number from -180 to 180"),
            ("f_cnt_up", -1, "f_cnt_up must be a whole number from 0 to 4294967295"),
            ("f_cnt_up", 1.5, "f_cnt_up must be a whole number from 0 to 4294967295"),
            ("adr", "yes", "adr must be true or false"),
            ("class", "D", "class must be A, B or C"),
            ("lorawan_version", "2.0", "lorawan_version must be one of 1.0.0, 1.0.1, 1.0.2, 1.0.3, 1.0.4, 1.1"),
            ("payload_format", "lpp", "payload_format must be none, custom or cayennelpp"),
            ("app_id", "other", "app_id must be the application of the topic, app"),
            ("dev_id", "d2", "dev_id must be the dev_id of the request, d1"),
            ("attributes", ["a": 1], "attributes.a must be a text of at most 256 bytes, or null to take it away"),
            ("colour", "red", "colour is no attribute of a device"),
            ("lorawan_device", ["colour": 1], "lorawan_device.colour is no attribute of a device"),
            ("lorawan_device", "x", "lorawan_device must be an object"),
        ] as [(String, JSONValue, String)]
    )
    func wrong(_ name: String, _ value: JSONValue, _ message: String) throws {
        var object = JSONObject()
        object[name] = value
        let fault = #expect(throws: ManagementFault.self) { try Self.read(object) }
        #expect(fault?.message == message)
        #expect(fault?.code == .invalidArgument)
        #expect(fault?.field != nil)
    }

    @Test("an attribute given twice must say the same twice")
    func twice() throws {
        _ = try Self.read(["dev_eui": "0004A30B001C0530", "devEui": "0004A30B001C0530"])
        let fault = #expect(throws: ManagementFault.self) {
            try Self.read(["dev_eui": "0004A30B001C0530", "lorawan_device": ["dev_eui": "0004A30B001C0531"]])
        }
        #expect(fault?.field == "lorawan_device.dev_eui")
    }

    @Test("keys must make one activation")
    func activations() throws {
        let key: JSONValue = "00112233445566778899AABBCCDDEEFF"
        func field(_ object: JSONObject) -> String? {
            do throws(ManagementFault) {
                _ = try Self.read(object).activation()
                return nil
            } catch { return error.field }
        }
        #expect(field([:]) == "app_key")
        #expect(field(["app_key": key]) == "app_eui")
        #expect(field(["app_key": key, "app_eui": "0000000000000001"]) == nil)
        #expect(field(["app_key": key, "app_eui": "0000000000000001", "lorawan_version": "1.1"]) == "nwk_key")
        #expect(field(["app_key": key, "nwk_key": key, "app_eui": "0000000000000001"]) == nil)
        #expect(field(["nwk_s_key": key, "app_s_key": key]) == "dev_addr")
        #expect(field(["dev_addr": "26000001", "app_s_key": key]) == "nwk_s_key")
        #expect(field(["dev_addr": "26000001", "nwk_s_key": key]) == "app_s_key")
        #expect(field(["dev_addr": "26000001", "nwk_s_key": key, "app_s_key": key]) == nil)
        #expect(field(["dev_addr": "26000001", "nwk_s_enc_key": key, "app_s_key": key]) == "f_nwk_s_int_key")
    }
}
