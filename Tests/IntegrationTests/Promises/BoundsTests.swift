// SPDX-License-Identifier: Apache-2.0
import JSON
import RANSimulator
import TestSupport
import Testing

@Suite struct BoundsTests {
    @Test("who sends nothing but wrong frames is rejected each time, but causes few events")
    func refusals() async throws {
        let device = try SceneDevice.abp("n1", 180)
        try await Scene.with([device]) { scene, _ in
            let frame: [UInt8] = [0x40, 0xB4, 0x01, 0x01, 0x26, 0, 0, 0, 1, 0xAA, 0xBB]
            for mic in 1...100 {
                let message = RawUpstream(devEUIs: [device.virtual.devEUI], octets: frame, mic: UInt32(mic))
                guard case .reject = try await scene.simulator.inject(message) else {
                    throw SceneError(problem: "frame \(mic) was not rejected")
                }
            }
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            _ = try await scene.next("app/devices/n1/up")
            #expect((1...30).contains(scene.heard("app/devices/n1/events/up/errors").count))
        }
    }

    @Test("figures and readiness are told over HTTP")
    func metrics() async throws {
        let device = try SceneDevice.abp("n2", 181)
        let port = try FreePort.next()
        var settings = SceneSettings()
        settings.extraLines = ["metrics: { listen: \(port) }"]
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            _ = try await scene.next("app/devices/n2/up")
            let text = try await get("http://127.0.0.1:\(port)/metrics")
            #expect(text.contains("# TYPE bridge_uplinks_accepted_total counter\nbridge_uplinks_accepted_total 1\n"))
            #expect(text.contains("bridge_refused_total{reason=\"mic_failed\"} 0"))
            #expect(try await get("http://127.0.0.1:\(port)/ready") == "ready\n")
        }
    }

    @Test("a bridge that cannot start says why and ends at once, however long its drain may take")
    func startFails() async throws {
        let device = try SceneDevice.abp("n3", 182)
        try await BrokerProcess.with { broker in
            let directory = try TemporaryDirectory("start")
            var settings = SceneSettings()
            settings.extraLines = ["service: { drain_s: 600 }", "metrics: { listen: \(broker.port) }"]
            let file = try directory.write(
                settings.yaml([device], ranURL: "http://127.0.0.1:1/api", brokerURL: broker.url, directory.path),
                to: "bridge.yaml",
            )
            let bridge = try ChildProcess.built("ran-mqtt-bridge", ["run", "--config", file])
            let exit = try await bridge.exit(within: .seconds(60))
            #expect(exit != .code(0))
            #expect(bridge.record.value.text.contains("cannot listen for metrics on 127.0.0.1:\(broker.port)"))
        }
    }

    private func get(_ url: String) async throws -> String {
        let program = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode(), end='')"
        let lines = try await ChildProcess.run("python3", ["-c", program, url]).lines
        return lines.map { $0.text + "\n" }.joined()
    }
}
