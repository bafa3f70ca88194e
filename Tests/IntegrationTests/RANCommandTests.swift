// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

/// The `ran` commands for devices and groups, as programs against a simulated RAN.
@Suite(.timeLimit(.minutes(5)))
struct RANCommandTests {
    /// Above 2^63: no signed number and no double holds it.
    private let devEUI = "fedcba9876543210"

    @Test("a device is added, listed, updated and removed, for people and for scripts")
    func devices() async throws {
        try await RANProgram.with { ran async throws in
            let joinEUI = "8000000000000001"
            let added = try await ran("devices", "add", devEUI, "--join-eui", joinEUI, "--details", "roof", "--json")
            #expect(added.code == .code(0))
            let row = try added.json()
            #expect(row["dev_eui"] == .string(devEUI))
            #expect(row["join_eui"] == .string(joinEUI))
            #expect(row["active_dev_addr"] == .null)
            #expect(row["details"] == "roof")
            #expect(row["created_at"]?.text?.hasSuffix("Z") == true)

            let updated = try await ran(
                "devices",
                "update",
                devEUI,
                "--join-eui",
                joinEUI,
                "--active-dev-addr",
                "ff000001",
                "--target-dev-addr",
                "00000002",
                "--json",
            )
            #expect(try updated.json()["active_dev_addr"] == "ff000001")
            #expect(try updated.json()["target_dev_addr"] == "00000002")

            // DevEUIs are also taken as labels print them.
            let meter = try await ran("devices", "add", "00-00-00-00-00-00-00-02", "--dev-addr", "26011a01")
            #expect(meter.code == .code(0))
            let lines = try await ran("devices", "list").output.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.first?.split(separator: " ").first == "DEVEUI")
            let cells = lines.dropFirst().first?.split(separator: " ").map(String.init) ?? []
            #expect(cells.prefix(4) == [devEUI, joinEUI, "ff000001", "00000002"])
            #expect(cells.last == "roof")
            #expect(try await ran("devices", "list", "--json", "--offset", "1").json().elements?.count == 1)
            #expect(try await ran("devices", "list", "--json", "--limit", "0").json().elements?.isEmpty == true)
            #expect(try await ran("devices", "list", devEUI, "--json").json().elements?.count == 1)

            let removed = try await ran("devices", "remove", devEUI, "00000000000000ff", "--yes", "--json")
            #expect(removed.code == .code(3))
            #expect(try removed.json()["removed"] == 1)
            #expect(removed.complaint.contains("1 of the 2 named were not there"))
            #expect(try await ran("devices", "list", devEUI).code == .code(3))
            #expect(try await ran("devices", "remove-all", "--yes").output == "1 device removed")
            #expect(await ran.simulator.snapshot().subscriptions == 0)
        }
    }

    @Test("a group is created, listed, changed, filled, emptied and deleted")
    func groups() async throws {
        try await RANProgram.with { ran async throws in
            try #require(try await ran("devices", "add", devEUI, "--dev-addr", "26011a01").code == .code(0))
            let created = try await ran("groups", "create", "ffed8719", "--name", "street lämps", "--json")
            #expect(try created.json()["name"] == "street lämps")
            #expect(try await ran("groups", "add-device", "ffed8719", devEUI).output == "1 device added")
            let again = try await ran("groups", "add-device", "ffed8719", devEUI)
            #expect(again.code == .code(4))
            #expect(try await ran("groups", "add-device", "ffed8719", "00000000000000ff").code == .code(3))
            let moved = try await ran("groups", "update", "ffed8719", "--new-addr", "00000009", "--name", "lamps")
            #expect(moved.output.contains("00000009  lamps"))
            let listed = try await ran("groups", "list", "--json").json().elements
            #expect(listed?.count == 1)
            #expect(listed?.first?["devices"] == [.string(devEUI)])
            #expect(try await ran("groups", "list", "ffed8719").code == .code(3))
            #expect(try await ran("groups", "list", "00000009").output.contains(devEUI))
            #expect(try await ran("groups", "remove-device", "00000009", devEUI, "--yes").code == .code(0))
            #expect(try await ran("groups", "remove-device", "00000009", devEUI, "--yes").code == .code(3))
            #expect(try await ran("groups", "delete", "00000009", "--yes").output == "1 group removed")
            #expect(try await ran("groups", "delete", "00000009", "--yes").code == .code(3))
            #expect(try await ran("groups", "update", "00000009", "--name", "x").code == .code(3))
        }
    }

    @Test("nothing is destroyed unasked: --yes, or a person at a terminal who types yes")
    func confirmation() async throws {
        try await RANProgram.with { ran async throws in
            try #require(try await ran("devices", "add", devEUI, "--dev-addr", "26011a01").code == .code(0))
            try #require(try await ran("groups", "create", "00000009", "--name", "lamps").code == .code(0))
            try #require(try await ran("groups", "add-device", "00000009", devEUI).code == .code(0))
            for words in [
                ["devices", "remove", devEUI], ["devices", "remove-all"], ["groups", "delete", "00000009"],
                ["groups", "remove-device", "00000009", devEUI],
            ] {
                let refused = try ChildProcess.built("ran-mqtt-bridge", ["ran"] + words, environment: ran.environment)
                #expect(try await refused.exit() == .code(2))
                #expect(refused.record.value.text.contains("--yes"))
            }
            let declined = try await ran.onTerminal(typing: "y", "devices", "remove-all")
            #expect(declined.code == .code(1))
            #expect(declined.output.contains("This empties the routing table of"))
            #expect(declined.output.contains("nothing was done"))
            #expect(try await ran("groups", "list", "00000009").output.contains(devEUI))
            let agreed = try await ran.onTerminal(typing: "yes", "devices", "remove", devEUI)
            #expect(agreed.code == .code(0))
            #expect(agreed.output.contains("1 device removed"))
            #expect(await ran.simulator.snapshot().subscriptions == 0)
        }
    }

    @Test("scripts learn from the exit code what the RAN said, and people from a sentence without the token")
    func failures() async throws {
        try await RANProgram.with {
            $0.subscriptionLimit = 1
        } _: { ran async throws in
            func expect(
                _ code: Int32,
                _ words: String...,
                url: String? = nil,
                token: String = RANProgram.token,
                says sentence: String,
            ) async throws {
                let child = try ChildProcess.built(
                    "ran-mqtt-bridge",
                    ["ran"] + words,
                    environment: ["RAN_API_URL": url ?? ran.url, "RAN_API_TOKEN": token],
                )
                #expect(try await child.exit(within: .seconds(60)) == .code(code), "\(words)")
                let text = child.record.value.text
                #expect(text.contains(sentence), "\(text)")
                #expect(!text.contains(token))
            }
            try #require(try await ran("devices", "add", devEUI, "--dev-addr", "26011a01").code == .code(0))
            try await expect(4, "devices", "add", devEUI, "--dev-addr", "26011a01", says: "exists already")
            try await expect(1, "devices", "add", "0000000000000001", "--dev-addr", "26011a01", says: "higher limit")
            try await expect(
                1,
                "devices",
                "update",
                devEUI,
                "--join-eui",
                devEUI,
                "--active-dev-addr",
                "00000001",
                says: "body.DevEUI",
            )
            try await expect(
                3,
                "devices",
                "update",
                "0000000000000001",
                "--join-eui",
                devEUI,
                "--active-dev-addr",
                "00000001",
                says: "devices/update",
            )
            try await expect(77, "devices", "list", token: "wr0ng-token+/%", says: "the token is wrong or expired")
            try await expect(77, "listen", token: "wr0ng-token+/%", says: "the token is wrong or expired")
            try await expect(69, "groups", "list", url: "http://127.0.0.1:1", says: "Could not connect")
            try await expect(69, "listen", url: "http://127.0.0.1:1", says: "Could not connect")
            try await expect(2, "groups", "list", url: "http://ran.example", says: "not encrypted")
            try await expect(2, "groups", "list", url: "http://user:pass@127.0.0.1", says: "the token is separate")
            try await ran.simulator.inject(.httpStatus(503, count: 3))
            try await expect(69, "devices", "list", says: "HTTP 503")
        }
    }

    @Test(
        "a command line that cannot be meant is refused with the reason, and nothing is sent",
        arguments: [
            ("", "which ran command?"), ("devices", "'ran devices' is no command"), ("fleet list", "is no command"),
            ("devices add fedcba9876543210", "either --join-eui"), ("devices add fedcba98", "16 hexadecimal digits"),
            ("devices add 1111111111111111 --dev-addr 1 ", "8 hexadecimal digits"),
            ("devices add 1111111111111111 --dev-addr 00000001 --join-eui 1111111111111111", "either --join-eui"),
            ("devices update fedcba9876543210", "--join-eui is missing"),
            ("devices update fedcba9876543210 --join-eui fedcba9876543210", "nothing to change"),
            ("devices remove --yes", "a DevEUI is missing"), ("devices remove-all now --yes", "one word too many"),
            ("devices list --limit -1", "whole number"), ("devices list --yes", "unknown option --yes"),
            ("groups create 01020304", "--name is missing"), ("groups update 01020304", "nothing to change"),
            ("groups add-device 01020304", "a DevEUI is missing"), ("listen --keys /nowhere", "cannot be read"),
            ("listen --count 0", "whole number"), ("devices list --coverage eu", "--config"),
            ("devices list --config x --token y", "exclude each other"),
        ],
    )
    func usage(words: String, reason: String) async throws {
        let child = try ChildProcess.built(
            "ran-mqtt-bridge",
            ["ran"] + words.split(separator: " ").map(String.init),
            environment: ["RAN_API_URL": "http://127.0.0.1:1", "RAN_API_TOKEN": "token"],
        )
        #expect(try await child.exit() == .code(2))
        let record = child.record.value
        #expect(record.text.contains(reason), "\(record.text)")
        #expect(record.lines.allSatisfy { $0.stream == .error })
    }

    @Test("every command explains itself with an example, and every example is a command line that works")
    func help() async throws {
        let overview = try await ChildProcess.run(
            "\(ChildProcess.buildDirectory)/ran-mqtt-bridge",
            ["ran", "--help"],
        )
        let names = overview.lines.map(\.text).filter { $0.hasPrefix("  ran ") }
            .map { $0.split(separator: " ").dropFirst().prefix { $0.first?.isLowercase == true }.map(String.init) }
        #expect(names.count == 13)
        for name in names {
            let help = try await ChildProcess.run(
                "\(ChildProcess.buildDirectory)/ran-mqtt-bridge",
                ["ran"] + name + ["--help"],
            )
            let example = try #require(help.lines.last?.text.drop { $0 == " " })
            #expect(example.hasPrefix("ran-mqtt-bridge ran \(name.joined(separator: " "))"))
            // Nobody listens there: what is meant is tried, what cannot be meant would be refused with 2.
            let child = try ChildProcess(
                "sh",
                ["-c", "exec \(ChildProcess.buildDirectory)/\(example)"],
                environment: ["RAN_API_URL": "http://127.0.0.1:1", "RAN_API_TOKEN": "token"],
            )
            #expect(try await child.exit() == .code(69), "\(example): \(child.record.value.text)")
        }
    }

    @Test("the coverage comes from the bridge's configuration: the only one, or the one that is named")
    func configuration() async throws {
        try await RANProgram.with { ran async throws in
            let directory = try TemporaryDirectory("ran-command")
            func file(_ coverages: [String]) throws -> String {
                try directory.write(
                    """
                    coverages:
                    \(coverages.map { "  - { name: \($0), url: \"\(ran.url)\", token: \"${RAN_TEST_TOKEN}\", region: EU868 }" }
                        .joined(separator: "\n"))
                    mqtt: { url: "mqtt://127.0.0.1:1883" }
                    store: { url: "sqlite:\(directory.path)/bridge.db" }
                    """,
                    to: "\(coverages.count).yaml",
                )
            }
            let environment = ["RAN_TEST_TOKEN": RANProgram.token]
            let one = try file(["eu"])
            #expect(try await ran("devices", "list", "--config", one, environment: environment).code == .code(0))
            let two = try file(["eu", "us"])
            let which = try await ran("devices", "list", "--config", two, environment: environment)
            #expect(which.code == .code(2))
            #expect(which.complaint.contains("eu, us"))
            let named = try await ran(
                "devices",
                "list",
                "--config",
                two,
                "--coverage",
                "us",
                environment: environment,
            )
            #expect(named.code == .code(0))
            let unknown = try await ran(
                "devices",
                "list",
                "--config",
                two,
                "--coverage",
                "br",
                environment: environment,
            )
            #expect(unknown.code == .code(2))
            let wrong = try directory.write("coverages: [{ name: eu }]", to: "wrong.yaml")
            let refused = try await ran("devices", "list", "--config", wrong)
            #expect(refused.code == .code(78))
            #expect(refused.complaint.contains("wrong.yaml:1"))
        }
    }
}
