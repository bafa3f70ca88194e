// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import JSON
import LoRaWAN
import NetworkServer
import RANSimulator
import TestSupport
import Testing

@testable import Bridge

@Suite struct DownlinkWindowTests {
    /// Personalised devices whose first window opens as late as that of devices which join.
    private static func lateWindows() -> SceneSettings {
        var settings = SceneSettings()
        settings.extraLines = [#"network: { net_id: "000013", abp_rx1_delay_s: 5, class_c_interval_ms: 1500 }"#]
        return settings
    }

    @Test("RX2 is tried when the RAN refuses RX1, and the refused attempt is told in the RAN's own words")
    func secondWindow() async throws {
        let device = try SceneDevice.abp("w1", 120)
        try await Scene.with([device], bridge: Self.lateWindows()) { scene, _ in
            try await scene.publish("app/devices/w1/down", #"{"port":5,"payload_raw":"AQ==","id":"mine"}"#)
            _ = try await scene.next("app/devices/w1/events/down/scheduled")
            try await scene.simulator.inject(.downstreamResult(.gatewayError, message: "COLLISION", count: 1))
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            let report = try await scene.report("the downlink") { $0.device("w1")?.downlinks.isEmpty == false }
            #expect(report.device("w1")?.downlinks.first?.window == "RX2")
            #expect(report.device("w1")?.uplinkCount == 1)
            let retried = try await scene.next("app/devices/w1/events/down/scheduled") { $0["attempt"] != nil }
            #expect(retried["attempt"] == 1)
            #expect(retried["ran_result"] == "GatewayError: COLLISION")
            #expect(retried.names("mine"))
            _ = try await scene.next("app/devices/w1/events/down/sent")
        }
    }

    @Test("a confirmed downlink that the device does not acknowledge is sent again, each time told, and then given up")
    func notAcknowledged() async throws {
        // The device opens its windows at other moments than the network believes: it never hears anything.
        let device = try SceneDevice.abp("w2", 121) { $0.rx1Delay = 9 }
        try await Scene.with([device], bridge: Self.lateWindows()) { scene, _ in
            let body =
                #"{"downlinks":[{"f_port":5,"frm_payload":"AQ==","confirmed":true,"confirmed_retry":{"max_attempts":2}}]}"#
            let topic = "v3/app@ttn/devices/w2/down"
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 0])
            _ = try await scene.next("app/devices/w2/up")
            try await scene.publish("\(topic)/push", body)
            for attempt in 1...2 {
                try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
                try await eventually("transmission \(attempt)", within: .seconds(30)) {
                    scene.heard("\(topic)/sent").count == attempt
                }
            }
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 2])
            let failed = try await scene.next("\(topic)/failed")
            #expect(failed["downlink_failed"]?["error"]?["name"] == "max_retries_reached")
            #expect(scene.heard("\(topic)/nack").count >= 1)
            #expect(scene.heard("\(topic)/ack").isEmpty)
        }
    }

    @Test("two class C frames keep their distance, and one for a later moment waits for it")
    func classC() async throws {
        let device = try SceneDevice.abp("w3", 122, extra: "class: C") { $0.deviceClass = .c }
        try await Scene.with([device], bridge: Self.lateWindows()) { scene, _ in
            try await scene.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            _ = try await scene.next("app/devices/w3/up")
            for octet in 1...2 { try await scene.send("w3", octet, #""schedule":"last""#) }
            let topic = "v3/app@ttn/devices/w3/down"
            try await eventually("both sent") { scene.heard("\(topic)/sent").count == 2 }
            let moments = scene.heard("\(topic)/sent").compactMap { $0["received_at"]?.text }.compactMap(seconds)
            #expect(moments.count == 2)
            // Modulo a day, for a midnight between.
            if moments.count == 2 {
                #expect((moments[1] - moments[0] + 86_400).truncatingRemainder(dividingBy: 86_400) >= 1.4)
            }
        }
    }

    @Test("a class B device is sent to in a ping slot, named by its GPS time")
    func classB() async throws {
        let device = try SceneDevice.abp("w4", 123, extra: "class: B") { $0.deviceClass = .b }
        try await Scene.with([device], bridge: Self.lateWindows()) { scene, _ in
            // PingSlotInfoReq: a slot each second.
            let devEUI = device.virtual.devEUI
            try await scene.simulator.sendUplink(devEUI: devEUI, port: 1, payload: [1, 0, 1], commands: [0x10, 0])
            _ = try await scene.report("the answer") { $0.device("w4")?.downlinkCount ?? 0 > 0 }
            try await scene.simulator.sendUplink(devEUI: devEUI, port: 1, payload: [1, 0, 2])
            _ = try await scene.next("app/devices/w4/up") { $0["counter"] == 1 }
            // Later than the windows of that uplink.
            let later = UnixTime(nanoseconds: WallClock.nanoseconds + 9_000_000_000)
            try await scene.publish(
                "v3/app@ttn/devices/w4/down/push",
                #"{"downlinks":[{"f_port":5,"frm_payload":"Bw==","class_b_c":{"absolute_time":"\#(text(later))"}}]}"#,
            )
            let report = try await scene.report("the ping slot", within: .seconds(60)) { report in
                report.device("w4")?.downlinks.contains { $0.payload == [7] } == true
            }
            #expect(report.device("w4")?.downlinks.first { $0.payload == [7] }?.window == "ping slot")
            #expect(report.device("w4")?.uplinkCount == 2)
        }
    }

    @Test("a class B group is sent to in its ping slots")
    func classBGroup() async throws {
        let lamps = try GroupScene(members: 1)
        try await LiveHouse.with(lamps.devices) { live in
            var group = lamps.definition(["lamp0"])
            group.listening = .classB(periodicity: 0, nil)
            try await live.house.groups.create(group)
            try await live.untilMirrored(lamps.key)
            try await lamps.letAllBeHeard(by: live.simulator)
            try await live.publish("app/devices/lamps/down", #"{"port":7,"payload_raw":"AQID"}"#)
            _ = try await live.next("app/devices/lamps/events/down/sent", within: .seconds(60))
            // The RAN refuses a time that is no slot or has passed.
            #expect(await live.simulator.snapshot().downstreamResults["Success"] == 1)
        }
    }
}

/// A moment as The Things Stack writes it.
private func text(_ time: UnixTime) -> String {
    var seconds = time_t(time.nanoseconds / 1_000_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Seconds of the day of a time such as `2026-01-02T03:04:05.678Z`.
private func seconds(_ text: String) -> Double? {
    let parts = text.dropFirst(11).prefix { $0 != "Z" }.split(separator: ":").compactMap { Double($0) }
    return parts.count == 3 ? parts[0] * 3600 + parts[1] * 60 + parts[2] : nil
}
