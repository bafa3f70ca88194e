// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

/// The Things Network's own Python package, as PyPI has it, against broker, bridge and simulator. The program is the
/// example of `examples/python-ttn-sdk`.
@Suite struct TTNSDKTests {
    /// A broker that knows users as The Things Network did: the application's id with its access key.
    private static let broker = """
        listener {port} 127.0.0.1
        allow_anonymous false
        password_file {directory}/passwords
        """

    private static func settings() async throws -> (settings: SceneSettings, directory: TemporaryDirectory) {
        let directory = try TemporaryDirectory("sdk")
        let passwords = directory.file("passwords")
        for (number, user) in [("app", "ttn-account-v2.key"), ("bridge", "b"), ("listener", "l")].enumerated() {
            try await ChildProcess.run(
                "mosquitto_passwd",
                (number == 0 ? ["-c"] : []) + ["-b", passwords, user.0, user.1],
            )
        }
        var settings = SceneSettings()
        settings.broker = broker.replacing("{directory}", with: directory.path)
        settings.login = ("bridge", "b")
        settings.listenerUser = ("listener", "l")
        settings.network = ["class_c_interval_ms: 0"]
        settings.applications["app"] = [
            "payload_format: custom",
            "decoder: \"function Decoder(bytes, port) { return { level: bytes[0], door: { open: bytes[1] === 1 } }; }\"",
            "encoder: \"function Encoder(object, port) { return [object.counter, object.led_state === 'on' ? 1 : 0]; }\"",
        ]
        return (settings, directory)
    }

    @Test("the unmodified ttn package hears uplinks with every attribute and sends all its payload forms")
    func roundTrip() async throws {
        let python = try await PythonEnvironment.interpreter(requirements: "examples/python-ttn-sdk/requirements.txt")
        let (settings, directory) = try await TTNSDKTests.settings()
        let device = try SceneDevice.abp("p1", 90, extra: "class: C, attributes: { site: roof }") {
            $0.deviceClass = .c
            $0.gateways = [GatewayReception(rssi: -71.5, snr: 8), GatewayReception(rssi: -97, snr: -2.25)]
        }
        let second = try SceneDevice.abp("p2", 91)
        try await Scene.with([device, second], bridge: settings) { scene, _ in
            let program = try ChildProcess(
                python,
                [
                    "\(PythonEnvironment.root)/examples/python-ttn-sdk/roundtrip.py",
                    "--broker", "127.0.0.1:\(scene.broker.port)", "--application", "app",
                    "--key", "ttn-account-v2.key", "--device", "p1",
                    "--fields", #"{"led_state": "on", "counter": 7}"#, "--timeout", "60",
                ],
            )
            try await program.line(containing: #"{"event": "connected", "result": true}"#)
            // The package subscribes in the background: its first uplink is sent once the broker has said so.
            try await scene.broker.logLine(containing: "app/devices/+/up (QoS 0)")
            let first = try await scene.expect(uplink: [200, 1], of: device, port: 9, from: program)
            #expect(first["app_id"] == "app")
            #expect(first["dev_id"] == "p1")
            #expect(first["hardware_serial"] == "70B3D57ED000015A")
            #expect(first["port"] == 9)
            #expect(first["counter"] == 0)
            #expect(first["payload_raw"] == "yAE=")
            #expect(first["payload_fields"]?.elements?.isEmpty != true)
            #expect(first["payload_fields"]?["level"] == 200)
            #expect(first["attributes"] == ["site": "roof"])
            #expect(first["time"]?.text?.hasSuffix("Z") == true)
            #expect(try #require(first["frequency"]?.double) > 860)
            #expect(first["modulation"] == "LORA")
            #expect(first["data_rate"] == "SF7BW125")
            #expect(first["coding_rate"] == "4/5")
            #expect(first["airtime"] == 46_336_000)
            let gateways = try #require(first["gateways"]?.elements)
            #expect(gateways.count == 2)
            #expect(Set(gateways.compactMap { $0["rssi"]?.double }) == [-71.5, -97])
            #expect(Set(gateways.compactMap { $0["snr"]?.double }) == [8, -2.25])
            for gateway in gateways {
                #expect(gateway["gtw_id"] == "eu")
                #expect(gateway["time"]?.text != nil)
                #expect(gateway["channel"]?.wholeNumber != nil)
                #expect(gateway["rf_chain"]?.wholeNumber != nil)
            }

            // The answers went out with the first uplink: a dictionary, base64, hexadecimal.
            let report = try await scene.report("three downlinks") { $0.device("p1")?.downlinks.count ?? 0 >= 3 }
            let downlinks = report.device("p1")?.downlinks ?? []
            #expect(downlinks.map(\.payload) == [[7, 1], [1], [0x0A, 0x1B, 0x2C, 0x3D, 0x4E]])
            #expect(downlinks.map(\.port) == [10, 11, 12])
            #expect(scene.heard("app/devices/p1/events/down/errors").isEmpty)

            // Uplinks without attributes, without fields or of other devices cost the package nothing.
            _ = try await scene.expect(uplink: [1], of: second, port: 255, from: program)
            let last = try await scene.expect(uplink: [0, 0], of: device, port: 1, from: program)
            #expect(last["counter"] == 1)
            try await program.line(containing: #""event": "closed", "result": true"#)
            #expect(try await program.exit() == .code(0))
            let said = program.record.value
            #expect(!said.text.contains("Traceback"), "\(said.text)")
            #expect(said.lines.count { $0.text.contains(#""event": "published""#) } == 3)
        }
        withExtendedLifetime(directory) {}
    }

    @Test("a wrong access key, an unknown application and an application in capitals are refused with code 5")
    func refusedLogins() async throws {
        let python = try await PythonEnvironment.interpreter(requirements: "examples/python-ttn-sdk/requirements.txt")
        let (settings, directory) = try await TTNSDKTests.settings()
        try await BrokerProcess.with(settings.broker) { broker in
            for (application, key) in [
                ("app", "wrong"), ("nobody", "ttn-account-v2.key"), ("APP", "ttn-account-v2.key"),
            ] {
                let program = try ChildProcess(
                    python,
                    [
                        "\(PythonEnvironment.root)/examples/python-ttn-sdk/roundtrip.py",
                        "--broker", "127.0.0.1:\(broker.port)", "--application", application, "--key", key,
                    ],
                )
                // What the package itself says of CONNACK code 5.
                try await program.line(containing: "not authorised")
                try await program.kill9()
            }
        }
        withExtendedLifetime(directory) {}
    }
}

extension Scene {
    /// Has a device send and waits until a program has printed the uplink.
    fileprivate func expect(
        uplink payload: [UInt8],
        of device: SceneDevice,
        port: UInt8,
        from program: ChildProcess,
    ) async throws -> JSONValue {
        let known = program.record.value.lines.count
        try await simulator.sendUplink(devEUI: device.virtual.devEUI, port: port, payload: payload)
        let needle = #""dev_id": "\#(device.virtual.name)""#
        let line = try await program.line(containing: needle, from: known)
        return try JSONValue(parsing: Array(line.text.utf8))
    }
}
