// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Store
import TTNMessages
import TestSupport
import Testing

@testable import Bridge

@Suite struct RegistryTests {
    private let registry = Registry()

    private func record(_ application: String, _ device: String, _ devEUI: UInt64) throws -> DeviceRecord {
        DeviceRecord(
            applicationID: application,
            deviceID: device,
            devEUI: EUI64(rawValue: devEUI),
            joinEUI: EUI64(rawValue: 9),
            activation: .otaa(appKey: try #require(AES128Key(octets: [UInt8](repeating: 1, count: 16)))),
            createdAt: UnixTime(nanoseconds: 1),
        )
    }

    private func entry(_ application: String, _ device: String, _ devEUI: UInt64) throws -> DeviceEntry {
        DeviceEntry(
            try record(application, device, devEUI),
            in: registry.put(ApplicationRecord(id: application)),
            coverage: 0,
        )
    }

    @Test("devices are found by name and DevEUI as two dictionaries would find them")
    func model() throws {
        var random = SeededGenerator(seed: 8)
        var byEUI: [EUI64: DeviceEntry] = [:]
        registry.reserve(10)
        for _ in 0..<3000 {
            let devEUI = UInt64.random(in: 0..<60, using: &random)
            let name = ("app\(UInt8.random(in: 0..<3, using: &random))", "d\(UInt8.random(in: 0..<40, using: &random))")
            func isNamed(_ entry: DeviceEntry) -> Bool { entry.application.id == name.0 && entry.deviceID == name.1 }
            if let known = byEUI[EUI64(rawValue: devEUI)] {
                registry.remove(known)
                byEUI[known.devEUI] = nil
                // Once more changes nothing, whoever has taken its place.
                registry.remove(known)
            } else {
                // Whoever has the name goes first, as in management.
                if let former = byEUI.values.first(where: isNamed) {
                    registry.remove(former)
                    byEUI[former.devEUI] = nil
                }
                let new = try entry(name.0, name.1, devEUI)
                registry.put([new])
                byEUI[new.devEUI] = new
            }
            #expect(registry.deviceCount == byEUI.count)
            #expect(registry.device(name.0, name.1) === byEUI.values.first(where: isNamed))
            #expect(registry.device(EUI64(rawValue: devEUI)) === byEUI[EUI64(rawValue: devEUI)])
        }
        #expect(Set(registry.devices.map(\.devEUI)) == Set(byEUI.keys))
    }

    @Test("a registration in the place of another one takes its name along")
    func replacement() throws {
        let first = try entry("app", "one", 1)
        registry.put(first)
        let renamed = try entry("app", "two", 1)
        registry.put(renamed)
        #expect(registry.device("app", "one") == nil)
        #expect(registry.device("app", "two") === renamed)
        // What was replaced takes nothing away.
        registry.remove(first)
        #expect(registry.device(EUI64(rawValue: 1)) === renamed)
        let moved = try entry("app", "two", 2)
        registry.put(moved)
        registry.remove(renamed)
        #expect(registry.device("app", "two") === moved)
        #expect(registry.deviceCount == 1)
    }

    @Test("an entry says of a registration what messages and routes need")
    func entry() throws {
        let application = registry.put(ApplicationRecord(id: "app"))
        var record = try record("app", "meter", 7)
        let plain = DeviceEntry(record, in: application, coverage: 3)
        #expect(plain.joinEUI == record.joinEUI)
        #expect(plain.devAddr == nil)
        #expect(!plain.isPersonalised)
        #expect(plain.coverage == 3)
        #expect(plain.identity(devAddr: DevAddr(rawValue: 5)).devAddr == DevAddr(rawValue: 5))
        #expect(plain.identity(devAddr: nil).attributes == [])
        record.joinEUI = nil
        record.activation = .abp(
            devAddr: DevAddr(rawValue: 8),
            keys: SessionKeys(
                nwkSKey: try #require(AES128Key(octets: [UInt8](repeating: 2, count: 16))),
                appSKey: try #require(AES128Key(octets: [UInt8](repeating: 3, count: 16))),
            ),
        )
        record.attributes = ["floor": "2"]
        record.latitude = 1
        record.longitude = 2
        record.codec = "sensor"
        record.region = "US915"
        let full = DeviceEntry(record, in: application, coverage: 0)
        #expect(full.joinEUI == nil)
        #expect(full.devAddr == DevAddr(rawValue: 8))
        #expect(full.identity(devAddr: nil).attributes == [DeviceIdentity.Attribute(name: "floor", value: "2")])
        #expect(full.identity(devAddr: nil).location?.longitude == 2)
        #expect(full.codec == "sensor")
        #expect(full.region?.name == "US915")
        #expect(full.isNamed(in: record))
    }
}
