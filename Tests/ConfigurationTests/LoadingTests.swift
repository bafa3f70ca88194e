// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import Testing

@testable import Configuration

/// A configuration with little more than what must be given; `rest` follows it.
func load(
    _ rest: String = "",
    coverage: String = "{ name: eu, url: \"https://ran.example/api/v1.0\", token: secret-token, region: EU868 }",
    environment: [String: String] = [:],
) throws(ConfigurationErrors) -> BridgeConfiguration {
    try BridgeConfiguration.load(
        text: "coverages:\n  - \(coverage)\n\(rest)",
        file: "bridge.yaml",
        environment: environment,
    )
}

/// The problems of such a configuration.
func problems(
    _ rest: String = "",
    coverage: String = "{ name: eu, url: \"https://ran.example/api/v1.0\", token: secret-token, region: EU868 }",
    environment: [String: String] = [:],
) -> [String] {
    do throws(ConfigurationErrors) {
        _ = try load(rest, coverage: coverage, environment: environment)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

@Suite struct LoadingTests {
    @Test("sub-bands, extra channels and RX2 are those of the coverage's region")
    func channels() throws {
        let fixed = try load(
            coverage: """
                { name: us, url: "https://ran.example/api/v1.0", token: t, region: US915, sub_bands: [2, 3] }
                """
        )
        #expect(fixed.coverages[0].channels.subBands == [2, 3])
        let dynamic = try load(
            "network: { adr_margin_db: 12.5, status_interval_s: 0 }",
            coverage: """
                { name: eu, url: "https://ran.example/api/v1.0", token: t, region: EU868, extra_channels_hz: [867100000],
                  rx2_data_rate: 3 }
                """,
        )
        #expect(dynamic.coverages[0].channels.extraChannels == [867_100_000])
        #expect(dynamic.coverages[0].channels.rx2DataRate == 3)
        #expect(dynamic.network.adrMargin == 12.5)
        #expect(dynamic.network.statusInterval == nil)
    }

    @Test(
        "channels that the region does not have are refused",
        arguments: [
            ("EU868, sub_bands: [2]", "EU868 has no sub-bands; its channels are extra_channels_hz"),
            ("US915, sub_bands: [9]", "found 9; US915 has sub-bands 1 to 8"),
            ("US915, sub_bands: [2, 2]", "2 is given twice"),
            ("US915, extra_channels_hz: [903000000]", "the channels of US915 are fixed; choose some with sub_bands"),
            ("US915, rx2_data_rate: 3", "found 3, which US915 does not send with"),
        ]
    )
    func wrongChannels(rest: String, expected: String) {
        let url = "url: \"https://ran.example/api/v1.0\""
        let found = problems(coverage: "{ name: eu, \(url), token: t, region: \(rest) }")
        #expect(found.count == 1 && found[0].hasSuffix(expected), "\(found)")
    }

    @Test("two coverages of one region want the same of their devices")
    func differingChannels() {
        let url = "url: \"https://ran.example/api/v1.0\", token: t, region: US915"
        let found = problems(coverage: "{ name: a1, \(url), sub_bands: [1] }\n  - { name: b1, \(url), sub_bands: [2] }")
        #expect(found.count == 1 && found[0].contains("wants other channels or another RX2 than a1"), "\(found)")
    }

    @Test("the documented keys are read, in flow and block form, with quoted and bare hexadecimal digits")
    func documentedKeys() throws {
        let text = """
            coverages:
              - { name: eu, url: "https://ran.example/api/v1.0", token: "${RAN_API_TOKEN}", region: EU868, upstream_connections: 2 }
            mqtt: { url: "mqtt://127.0.0.1:1884", username: bridge, password: 12345, formats: [v2, v3], tenant: ttn }
            store: { url: "sqlite:/var/lib/x/bridge.db" }
            network: { net_id: 000013, merge_window_ms: 150, rx1_delay_s: 3 }
            applications:
              - id: meters
                payload_format: custom
                decoder: "function Decoder(bytes, port) { return {a: `${bytes[0]}`}; }"
                devices:
                  - { id: a1, dev_eui: 70b3d57ed0000001, app_eui: 0000000000000000, app_key: 00112233445566778899001122334455 }
                  - id: b1
                    dev_eui: "FEDCBA9876543210"
                    dev_addr: 26011234
                    nwk_s_key: 1e100000000000000000000000000000
                    app_s_key: "000102030405060708090A0B0C0D0E0F"
                    class: C
                    lorawan_version: 1.0.2
                    region: US915
                    payload_format: cayenne
                    description: on the roof
                    latitude: 52.52
                    longitude: -13
                    altitude: 34.5
                    attributes: { room: 012, floor: "3" }
                  - id: c1
                    dev_eui: 0000000000000002
                    join_eui: 0000000000000003
                    app_key: 00112233445566778899001122334455
                    nwk_key: 00112233445566778899001122334456
            """
        let configuration = try BridgeConfiguration.load(
            text: text,
            file: "f",
            environment: ["RAN_API_TOKEN": "t0k"],
        )
        let coverage = try #require(configuration.coverages.first)
        #expect(coverage.name == "eu")
        #expect(coverage.url == "https://ran.example/api/v1.0")
        #expect(coverage.token.revealed == "t0k")
        #expect(coverage.region == Region.named("EU868"))
        #expect(coverage.upstreamConnections == 2)
        #expect(configuration.mqtt.url == "mqtt://127.0.0.1:1884")
        #expect(configuration.mqtt.password?.revealed == "12345")
        #expect(configuration.mqtt.formats == [.v2, .v3])
        #expect(configuration.mqtt.tenant == "ttn")
        #expect(configuration.store.path == "/var/lib/x/bridge.db")
        #expect(configuration.network.netID.hex == "000013")
        #expect(configuration.network.mergeWindow == .milliseconds(150))
        #expect(configuration.network.rx1Delay == 3)
        let meters = try #require(configuration.applications.first)
        #expect(meters.payloadFormat == .custom)
        #expect(meters.decoder == "function Decoder(bytes, port) { return {a: `${bytes[0]}`}; }")
        try #require(meters.devices.count == 3)
        let joining = meters.devices[0]
        #expect(joining.devEUI.hex == "70b3d57ed0000001")
        #expect(joining.joinEUI == EUI64(rawValue: 0))
        let key = try #require(AES128Key(hex: "00112233445566778899001122334455"))
        #expect(joining.activation == .otaa(appKey: key, nwkKey: nil))
        #expect(joining.lorawanVersion == .v1_0_3)
        #expect(joining.deviceClass == .a)
        let personalised = meters.devices[1]
        #expect(personalised.devEUI.rawValue == 0xFEDC_BA98_7654_3210)
        let nwkSKey = try #require(AES128Key(hex: "1e100000000000000000000000000000"))
        let appSKey = try #require(AES128Key(hex: "000102030405060708090a0b0c0d0e0f"))
        #expect(
            personalised.activation
                == .abp(
                    devAddr: DevAddr(rawValue: 0x2601_1234),
                    keys: SessionKeys(nwkSKey: nwkSKey, appSKey: appSKey),
                )
        )
        #expect(personalised.deviceClass == .c)
        #expect(personalised.lorawanVersion == .v1_0_2)
        #expect(personalised.region == Region.named("US915"))
        #expect(personalised.payloadFormat == .cayennelpp)
        #expect(personalised.description == "on the roof")
        #expect(personalised.latitude == 52.52)
        #expect(personalised.longitude == -13)
        #expect(personalised.altitude == 34.5)
        #expect(personalised.attributes == ["room": "012", "floor": "3"])
        #expect(meters.devices[2].lorawanVersion == .v1_1)
    }

    @Test("a key without a value is a key that was not given")
    func emptyValues() throws {
        let configuration = try load("mqtt:\n  username:\n  password: ~\nstore: null\napplications:\n")
        #expect(configuration == (try load()))
    }

    @Test("a function makes the payload format custom unless another is named")
    func payloadFormats() throws {
        let application = "applications: [{ id: meters, decoder: 'x'"
        #expect(try load("\(application) }]").applications[0].payloadFormat == .custom)
        #expect(try load("\(application), payload_format: cayennelpp }]").applications[0].payloadFormat == .cayennelpp)
        #expect(try load("applications: [{ id: meters }]").applications[0].payloadFormat == .none)
    }

    @Test("a device may name a formatter of the directory, in place of a format")
    func formatters() throws {
        let device =
            "{ id: d1, dev_eui: 0000000000000001, app_eui: 0000000000000009, app_key: 00112233445566778899001122334455"
        func application(_ extra: String) -> String {
            "codec: { formatters: /etc/formatters }\napplications: [{ id: meters, devices: [\(device), \(extra) }] }]"
        }
        let good = try load(application("formatter: acme/probe@1.0"))
        #expect(good.codec.formatters == "/etc/formatters")
        #expect(good.applications[0].devices[0].formatter == "acme/probe@1.0")
        #expect(try load("applications: []").codec.formatters == nil)
        #expect(throws: ConfigurationErrors.self) { try load(application("formatter: probe")) }
        #expect(throws: ConfigurationErrors.self) {
            try load(application("formatter: acme/probe, payload_format: custom"))
        }
    }

    @Test("anchors, aliases and merged groups mean what they name, with the nearest value first")
    func anchors() throws {
        let configuration = try load(
            """
            applications:
              - id: meters
                devices:
                  - &first { id: a1, dev_eui: 0000000000000001, app_eui: 0000000000000009, app_key: &k 00112233445566778899001122334455 }
                  - { <<: *first, id: a2, dev_eui: 0000000000000002 }
                  - { id: a3, dev_eui: 0000000000000003, app_eui: 0000000000000009, app_key: *k }
            """
        )
        let devices = configuration.applications[0].devices
        #expect(devices.map(\.id) == ["a1", "a2", "a3"])
        #expect(Set(devices.map(\.activation)).count == 1)
        #expect(devices.map(\.devEUI.rawValue) == [1, 2, 3])
    }

    @Test("a file is read, and one that cannot be is named")
    func files() throws {
        let path = "/tmp/configuration-tests-\(getpid()).yaml"
        let file = try #require(fopen(path, "w"))
        fputs("coverages: [{ name: eu, url: 'https://h/', token: t, region: eu868 }]\n", file)
        fclose(file)
        defer { unlink(path) }
        #expect(try BridgeConfiguration.load(file: path, environment: [:]).coverages.count == 1)
        let missing = #expect(throws: ConfigurationErrors.self) {
            try BridgeConfiguration.load(file: "/nonexistent.yaml", environment: [:])
        }
        #expect(missing?.description == "/nonexistent.yaml: cannot be opened: No such file or directory")
    }

    @Test("secrets and keys show themselves in no description and no dump")
    func secrets() throws {
        let configuration = try load(
            """
            mqtt: { username: u, password: hidden-password }
            applications:
              - id: meters
                register_on_join_access_key: hidden-access
                devices:
                  - { id: a1, dev_eui: 0000000000000001, app_eui: 0000000000000009, app_key: abababababababababababababababab }
            """
        )
        var shown = "\(configuration)" + String(reflecting: configuration)
        dump(configuration, to: &shown)
        for secret in ["secret-token", "hidden", "abab", "ABAB", "12370169555311111083"] {
            #expect(!shown.contains(secret))
        }
        #expect(shown.contains("***"))
    }
}
