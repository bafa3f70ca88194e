// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import TestSupport
import Testing

/// The Python module against the built bridge: every method as the SDK's manual shows it.
@Suite struct PythonApplicationClientTests {
    /// What `manual.py` prints, but for the events whose number depends on the moment.
    private static let wanted = [
        "application app cayennelpp",
        "functions True True True",
        "device app my-device-id one of the manual's 52.5 {'room': 'kitchen'}",
        "radio 70B3D57ED00000AA 00112233445566778899AABBCCDDEEFF",
        "updated changed 52.5 35",
        "devices known my-device-id my-other-id",
        "connect True True",
        "uplink app my-device-id 1 AQ== 1 True",
        "close True True",
        "connect True True",
        "close True True",
        "gone not_found",
        "unregistered not_found",
    ]

    @Test("a program of the SDK's manual runs with its import changed", arguments: ["1.6.1", "2.1.0"])
    func manual(paho: String) async throws {
        let python = try await Self.python(paho: paho)
        try await Scene.with([SceneDevice.abp("known", 63)]) { scene, _ in
            let program = try await ChildProcess.run(
                python,
                ["-B", "manual.py", "app"],
                environment: ["TTN_BROKER": scene.broker.url, "PYTHONUNBUFFERED": "1"],
                workingDirectory: "\(Self.root)/examples/python-application-client",
                within: .seconds(120),
            )
            let lines = program.lines.filter { $0.stream == .output }.map(\.text)
            #expect(lines.filter { !$0.hasPrefix("downlink ") } == Self.wanted)
            #expect(lines.contains("downlink True True"))
            let body = try await scene.next("app/devices/my-device-id/events/down/scheduled") {
                $0["message"]?["port"] == 2
            }
            #expect(body["message"]?["payload_fields"] == ["led_state": "on", "counter": 1])
        }
    }

    /// The checkout: the tests' binary lies somewhere below its `.build`.
    private static var root: String {
        ChildProcess.buildDirectory.split(separator: "/", omittingEmptySubsequences: false).prefix { $0 != ".build" }
            .joined(separator: "/")
    }

    /// A Python with that version of paho-mqtt, made once and kept below `.build`.
    private static func python(paho: String) async throws -> String {
        let environment = "\(root)/.build/python-paho-\(paho)"
        let python = "\(environment)/bin/python"
        if access(python, X_OK) == 0 {
            let known = try ChildProcess(python, ["-c", "import paho.mqtt.client"])
            if try await known.exit(within: .seconds(60)) == .code(0) { return python }
        }
        try await ChildProcess.run("python3", ["-m", "venv", environment], within: .seconds(120))
        try await ChildProcess.run(
            python,
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "paho-mqtt==\(paho)"],
            within: .seconds(180),
        )
        return python
    }
}
