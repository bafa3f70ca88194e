// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Management
import TestSupport
import Testing

@Suite struct TransferTests {
    @Test("JSON lines: each line stands for itself, and says what is wrong with it")
    func lines() throws {
        let text = """
            {"dev_id":"d1","dev_eui":"0004A30B001C0530","app_eui":"0000000000000001","app_key":"\(key)"}

            {"dev_id":"d2","dev_eui":"x"}
            nonsense
            {"dev_eui":"0004A30B001C0531"}
            """
        let devices = DeviceLines.read(text, applicationID: "app")
        #expect(devices.map(\.line) == [1, 3, 4, 5])
        #expect(devices.map(\.deviceID) == ["d1", "d2", nil, nil])
        #expect(throws: Never.self) { try devices[0].description.get() }
        #expect(fault(devices[1])?.field == "dev_eui")
        #expect(fault(devices[2])?.message.hasPrefix("the line is not JSON") == true)
        #expect(fault(devices[3])?.field == "dev_id")
    }

    private let key = "00112233445566778899AABBCCDDEEFF"

    private func fault(_ device: TransferredDevice) -> ManagementFault? {
        do throws(ManagementFault) {
            _ = try device.description.get()
            return nil
        } catch { return error }
    }

    @Test("a table of The Things Stack is read, its own columns and ours")
    func table() throws {
        let text = """
            \u{FEFF}id;dev_eui;join_eui;name;frequency_plan_id;lorawan_version;lorawan_phy_version;brand_id;app_key;supports_class_c;colour\r
            test-one;1111111111111111;2222222222222222;"Say ""hi""; there";EU_863_870_TTN;MAC_V1_0_4;RP002_V1_0_3;maker;\(key);true;red\r
            ;3333333333333333;2222222222222222;;US_902_928_FSB_2;MAC_V1_0_2;;;\(key);;\r
            """
        let devices = try DeviceTable.read(text)
        #expect(devices.map(\.deviceID) == ["test-one", "eui-3333333333333333"])
        let first = try devices[0].description.get()
        #expect(first.text == #"Say "hi"; there"#)
        #expect(first.region == "EU868")
        #expect(first.version == .v1_0_4)
        #expect(first.deviceClass == .c)
        let second = try devices[1].description.get()
        #expect(second.region == "US915")
        guard case .overTheAir(let joinEUI, _, nil) = try second.activation() else { return #expect(Bool(false)) }
        #expect(joinEUI == EUI64(rawValue: 0x2222_2222_2222_2222))
    }

    @Test(
        "a wrong row names its line and its column",
        arguments: [
            ("d1;zz;;", 2, "dev_eui"), ("d1;1111111111111111;;PLUTO_1", 2, "frequency_plan_id"),
            ("\nd1;1111111111111111;xx;", 3, "join_eui"),
        ]
    )
    func wrongRow(_ row: String, _ line: Int, _ field: String) throws {
        let devices = try DeviceTable.read("id;dev_eui;join_eui;frequency_plan_id\n\(row)\n")
        #expect(devices.map(\.line) == [line])
        #expect(fault(devices[0])?.field == field)
    }

    @Test("a table that cannot be one is refused as a whole")
    func noTable() throws {
        for text in ["", "id;name\nx;y", "dev_eui;dev_eui\n1;2"] {
            let error = #expect(throws: ManagementFault.self) { try DeviceTable.read(text) }
            #expect(error?.field == "data")
        }
        let short = try DeviceTable.read("id;dev_eui\nx")
        #expect(fault(short[0])?.message == "the line has 1 fields; the headings are 2")
        let quote = try DeviceTable.read("id;dev_eui\n\"x;1111111111111111")
        #expect(fault(quote[0])?.message == "the line has a quote in the wrong place")
    }

    @Test("every device survives both forms unchanged", arguments: 0..<64)
    func roundTrip(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let device = Self.device(&random)
        let owner = DeviceDescription.Owner(applicationID: "app", deviceID: "d-\(seed)")
        let line = String(decoding: DeviceLines.line(of: device, owner: owner, showsKeys: true), as: UTF8.self)
        let fromLine = try DeviceLines.read(line, applicationID: "app")[0].description.get()
        #expect(fromLine == device)
        let row =
            DeviceTable.heading(showsKeys: true)
            + DeviceTable.row(of: device, deviceID: owner.deviceID, showsKeys: true)
        let read = try DeviceTable.read(row)[0]
        #expect(read.deviceID == owner.deviceID)
        var fromRow = try read.description.get()
        // The table has no words for some defaults: they mean the same.
        if fromRow.fCntDown == nil, device.fCntDown == 0 { fromRow.fCntDown = 0 }
        if fromRow.deviceClass == nil, device.deviceClass == .a { fromRow.deviceClass = .a }
        if fromRow.text == nil, device.text == "" { fromRow.text = "" }
        #expect(fromRow == device)
    }

    private static func device(_ random: inout SeededGenerator) -> DeviceDescription {
        func key() -> AES128Key? { AES128Key(octets: (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }) }
        var device = DeviceDescription()
        device.devEUI = EUI64(rawValue: random.next())
        let version = LoRaWANVersion.allCases.randomElement(using: &random) ?? .v1_0_3
        if Bool.random(using: &random), let appKey = key(), let nwkKey = key() {
            let joinEUI = EUI64(rawValue: random.next())
            device.set(
                .overTheAir(joinEUI: joinEUI, appKey: appKey, nwkKey: version.is11 ? nwkKey : nil),
                version: version
            )
        } else if let one = key(), let two = key(), let three = key(), let four = key() {
            let keys =
                version.is11
                ? SessionKeys(fNwkSIntKey: one, sNwkSIntKey: two, nwkSEncKey: three, appSKey: four)
                : SessionKeys(nwkSKey: one, appSKey: four)
            device.set(
                .personalised(DevAddr(rawValue: UInt32.random(in: 0 ... .max, using: &random)), keys),
                version: version
            )
        }
        device.deviceClass = [.a, .b, .c].randomElement(using: &random)
        device.region = Region.names.randomElement(using: &random)
        device.text = ["", "roof; \"east\"\nsecond line", " blanks ", "größer, 日本"].randomElement(using: &random)
        device.latitude = Bool.random(using: &random) ? Double.random(in: -90...90, using: &random) : nil
        device.longitude = device.latitude.map { $0 * 2 }
        device.attributes = Bool.random(using: &random) ? ["a;b": "\"x\"\n", "c": ""] : [:]
        device.fCntUp = UInt32.random(in: 0 ... .max, using: &random)
        device.fCntDown = [0, 1, UInt32.max].randomElement(using: &random)
        device.disablesFCntCheck = Bool.random(using: &random)
        device.uses32BitFCnt = Bool.random(using: &random)
        device.resetsFCnt = Bool.random(using: &random)
        device.usesADR = Bool.random(using: &random)
        device.payloadFormat = ["none", "custom", "cayennelpp", nil].randomElement(using: &random) ?? nil
        return device
    }
}
