// SPDX-License-Identifier: Apache-2.0
import RANSimulator
import TestSupport
import Testing

@Suite struct StoreTroubleTests {
    @Test("a full database takes no more uplinks and acks none; when the broker empties it, everything goes on")
    func full() async throws {
        let devices = try (0..<6).map { number in
            try SceneDevice.abp("f\(number)", UInt8(160 + number)) {
                $0.interval = .milliseconds(40)
                $0.overlapsWindows = true
            }
        }
        var settings = SceneSettings()
        settings.broker = BrokerProcess.persistent
        settings.extraLines = [
            "store: { url: \"sqlite:{directory}/bridge.db\", max_size_mb: 1 }",
            "service: { publish_limit: 64, drain_s: 60 }",
        ]
        try await Scene.with(devices, bridge: settings) { scene, bridge in
            try await scene.broker.stop()
            try await bridge.line(containing: "reason=disk_full", within: .seconds(120))
            let full = await scene.simulator.snapshot()
            let held = try await scene.report("frames without an ack") { $0.upstreamSent > full.upstreamSent + 200 }
            // A commit that was under way when the first one failed may still be answered.
            #expect(held.acks - full.acks < 200)
            try await scene.broker.restart()
            try await bridge.line(containing: "store_recovered", within: .seconds(60))
            // First come answers to frames that the RAN no longer waits for.
            _ = try await scene.report("acks again", within: .seconds(120)) { $0.acks > held.acks + 100 }
            #expect(try await bridge.terminate(within: .seconds(65)) == .code(0))
            try await expectAllAckedPublished(scene, devices)
        }
    }

    @Test(
        "a database that another program holds is said to be locked, nothing is acked meanwhile, and it goes on after"
    )
    func locked() async throws {
        let device = try SceneDevice.abp("l1", 170)
        try await Scene.with([device]) { scene, bridge in
            let program = """
                import signal, sqlite3, sys
                connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
                connection.execute("BEGIN IMMEDIATE")
                print("holds it", flush=True)
                # Until it is killed.
                signal.pause()
                """
            let holder = try ChildProcess("python3", ["-c", program, scene.directory.file("bridge.db")])
            try await holder.line(containing: "holds it")
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            try await bridge.line(containing: "reason=locked")
            #expect(await scene.simulator.snapshot().acks == 0)
            try await holder.kill9()
            try await bridge.line(containing: "store_recovered")
            _ = try await scene.report("the ack") { $0.acks == 1 }
            _ = try await scene.next("app/devices/l1/up")
        }
    }
}
