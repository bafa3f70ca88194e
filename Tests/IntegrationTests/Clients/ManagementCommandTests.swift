// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

/// `app`, `device`, `key` and `group` against the built bridge.
@Suite struct ManagementCommandTests {
    private static let appKey = "00112233445566778899AABBCCDDEEFF"

    @Test("an application and its devices are made, shown, changed and removed; the codes say how it went")
    func devices() async throws {
        try await Scene.with([SceneDevice.abp("known", 64)]) { scene, _ in
            let bridge = BridgeProgram(scene.broker)
            #expect(try await bridge("app", "add", "meters").code == .code(0))
            #expect(try await bridge("app", "add", "meters").code == .code(4))
            let applications = try await bridge("app", "list")
            #expect(applications.output.split(separator: "\n").first?.hasPrefix("APPLICATION  FORMAT") == true)
            #expect(applications.output.contains("\nmeters       none"))
            #expect(try await bridge("app", "set-format", "meters", "cayennelpp").output.contains("cayennelpp"))
            #expect(try await bridge("app", "set-format", "meters", "lpp").code == .code(1))
            let directory = try TemporaryDirectory("functions")
            let decoder = try directory.write(
                "function Decoder(bytes) {\n  return { n: bytes[0] };\n}\n",
                to: "decoder.js"
            )
            #expect(try await bridge("app", "set-functions", "meters", "--decoder", decoder).code == .code(0))
            let application = try await bridge("app", "get", "meters", "--json").json()
            #expect(application["decoder"]?.text?.hasPrefix("function Decoder") == true)
            #expect(application["payload_format"] == "cayennelpp")

            // A dry run shows what would be asked, without the key, and asks nothing.
            let words = [
                "--dev-eui", "70b3d57ed0000004", "--join-eui", "70b3d57ed0f00001", "--app-key", Self.appKey,
                "--attribute", "site=roof", "--attribute", "floor=3", "--description", "north",
            ]
            let dry = try await bridge.run(["device", "add", "meters", "a1", "--dry-run"] + words)
            #expect(dry.code == .code(0))
            #expect(dry.output.contains("register_device"))
            #expect(!dry.output.contains(Self.appKey))
            #expect(try await bridge("device", "get", "meters", "a1").code == .code(3))

            let added = try await bridge.run(["device", "add", "meters", "a1", "--json"] + words)
            #expect(added.code == .code(0))
            #expect(try added.json()["attributes"] == ["site": "roof", "floor": "3"])
            #expect(!added.output.contains(Self.appKey))
            // The same again is no error; something else is.
            #expect(try await bridge.run(["device", "add", "meters", "a1"] + words).code == .code(0))
            #expect(try await bridge.run(["device", "add", "meters", "a1", "--class", "C"] + words).code == .code(4))
            #expect(
                try await bridge.run(["device", "add", "meters", "a1", "--class", "C", "--overwrite"] + words).code
                    == .code(0)
            )
            let shown = try await bridge("device", "get", "meters", "a1", "--keys", "--json").json()
            #expect(shown["lorawan_device"]?["app_key"]?.text == Self.appKey)
            #expect(shown["lorawan_device"]?["class"] == "C")
            #expect(!(try await bridge("device", "get", "meters", "a1").output.contains(Self.appKey)))
            let updated = try await bridge("device", "update", "meters", "a1", "--set", "altitude=12.5", "--json")
            #expect(try updated.json()["altitude"] == 12.5)
            #expect(try updated.json()["description"] == "north")
            let wrong = try await bridge("device", "update", "meters", "a1", "--region", "MARS")
            #expect(wrong.code == .code(1))
            #expect(wrong.complaint.contains("region"))
            let list = try await bridge("device", "list", "meters", "--attribute", "site=roof")
            #expect(list.output.contains("\na1      70B3D57ED0000004  OTAA"))
            #expect(try await bridge("device", "list", "meters", "--attribute", "site=x", "--json").json() == [])

            // Nobody is asked without a terminal; on one, only yes is yes.
            #expect(try await bridge("device", "remove", "meters", "a1").code == .code(2))
            #expect(try await bridge.onTerminal(typing: "no", "device", "remove", "meters", "a1").code == .code(1))
            #expect(try await bridge("device", "get", "meters", "a1").code == .code(0))
            #expect(try await bridge.onTerminal(typing: "yes", "device", "remove", "meters", "a1").code == .code(0))
            let removed = try await bridge("device", "remove", "meters", "a1", "--yes")
            #expect(removed.code == .code(3))
            #expect(removed.complaint.contains("a1"))
            #expect(try await bridge("app", "remove", "meters", "--yes").code == .code(0))
            #expect(try await bridge("app", "get", "meters").code == .code(3))
        }
    }

    @Test("a list is imported with a report of its wrong lines, exported and imported again equal")
    func transfer() async throws {
        try await Scene.with([SceneDevice.abp("known", 65)]) { scene, _ in
            let bridge = BridgeProgram(scene.broker)
            let directory = try TemporaryDirectory("transfer")
            var lines = (0..<1_200).map { number -> String in
                let devEUI = EUI64(rawValue: 0x70B3_D57E_D100_0000 + UInt64(number))
                return #"{"dev_id":"d\#(1_000_000 + number)","description":"a \"b\"; c","lorawan_device":{"#
                    + #""dev_eui":"\#(devEUI.hex)","app_eui":"70b3d57ed0f00001","app_key":"\#(Self.appKey)"}}"#
            }
            lines[700] = #"{"dev_id":"broken","lorawan_device":{"dev_eui":"70B3"}}"#
            lines[701] = "{"
            let list = try directory.write(lines.joined(separator: "\n") + "\n", to: "devices.jsonl")
            #expect(try await bridge("device", "import", "app", list, "--dry-run").output.contains("1200 devices"))
            #expect(try await bridge("device", "list", "app", "--json").json().elements?.count == 1)
            let imported = try await bridge("device", "import", "app", list, "--json")
            #expect(imported.code == .code(1))
            let report = try imported.json()
            #expect(report["created"] == 1_198)
            #expect(report["failed"] == 2)
            #expect(report["errors"]?.elements?.map { $0["line"] } == [701, 702])
            #expect(report["errors"]?.elements?.first?["dev_id"] == "broken")
            #expect(report["errors"]?.elements?.first?["field"]?.text?.hasSuffix("dev_eui") == true)
            let again = try await bridge("device", "import", "app", list)
            #expect(again.output.contains("1198 unchanged"))
            #expect(again.output.contains("broken"))

            for format in ["jsonl", "csv"] {
                let exported = directory.file("exported.\(format)")
                #expect(try await bridge("device", "export", "app", "--keys", "--output", exported).code == .code(0))
                #expect(try await bridge.run(["device", "remove", "app", "--yes"] + Self.ids(100)).code == .code(0))
                let moved = try await bridge("device", "import", "app", exported, "--json")
                #expect(try moved.json()["created"] == 100)
                #expect(try moved.json()["unchanged"] == 1_099)
                let second = directory.file("second.\(format)")
                #expect(try await bridge("device", "export", "app", "--keys", "--output", second).code == .code(0))
                let same = try ChildProcess("cmp", [exported, second])
                #expect(try await same.exit() == .code(0))
            }
        }
    }

    private static func ids(_ count: Int) -> [String] { (0..<count).map { "d\(1_000_000 + $0)" } }

    @Test("events are shown, and followed as they happen until the program is interrupted")
    func events() async throws {
        let device = try SceneDevice.abp("w1", 66)
        try await Scene.with([device]) { scene, _ in
            let bridge = BridgeProgram(scene.broker)
            #expect(try await bridge("device", "simulate", "app", "w1", "1", "0167010f").code == .code(0))
            _ = try await scene.next("app/devices/w1/up")
            let past = try await bridge("device", "events", "app", "w1")
            #expect(past.output.contains("temperature_1"))
            let watching = try bridge.start(["device", "events", "app", "w1", "--watch", "--json"])
            try await watching.line(containing: "\"up\"")
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [9, 0, 7])
            try await watching.line(containing: "digital_in_9", within: .seconds(60))
            #expect(try await watching.terminate() == .code(0))

            try await scene.publish("app/devices/w1/down", #"{"port":7,"payload_raw":"AQI=","id":"mine"}"#)
            _ = try await scene.next("app/devices/w1/events/down/scheduled")
            let queue = try await bridge("device", "queue", "app", "w1")
            #expect(queue.output.contains("0102"))
            #expect(queue.output.contains("mine"))
            #expect(try await bridge("device", "clear-queue", "app", "w1", "--yes").output == "1 downlinks removed")
            #expect(try await bridge("device", "queue", "app", "w1", "--json").json()["downlinks"] == [])
        }
    }

    @Test("multicast groups are made, filled, sent to and removed")
    func groups() async throws {
        try await Scene.with([SceneDevice.abp("g1", 67, extra: "class: C") { $0.deviceClass = .c }]) { scene, _ in
            let bridge = BridgeProgram(scene.broker)
            let added = try await bridge(
                "group",
                "add",
                "app",
                "lamps",
                "--addr",
                "26011fff",
                "--class",
                "C",
                "--nwk-s-key",
                Self.appKey,
                "--app-s-key",
                Self.appKey,
                "--name",
                "street",
            )
            #expect(added.code == .code(0))
            #expect(try await bridge("group", "add-device", "app", "lamps", "g1").code == .code(0))
            #expect(try await bridge("group", "add-device", "app", "lamps", "zz").code == .code(3))
            let list = try await bridge("group", "list", "app")
            #expect(list.output.contains("lamps  26011FFF  C      g1"))
            #expect(!list.output.contains(Self.appKey))
            #expect(try await bridge("group", "send", "app", "lamps", "10", "01ff").code == .code(0))
            #expect(try await bridge("group", "update", "app", "lamps", "--name", "road").output.contains("road"))
            #expect(try await bridge("group", "remove-device", "app", "lamps", "g1").code == .code(0))
            #expect(try await bridge("group", "remove", "app", "lamps", "--yes").code == .code(0))
            #expect(try await bridge("group", "remove", "app", "lamps", "--yes").code == .code(3))
        }
    }

    @Test("a running bridge says how far its routing tables are and what it plans")
    func routing() async throws {
        try await Scene.with([SceneDevice.abp("known", 68)]) { scene, _ in
            let bridge = BridgeProgram(scene.broker)
            try await eventually("the device is in the table") {
                try await bridge("ran", "status", "--json").json()["coverages"]?.elements?.first?["routing_table"]?[
                    "in_effect"
                ] == 1
            }
            #expect(try await bridge("ran", "status").output.contains("\neu        EU868"))
            let plan = try await bridge("ran", "plan", "--json").json()
            #expect(plan["table"] == 1)
            #expect(plan["insert_count"] == 0)
        }
    }

    @Test("without a bridge, without a broker and with a wrong key the code says which")
    func nobody() async throws {
        try await BrokerProcess.with { broker in
            let outcome = try await BridgeProgram(broker)("app", "list")
            #expect(outcome.code == .code(69))
            #expect(outcome.complaint.contains("is the bridge running"))
            try await broker.stop()
            let alone = try await BridgeProgram(broker)("app", "list")
            #expect(alone.code == .code(69))
            #expect(alone.complaint.contains("no connection to the broker"))
        }
        try await BrokerProcess.with("listener {port} 127.0.0.1\nallow_anonymous false\n") { broker in
            let refused = try await BridgeProgram(broker, username: "meters", password: "secret-9")("app", "list")
            #expect(refused.code == .code(77))
            #expect(!refused.complaint.contains("secret-9"))
        }
    }

    @Test("every command explains itself with an example, and a wrong line is refused with a hint")
    func help() async throws {
        let bridge = try await BrokerProcess.with { BridgeProgram($0) }
        for noun in ["app", "device", "key", "group"] {
            let overview = try await bridge(noun, "--help")
            #expect(overview.code == .code(0))
            #expect(try await bridge(noun).code == .code(2))
            let commands = overview.output.split(separator: "\n").filter { $0.hasPrefix("  \(noun) ") }
                .compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
            #expect(commands.count >= 3)
            for command in commands {
                let help = try await bridge(noun, command, "--help")
                #expect(help.code == .code(0))
                #expect(help.output.contains("usage: ran-mqtt-bridge \(noun) \(command)"))
                #expect(help.output.contains("example:\n  ran-mqtt-bridge \(noun) \(command)"))
                #expect(help.output.contains("--json"))
            }
        }
        for words in [
            ["device", "list"], ["device", "list", "a1", "b2"], ["device", "lst", "meters"], ["app", "list", "--nope"],
            ["device", "add", "meters", "a1", "--latitude", "north"], ["device", "update", "meters", "a1"],
            ["device", "update", "meters", "a1", "--set", "x"], ["app", "set-functions", "meters"],
            ["device", "import", "meters", "list.csv", "--format", "xml"], ["key", "add", "meters", "reader"],
            ["device", "simulate", "meters", "a1", "0", "01"], ["device", "simulate", "meters", "a1", "1", "0"],
            ["app", "list", "--timeout", "0"], ["app", "list", "--protocol", "4"],
        ] {
            let outcome = try await bridge.run(words)
            #expect(outcome.code == .code(2), "\(words)")
            #expect(outcome.complaint.contains("--help"), "\(words)")
        }
    }
}
