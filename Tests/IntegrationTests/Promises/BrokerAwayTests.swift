// SPDX-License-Identifier: Apache-2.0
import JSON
import RANSimulator
import TestSupport
import Testing

@Suite struct BrokerAwayTests {
    private static func talkers(_ count: Int, first: UInt8, every interval: Duration) throws -> [SceneDevice] {
        try (0..<UInt8(count)).map { number in
            try SceneDevice.abp("b\(number)", first + number) { $0.interval = interval }
        }
    }

    @Test("messages that grow older than the queue may hold are given up, counted, and told when the broker is back")
    func tooOld() async throws {
        let devices = try Self.talkers(3, first: 130, every: .milliseconds(50))
        var settings = SceneSettings()
        settings.broker = BrokerProcess.persistent
        settings.extraLines = ["service: { queue_max_age_s: 2, publish_limit: 16 }"]
        try await Scene.with(devices, bridge: settings) { scene, bridge in
            _ = try await scene.report("traffic") { $0.acks > 20 }
            try await scene.broker.stop()
            try await bridge.line(containing: "outbox_dropped")
            try await scene.broker.restart()
            let told = try await scene.next("admin/events/up/errors") { $0["reason"] == "queue_overflow" }
            #expect(try #require(told["count"]?.wholeNumber) > 0)
            _ = try await scene.next("app/devices/b0/events/up/errors") { $0["reason"] == "queue_overflow" }
            #expect(try await bridge.terminate(within: .seconds(10)) == .code(0))
            // Whatever was acked arrived or was counted; what arrived kept its order.
            let report = await scene.simulator.snapshot()
            for device in devices {
                let name = device.virtual.name
                let acked = (report.device(name)?.uplinks ?? []).filter(\.isAcked).count
                let heard = scene.heard("app/devices/\(name)/up").compactMap { $0["counter"]?.wholeNumber }
                let lost = scene.heard("app/devices/\(name)/events/up/errors")
                    .filter { $0["reason"] == "queue_overflow" }.compactMap { $0["count"]?.wholeNumber }.reduce(0, +)
                #expect(Set(heard).count + Int(lost) >= acked)
                var first: [Int64] = []
                for counter in heard where !first.contains(counter) { first.append(counter) }
                #expect(first == first.sorted())
            }
        }
    }

    @Test("what waited through a kill -9 of the bridge is published marked as a repetition, under one correlation id")
    func redelivery() async throws {
        let device = try SceneDevice.abp("r9", 140)
        var settings = SceneSettings()
        settings.broker = BrokerProcess.persistent
        try await Scene.with([device], bridge: settings) { scene, bridge in
            try await scene.broker.stop()
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            _ = try await scene.report("the ack") { $0.acks == 1 }
            try await bridge.kill9()
            let second = try scene.startBridge()
            // Killed again before the broker is back: the message still has its first name.
            try await second.line(containing: "loaded")
            try await second.kill9()
            try await scene.broker.restart()
            let third = try scene.startBridge()
            try await scene.ready(third)
            let message = try await scene.next("app/devices/r9/up")
            #expect(message["is_retry"] == true)
            let ids = try await scene.next("v3/app@ttn/devices/r9/up")["correlation_ids"]?.elements ?? []
            #expect(ids.contains { $0.text?.hasPrefix("as:up:") == true })
            try await third.kill9()
        }
    }

    @Test("live messages of a device do not wait for another's long backlog")
    func live() async throws {
        let devices = try Self.talkers(1, first: 145, every: .milliseconds(10)) + [SceneDevice.abp("quiet", 150)]
        var settings = SceneSettings()
        settings.broker = BrokerProcess.persistent
        settings.extraLines = ["service: { publish_limit: 16 }"]
        try await Scene.with(devices, bridge: settings) { scene, bridge in
            try await scene.broker.stop()
            let before = await scene.simulator.snapshot().acks
            _ = try await scene.report("a backlog", within: .seconds(60)) { $0.acks > before + 600 }
            try await scene.broker.restart()
            _ = try await scene.next("app/devices/b0/up")
            try await scene.simulator.sendUplink(devEUI: devices[1].virtual.devEUI, port: 1, payload: [1, 0, 1])
            _ = try await scene.next("app/devices/quiet/up")
            #expect(try await bridge.terminate(within: .seconds(10)) == .code(0))
        }
    }
}
