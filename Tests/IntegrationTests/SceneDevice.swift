// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANSimulator
import TestSupport

/// A device on both sides: registered at the bridge, alive at the simulator.
struct SceneDevice: Sendable {
    var virtual: VirtualDeviceConfiguration
    /// The device's line in the bridge's configuration.
    var registration: String
    var application = "app"

    /// A personalised device; `number` makes its identity and keys.
    static func abp(
        _ id: String,
        _ number: UInt8,
        address: UInt32? = nil,
        application: String = "app",
        extra: String = "",
        _ change: (inout VirtualDeviceConfiguration) -> Void = { _ in },
    ) throws -> SceneDevice {
        let devEUI = EUI64(rawValue: 0x70B3_D57E_D000_0100 + UInt64(number))
        let devAddr = DevAddr(rawValue: address ?? 0x2601_0100 + UInt32(number))
        let nwkSKey = try key(0x11, number)
        let appSKey = try key(0x22, number)
        let keys = SessionKeys(
            fNwkSIntKey: nwkSKey,
            sNwkSIntKey: nwkSKey,
            nwkSEncKey: nwkSKey,
            appSKey: appSKey,
        )
        var virtual = VirtualDeviceConfiguration(
            name: id,
            devEUI: devEUI,
            activation: .abp(devAddr: devAddr, keys: keys),
        )
        virtual.rx1Delay = 5
        change(&virtual)
        return SceneDevice(
            virtual: virtual,
            registration:
                "{ id: \(id), dev_eui: \"\(devEUI)\", dev_addr: \"\(devAddr)\", nwk_s_key: \"\(nwkSKey.hex)\", "
                + "app_s_key: \"\(appSKey.hex)\"\(extra.isEmpty ? "" : ", " + extra) }",
            application: application,
        )
    }

    /// A device that joins over the air.
    static func otaa(
        _ id: String,
        _ number: UInt8,
        application: String = "app",
        extra: String = "",
        _ change: (inout VirtualDeviceConfiguration) -> Void = { _ in },
    ) throws -> SceneDevice {
        let devEUI = EUI64(rawValue: 0x70B3_D57E_D000_0200 + UInt64(number))
        let joinEUI = EUI64(rawValue: 0x70B3_D57E_D0F0_0001)
        let appKey = try key(0x33, number)
        var virtual = VirtualDeviceConfiguration(
            name: id,
            devEUI: devEUI,
            activation: .otaa(joinEUI: joinEUI, appKey: appKey),
        )
        change(&virtual)
        return SceneDevice(
            virtual: virtual,
            registration: "{ id: \(id), dev_eui: \"\(devEUI)\", app_eui: \"\(joinEUI)\", app_key: \"\(appKey.hex)\""
                + "\(extra.isEmpty ? "" : ", " + extra) }",
            application: application,
        )
    }

    private static func key(_ kind: UInt8, _ number: UInt8) throws -> AES128Key {
        guard let key = AES128Key(octets: [UInt8](repeating: kind, count: 15) + [number]) else {
            throw SceneError(problem: "a key has 16 octets")
        }
        return key
    }
}

/// What a scene's bridge is told.
struct SceneSettings: Sendable {
    var broker = BrokerProcess.open
    var token = Scene.token
    /// The bridge's own login, when the broker asks for one.
    var login: (name: String, password: String)?
    var listenerUser: (name: String, password: String)?
    var waitsUntilReady = true
    /// Further members of the coverage, as in ", compare_interval_s: 1".
    var coverageExtra = ""
    /// Top-level lines of YAML, in which `{directory}` is replaced; `network` and `store` replace the scene's own.
    var extraLines: [String] = []
    /// Fills the database before the bridge starts, by its path.
    var prepare: @Sendable (String) throws -> Void = { _ in }
    /// Lines of YAML below each application's id, by application; CayenneLPP where there are none.
    var applications: [String: [String]] = [:]
    /// Further lines of YAML below `mqtt:`; `url` among them takes the place of the broker's plain address.
    var mqtt: [String] = []
    /// Further members of `network:`, as in `class_c_interval_ms: 0`.
    var network: [String] = []

    func yaml(_ devices: [SceneDevice], ranURL: String, brokerURL: String, _ directory: String) -> String {
        var lines = [
            "coverages:",
            "  - { name: eu, url: \"\(ranURL)\", token: \"\(token)\", region: EU868\(coverageExtra) }",
            "mqtt:",
        ]
        if !mqtt.contains(where: { $0.hasPrefix("url:") }) { lines.append("  url: \"\(brokerURL)\"") }
        lines += mqtt.map { "  " + $0 }
        if let login { lines += ["  username: \(login.name)", "  password: \(login.password)"] }
        lines.append("log: { level: debug }")
        let own = [
            "store: { url: \"sqlite:{directory}/bridge.db\" }",
            "network: { \((["net_id: \"000013\""] + network).joined(separator: ", ")) }",
        ]
        for line in own where !extraLines.contains(where: { $0.hasPrefix(line.prefix(6)) }) { lines.append(line) }
        lines += extraLines
        lines = lines.map { $0.replacing("{directory}", with: directory) }
        lines.append("applications:")
        for application in Set(devices.map(\.application)).sorted() {
            lines.append("  - id: \(application)")
            lines += (applications[application] ?? ["payload_format: cayennelpp"]).map { "    " + $0 }
            lines.append("    devices:")
            for device in devices where device.application == application {
                lines.append("      - \(device.registration)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
