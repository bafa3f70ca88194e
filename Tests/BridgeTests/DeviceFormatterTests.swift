// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import PayloadCodec
import Store
import Testing

@testable import Bridge

@Suite struct DeviceFormatterTests {
    private let scripts = FormatterScripts(decoder: "function Decoder() {}")

    private func device(
        _ format: ApplicationRecord.PayloadFormat? = nil,
        codec: String? = nil,
    ) throws -> DeviceRecord {
        let key = try #require(AES128Key(octets: [UInt8](repeating: 1, count: 16)))
        return DeviceRecord(
            applicationID: "app",
            deviceID: "dev",
            devEUI: EUI64(rawValue: 1),
            activation: .abp(devAddr: DevAddr(rawValue: 1), keys: SessionKeys(nwkSKey: key, appSKey: key)),
            payloadFormat: format,
            codec: codec,
            createdAt: UnixTime(nanoseconds: 0),
        )
    }

    @Test("a device's formatter goes before its format, and that before its application's")
    func precedence() throws {
        let record = ApplicationRecord(id: "app", payloadFormat: .custom, decoder: "function Decoder() {}")
        let application = ApplicationEntry(record)
        #expect(try application.formatter(for: device()) == .javascript(scripts))
        #expect(try application.formatter(for: device(.cayennelpp)) == .cayenneLPP)
        #expect(try application.formatter(for: device(ApplicationRecord.PayloadFormat.none)) == Formatter.none)
        #expect(try application.formatter(for: device(.cayennelpp, codec: "a/b")) == .unknown(name: "a/b"))
        application.update(ApplicationRecord(id: "app", payloadFormat: .cayennelpp, decoder: "function Decoder() {}"))
        #expect(try application.formatter(for: device()) == .cayenneLPP)
        #expect(try application.formatter(for: device(.custom)) == .javascript(scripts))
    }
}
