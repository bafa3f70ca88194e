// SPDX-License-Identifier: Apache-2.0
import JSON
import MQTTShim
import RANSimulator
import TestSupport
import Testing

@Suite struct LifecycleTests {
    @Test("SIGTERM drains: all that was acked is published, the exit comes within 10 s with code 0")
    func terminate() async throws {
        let devices = try (1...8).map { number in
            try SceneDevice.abp("t\(number)", UInt8(20 + number)) { $0.interval = .milliseconds(50) }
        }
        try await Scene.with(devices) { scene, bridge in
            _ = try await scene.report("traffic") { $0.acks > 100 }
            let exit = try await bridge.terminate(within: .seconds(10))
            #expect(exit == .code(0))
            try await expectAllAckedPublished(scene, devices)
        }
    }

    @Test("ready is said once, and no key or token is in the log")
    func readyAndSecrets() async throws {
        let device = try SceneDevice.otaa("k1", 30)
        try await Scene.with([device]) { scene, bridge in
            try await scene.simulator.join(devEUI: device.virtual.devEUI)
            _ = try await scene.next("app/devices/k1/events/activations")
            let lines = bridge.record.value.lines.map(\.text)
            #expect(lines.filter { $0.contains("ready") }.count == 1)
            let text = lines.joined(separator: "\n").lowercased()
            #expect(!text.contains(Scene.token))
            #expect(!text.contains("3333333333333333"))
        }
    }

    @Test("a wrong RAN token is said in words and the service keeps trying")
    func wrongToken() async throws {
        var settings = SceneSettings()
        settings.token = "not-the-token"
        settings.waitsUntilReady = false
        try await Scene.with([try SceneDevice.abp("w1", 31)], bridge: settings) { scene, bridge in
            try await bridge.line(containing: "unauthorized")
            _ = try await scene.report("a second attempt") { $0.unauthorized >= 6 }
            #expect(bridge.record.value.exit == nil)
            #expect(!bridge.record.value.text.contains("not-the-token"))
        }
    }

    @Test("the broker away for a while costs nothing: what was acked arrives when it is back, in order")
    func brokerRestart() async throws {
        let devices = try (1...4).map { number in
            try SceneDevice.abp("p\(number)", UInt8(40 + number)) { $0.interval = .milliseconds(100) }
        }
        var settings = SceneSettings()
        settings.broker = BrokerProcess.persistent
        try await Scene.with(devices, bridge: settings) { scene, bridge in
            _ = try await scene.report("traffic") { $0.acks > 40 }
            try await scene.broker.stop()
            let before = await scene.simulator.snapshot().acks
            _ = try await scene.report("acks while the broker is away") { $0.acks > before + 40 }
            try await scene.broker.restart()
            _ = try await scene.report("traffic again") { $0.acks > before + 80 }
            #expect(try await bridge.terminate(within: .seconds(10)) == .code(0))
            try await expectAllAckedPublished(scene, devices)
        }
    }
}

/// Every uplink that the RAN saw acked must have reached the listener, first publications in FCnt order; what comes twice
/// comes under the same names, so that subscribers can tell.
func expectAllAckedPublished(_ scene: Scene, _ devices: [SceneDevice]) async throws {
    let report = await scene.simulator.snapshot()
    var heard = HeardUplinks()
    for device in devices {
        let name = device.virtual.name
        let acked = Set((report.device(name)?.uplinks ?? []).filter(\.isAcked).map { Int64($0.fCnt) })
        #expect(!acked.isEmpty)
        try await eventually("all \(acked.count) acked uplinks of \(name) on MQTT") {
            heard.read(scene)
            return acked.isSubset(of: heard.counters[name, default: []])
        }
        let first = heard.first[name, default: []]
        #expect(first == first.sorted(), "first publications of \(name) out of order: \(first)")
    }
    #expect(heard.renamed.isEmpty, "published twice under different names: \(heard.renamed)")
}

/// The counters of the uplinks that a scene's listener heard, read once.
private struct HeardUplinks {
    /// By device.
    var counters: [String: Set<Int64>] = [:]
    /// In the order of their first publication.
    var first: [String: [Int64]] = [:]
    /// Uplinks whose correlation ids were others the second time.
    var renamed: [String] = []
    private var names: [String: JSONValue] = [:]
    private var messagesRead = 0

    mutating func read(_ scene: Scene) {
        let messages = scene.listener.record.value.messages
        for message in messages[messagesRead...] {
            let levels = message.topic.split(separator: "/")
            guard levels.last == "up", let body = message.json else { continue }
            if levels.count == 4 {
                let counter = body["counter"]?.wholeNumber ?? 0
                let device = String(levels[2])
                if counters[device, default: []].insert(counter).inserted { first[device, default: []].append(counter) }
            } else if levels.count == 5 {
                let key = "\(levels[3]) \(body["uplink_message"]?["f_cnt"]?.wholeNumber ?? 0)"
                guard let ids = body["correlation_ids"] else { continue }
                if let known = names[key], known != ids { renamed.append(key) }
                names[key] = ids
            }
        }
        messagesRead = messages.count
    }
}
