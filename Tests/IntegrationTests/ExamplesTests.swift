// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

/// The examples that need no program of others run as they are; the others are checked for structure and topics.
@Suite struct ExamplesTests {
    private static func text(_ path: String) async throws -> String {
        try await ChildProcess.run("cat", ["\(PythonEnvironment.root)/examples/\(path)"]).text
    }

    @Test("every command of examples/mosquitto.md works as it is: listeners hear, downlinks arrive")
    func mosquitto() async throws {
        let commands = try await ExamplesTests.text("mosquitto.md").split(separator: "\n").map(String.init)
        let listeners = commands.filter { $0.hasPrefix("mosquitto_sub ") }
        let requests = commands.filter { $0.hasPrefix("mosquitto_pub ") }
        #expect(listeners.count == 8)
        #expect(requests.count == 8)
        let device = try SceneDevice.abp("otaa-3", 170, application: "demo", extra: "class: C") { $0.deviceClass = .c }
        var settings = SceneSettings()
        settings.network = ["class_c_interval_ms: 0"]
        try await Scene.with([device], bridge: settings) { scene, _ in
            let environment = ["PORT": "\(scene.broker.port)"]
            // Each ends with the first message it hears.
            let programs = try listeners.map {
                try ChildProcess("bash", ["-c", "exec \($0) -C 1 -W 60"], environment: environment)
            }
            try await eventually("every subscription") {
                let log = scene.broker.log
                return log.split(separator: "\n").count { $0.contains("Received SUBSCRIBE from") } >= listeners.count
                    + 4
            }
            // Temperature 27.2: one field.
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 103, 1, 16])
            _ = try await scene.next("demo/devices/otaa-3/up")
            for request in requests {
                let known = scene.heard("demo/devices/otaa-3/events/down/sent").count
                try await ChildProcess.run("bash", ["-c", request], environment: environment)
                if request.contains("300, \"payload_raw\"") {
                    #expect(try await scene.next("demo/devices/otaa-3/events/down/errors")["field"] == "port")
                    continue
                }
                try await eventually("the downlink of \(request)", within: .seconds(40)) {
                    scene.heard("demo/devices/otaa-3/events/down/sent").count > known
                }
                if request.contains("\"confirmed\"") {
                    // Its acknowledgement lets the next one go.
                    try await scene.simulator.sendUplink(
                        devEUI: device.virtual.devEUI,
                        port: 1,
                        payload: [1, 103, 1, 16]
                    )
                    _ = try await scene.next("demo/devices/otaa-3/events/down/acks")
                }
            }
            let report = try await scene.report("every downlink") { $0.device("otaa-3")?.downlinks.count ?? 0 >= 7 }
            #expect(
                report.device("otaa-3")?.downlinks.map(\.payload)
                    == [
                        [1, 2, 3], [1, 2, 3, 4, 5], [1, 0x08, 0x66], [1], [2], [0xBE, 0xEF], [1, 0x01, 0x2C],
                    ]
            )
            for (program, command) in zip(programs, listeners) {
                #expect(try await program.exit(within: .seconds(70)) == .code(0), "\(command)")
                #expect(!program.record.value.text.isEmpty, "\(command)")
            }
        }
    }

    @Test("the Node-RED flow is whole: every wire and group leads somewhere, every topic is one of the bridge's")
    func nodeRED() async throws {
        let flow = try JSONValue(parsing: Array(try await ExamplesTests.text("node-red/flow.json").utf8))
        let nodes = try #require(flow.elements)
        let ids = nodes.compactMap { $0["id"]?.text }
        #expect(ids.count == nodes.count)
        #expect(Set(ids).count == ids.count)
        for node in nodes {
            for output in node["wires"]?.elements ?? [] {
                for wire in output.elements ?? [] { #expect(ids.contains(wire.text ?? ""), "\(node.jsonText)") }
            }
            for reference in ["z", "broker", "group", "page", "ui", "theme"] {
                guard let name = node[reference]?.text, node["type"] != "mqtt-broker" else { continue }
                #expect(ids.contains(name), "\(reference) of \(node.jsonText)")
            }
        }
        let types = nodes.compactMap { $0["type"]?.text }
        for wanted in ["ui-table", "ui-chart", "ui-button", "ui-form", "mqtt-broker"] {
            #expect(types.contains(wanted), "the flow has no \(wanted)")
        }
        let filters = Set(nodes.filter { $0["type"] == "mqtt in" }.compactMap { $0["topic"]?.text })
        #expect(
            filters == ["+/devices/+/up", "+/devices/+/up/+", "+/devices/+/events/#", "+/response/#"]
        )
        let functions = nodes.filter { $0["type"] == "function" }.compactMap { $0["func"]?.text }
        #expect(functions.contains { $0.contains("demo/devices/otaa-3/down") })
        #expect(functions.contains { $0.contains("/request/register_device") })
    }

    @Test("Telegraf's configuration is TOML that listens to the bridge's topics")
    func telegraf() async throws {
        let program = """
            import json, sys, tomllib
            print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))
            """
        let printed = try await ChildProcess.run(
            "python3",
            ["-c", program, "\(PythonEnvironment.root)/examples/telegraf/telegraf.conf"],
        )
        let inputs = try JSONValue(parsing: Array(printed.text.utf8))["inputs"]?["mqtt_consumer"]?.elements ?? []
        let topics = inputs.flatMap { $0["topics"]?.elements ?? [] }.compactMap(\.text)
        #expect(
            topics == [
                "+/devices/+/up", "+/devices/+/events/up/errors", "+/devices/+/events/down/errors",
                "+/devices/+/events/activations/errors",
            ]
        )
        #expect(inputs.compactMap { $0["client_id"]?.text }.count == 2)
    }

    @Test("examples/README.md names every example")
    func index() async throws {
        let index = try await ExamplesTests.text("README.md")
        let present = try await ChildProcess.run("ls", ["\(PythonEnvironment.root)/examples"]).lines.map(\.text)
        #expect(present.count > 8)
        for name in present where name != "README.md" {
            #expect(index.contains("(\(name)") || index.contains("(\(name)/"), "\(name) is missing")
        }
    }
}
