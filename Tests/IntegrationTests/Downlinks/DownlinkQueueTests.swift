// SPDX-License-Identifier: Apache-2.0
import JSON
import RANSimulator
import TestSupport
import Testing

@Suite struct DownlinkQueueTests {
    @Test("v2's last, first and replace order the queue, and what is replaced says so")
    func v2Schedules() async throws {
        let device = try SceneDevice.abp("q1", 110)
        try await Scene.with([device]) { scene, _ in
            let requests = [(1, "last"), (2, "last"), (3, "first")]
            for (octet, schedule) in requests {
                try await scene.send("q1", octet, #""schedule":"\#(schedule)","id":"n\#(octet)""#)
            }
            #expect(try await scene.receptions(of: device, count: 3) == [[3], [1], [2]])
            for octet in 4...5 { try await scene.send("q1", octet, #""schedule":"last","id":"n\#(octet)""#) }
            try await scene.send("q1", 6, #""schedule":"replace","id":"n6""#)
            for octet in 4...5 {
                let error = try await scene.next("app/devices/q1/events/down/errors") { $0.names("n\(octet)") }
                #expect(error["reason"] == "replaced")
            }
            #expect(try await scene.receptions(of: device, count: 4).last == [6])
        }
    }

    @Test("v3's push appends all of a request in order, replace puts them in place of all")
    func v3Requests() async throws {
        let device = try SceneDevice.abp("q2", 111)
        try await Scene.with([device]) { scene, _ in
            let down = "v3/app@ttn/devices/q2/down"
            try await scene.publish("\(down)/push", DownlinkQueueTests.body([9], "old"))
            _ = try await scene.next("\(down)/queued")
            try await scene.publish("\(down)/replace", DownlinkQueueTests.body([1, 2], "new"))
            let failed = try await scene.next("\(down)/failed")
            #expect(failed["downlink_failed"]?["error"]?["name"] == "replaced")
            #expect(failed["correlation_ids"]?.elements?.contains("old-9") == true)
            try await scene.publish("\(down)/push", DownlinkQueueTests.body([3], "new"))
            _ = try await scene.next("\(down)/queued") { $0.names("new-3") }
            #expect(try await scene.receptions(of: device, count: 3) == [[1], [2], [3]])
            // An empty list only empties the queue.
            try await scene.publish("\(down)/push", DownlinkQueueTests.body([4], "gone"))
            _ = try await scene.next("\(down)/queued") { $0.names("gone-4") }
            try await scene.publish("\(down)/replace", #"{"downlinks":[]}"#)
            _ = try await scene.next("\(down)/failed") { $0.names("gone-4") }
        }
    }

    @Test("a queue takes as many as configured, and the next one is refused with the limit")
    func limit() async throws {
        let device = try SceneDevice.abp("q3", 112)
        var settings = SceneSettings()
        settings.extraLines = [#"network: { net_id: "000013", queue_limit: 2 }"#]
        try await Scene.with([device], bridge: settings) { scene, _ in
            for octet in 1...3 { try await scene.send("q3", octet, #""schedule":"last","id":"n\#(octet)""#) }
            let error = try await scene.next("app/devices/q3/events/down/errors")
            #expect(error["reason"] == "queue_full")
            #expect(error["limit"] == 2)
            #expect(error.names("n3"))
            #expect(try await scene.receptions(of: device, count: 2) == [[1], [2]])
        }
    }

    @Test("a downlink whose time passes while it waits fails as expired and blocks nobody")
    func expiry() async throws {
        let device = try SceneDevice.abp("q4", 113)
        try await Scene.with([device]) { scene, _ in
            try await scene.send("q4", 1, #""schedule":"last","ttl":1"#)
            try await scene.send("q4", 2, #""schedule":"last""#)
            #expect(try await scene.next("app/devices/q4/events/down/errors")["reason"] == "expired")
            #expect(try await scene.receptions(of: device, count: 1) == [[2]])
        }
    }

    private static func body(_ octets: [UInt8], _ word: String) -> String {
        let downlinks = octets.map { octet in
            #"{"f_port":5,"frm_payload":"\#(Base64.text([octet]))","correlation_ids":["\#(word)-\#(octet)"]}"#
        }
        return #"{"downlinks":[\#(downlinks.joined(separator: ","))]}"#
    }
}

extension Scene {
    /// Publishes a v2 downlink of one octet and waits until it is taken, or refused.
    func send(_ device: String, _ octet: Int, _ members: String) async throws {
        let payload = Base64.text([UInt8(octet)])
        let before =
            heard("app/devices/\(device)/events/down/scheduled").count
            + heard("app/devices/\(device)/events/down/errors").count
        try await publish("app/devices/\(device)/down", #"{"port":5,"payload_raw":"\#(payload)",\#(members)}"#)
        try await eventually("an answer to downlink \(octet)") {
            self.heard("app/devices/\(device)/events/down/scheduled").count
                + self.heard("app/devices/\(device)/events/down/errors").count > before
        }
    }

    /// Lets a class A device send uplinks until it has received so many downlinks with payload, and tells those.
    func receptions(of device: SceneDevice, count: Int) async throws -> [[UInt8]] {
        let name = device.virtual.name
        var payloads: [[UInt8]] = []
        for _ in 0..<4 * count {
            payloads = await simulator.snapshot().device(name)?.downlinks.filter { $0.port != nil }.map(\.payload) ?? []
            if payloads.count >= count { break }
            let frames = await simulator.snapshot().device(name)?.downlinkCount ?? 0
            try await simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1, 0, 1])
            _ = await simulator.waitForReport(timeout: .seconds(8)) { ($0.device(name)?.downlinkCount ?? 0) > frames }
        }
        return payloads
    }
}

extension JSONValue {
    /// Whether an application's own id is in it.
    func names(_ id: String) -> Bool { jsonText.contains("\"\(id)\"") }
}
