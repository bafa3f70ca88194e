// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Configuration

@Suite struct ManualTests {
    private let environment = ["RAN_API_TOKEN": "token"]

    /// The manual with every key that is a comment made a key, except those given.
    private func fullText(without keys: Set<String>) -> String {
        var isCommentedOut = false
        var text = ""
        for line in ConfigurationManual.yaml().split(separator: "\n", omittingEmptySubsequences: false) {
            var line = line
            // The applications are a comment as a whole, some of their keys within it once more.
            isCommentedOut = isCommentedOut || line.hasPrefix("# # Registered at start")
            if isCommentedOut, line.hasPrefix("# ") { line = line.dropFirst(2) }
            let indent = line.prefix { $0 == " " }
            let rest = line.dropFirst(indent.count)
            let name = rest.hasPrefix("# ") ? rest.dropFirst(2).prefix { $0 != ":" } : ""
            let isKey = ConfigurationManual.keys.contains { $0.name == name } && !keys.contains(String(name))
            text += (isKey ? indent + rest.dropFirst(2) : line) + "\n"
        }
        return text
    }

    @Test("the printed configuration loads, and what it prints as defaults are the defaults")
    func defaults() throws {
        let printed = try BridgeConfiguration.load(
            text: ConfigurationManual.yaml(),
            file: "manual",
            environment: environment,
        )
        let least = try BridgeConfiguration.load(
            text: """
                coverages:
                  - { name: eu, url: "https://eu.cloud.everynet.io/api/v1.0", token: token, region: EU868 }
                """,
            file: "least",
            environment: [:],
        )
        #expect(printed == least)
    }

    @Test(
        "every key it shows as a comment is one that loads",
        arguments: [
            [
                "dev_addr", "nwk_s_key", "app_s_key", "f_nwk_s_int_key", "s_nwk_s_int_key", "nwk_s_enc_key", "nwk_key",
                "formatter",
            ],
            ["app_key", "nwk_key", "f_nwk_s_int_key", "s_nwk_s_int_key", "nwk_s_enc_key", "formatter"],
            ["app_key", "nwk_key", "nwk_s_key", "lorawan_version", "formatter"],
        ]
    )
    func comments(withoutActivation: [String]) throws {
        var environment = environment
        environment["MQTT_PASSWORD"] = "p"
        environment["JOIN_ACCESS_KEY"] = "k"
        for key in ConfigurationManual.keys where key.type.hasPrefix("32 hexadecimal digits") {
            let name = (key.example ?? "").filter { $0.isLetter || $0.isNumber || $0 == "_" }
            environment[name] = "00112233445566778899aabbccddeeff"
        }
        // The example is of a region without sub-bands.
        let text = fullText(without: Set(withoutActivation + ["sub_bands"]))
        let configuration = try BridgeConfiguration.load(text: text, file: "full", environment: environment)
        #expect(configuration.applications[0].devices[0].latitude == 52.52)
        #expect(configuration.coverages[0].channels.extraChannels.count == 5)
        #expect(configuration.coverages[0].channels.rx2DataRate == 3)
        #expect(configuration.mqtt.tls.alpn == "mqtt")
        #expect(configuration.store.maximumBytes == 10_240 << 20)
    }

    @Test("the manual tells of every key that is read, and of no other")
    func completeness() throws {
        let log = ReadingLog(file: "f", environment: environment)
        let text = "coverages: [{}]\napplications: [{ devices: [{}] }]\n"
        _ = try BridgeConfiguration.read(Array(text.utf8), log)
        var told = Set(ConfigurationManual.keys.map(\.path))
        // A map of free names has no keys of its own.
        #expect(told.remove("applications[].devices[].attributes") != nil)
        #expect(log.knownKeys == told)
    }

    @Test("examples/ran-mqtt-bridge.yaml is what the program prints")
    func example() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/examples/ran-mqtt-bridge.yaml"
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &octets, octets.count)
        #expect(String(decoding: octets.prefix(count), as: UTF8.self) == ConfigurationManual.yaml())
    }

    @Test("no line is longer than 120 columns, and the table has a row a key")
    func form() {
        for line in ConfigurationManual.yaml().split(separator: "\n") { #expect(line.count <= 120) }
        let rows = ConfigurationManual.markdown().split(separator: "\n")
        #expect(rows.count == ConfigurationManual.keys.count + 2)
        #expect(
            rows.contains(
                "| `mqtt.keep_alive_s` | seconds, 5 to 65535 | `30` | How often a silent connection is probed. |"
            )
        )
        #expect(
            rows.contains { $0.hasPrefix("| `coverages[].url` | URL with https, http, wss or ws | **required** |") }
        )
    }
}
