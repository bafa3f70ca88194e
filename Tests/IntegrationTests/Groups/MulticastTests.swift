// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import NetworkServer
import RANClient
import RANSimulator
import Store
import TestSupport
import Testing

@testable import Bridge

@Suite struct MulticastTests {
    @Test("a group of three class C devices is made at the RAN, and all three hear a frame that is told as sent")
    func heard() async throws {
        let lamps = try GroupScene(members: 3)
        try await LiveHouse.with(lamps.devices) { live in
            try await live.house.groups.create(lamps.definition(["lamp0", "lamp1", "lamp2"]))
            try await live.untilMirrored(lamps.key)
            let group = try #require(try await live.ran.multicastGroups.get().first)
            #expect(group.address == lamps.address)
            #expect(group.name == "All lamps")
            #expect(Set(group.devices) == Set(lamps.devices.map(\.virtual.devEUI)))
            try await lamps.letAllBeHeard(by: live.simulator)
            try await live.publish("app/devices/lamps/down", #"{"port":7,"payload_raw":"AQID","id":"all-on"}"#)
            let isHeard = await live.simulator.waitForReport(timeout: .seconds(30)) { report in
                report.devices.allSatisfy { $0.downlinks.first?.payload == [1, 2, 3] }
            }
            #expect(isHeard)
            let sent = try await live.next("app/devices/lamps/events/down/sent")
            #expect(sent["message"]?["port"] == 7)
            #expect(sent["message"]?["id"] == "all-on")
            _ = try await live.next("v3/app@ttn/devices/lamps/down/sent")
            #expect(try await live.house.groups.status(lamps.key).nextCounter == 1)
        }
    }

    @Test("renaming, re-addressing and members reach the RAN, and only what is ours is touched")
    func mirrored() async throws {
        let lamps = try GroupScene(members: 3)
        try await LiveHouse.with(lamps.devices) { live in
            let ran = live.ran.multicastGroups
            let foreign = DevAddr(rawValue: 0x26FF_0F0F)
            try await ran.create(name: "somebody's", address: foreign)
            let desk = live.house.groups
            try await desk.create(lamps.definition(["lamp0"]))
            try await live.untilMirrored(lamps.key)
            try await desk.update(lamps.key) { $0.name = "Lamps of the north" }
            try await desk.addDevice("lamp1", to: lamps.key)
            try await desk.addDevice("lamp2", to: lamps.key)
            try await desk.removeDevice("lamp0", from: lamps.key)
            try await live.untilMirrored(lamps.key)
            var group = try #require(try await ran.get(addresses: [lamps.address]).first)
            #expect(group.name == "Lamps of the north")
            #expect(Set(group.devices) == Set(lamps.devices.dropFirst().map(\.virtual.devEUI)))
            let moved = DevAddr(rawValue: 0x26FF_0002)
            try await desk.update(lamps.key) { $0.address = moved }
            try await live.untilMirrored(lamps.key)
            group = try #require(try await ran.get(addresses: [moved]).first)
            #expect(group.devices.count == 2)
            #expect(try await ran.get(addresses: [lamps.address]).isEmpty)
            try await desk.delete(lamps.key)
            try await eventually("the group leaves the RAN") { try await ran.get(addresses: [moved]).isEmpty }
            #expect(try await ran.get().map(\.address) == [foreign])
            // What was noted of it goes after that.
            try await eventually("nothing is noted of it") { try await live.storedMirrors().isEmpty }
        }
    }

    @Test("what the RAN cannot do at the moment is done when it can")
    func outage() async throws {
        let lamps = try GroupScene(members: 1)
        try await LiveHouse.with(lamps.devices) { live in
            try await live.simulator.inject(.httpStatus(503, count: 12))
            try await live.house.groups.create(lamps.definition(["lamp0"]))
            let early = try await live.house.groups.status(lamps.key).mirrors["eu"]
            #expect(early == .pending)
            try await live.untilMirrored(lamps.key, within: .seconds(90))
            #expect(try await live.ran.multicastGroups.get().first?.devices.count == 1)
        }
    }

    @Test("a request about a group that is wrong is refused with a word and a sentence, and changes nothing")
    func refused() async throws {
        let lamps = try GroupScene(members: 1)
        try await LiveHouse.with(lamps.devices) { live in
            let desk = live.house.groups
            try await desk.create(lamps.definition(["lamp0"]))
            var second = lamps.definition([])
            second.groupID = "others"
            #expect(await reason { try await desk.create(second) } == "address_taken")
            second.address = DevAddr(rawValue: 0x26FF_0003)
            second.groupID = "lamp0"
            #expect(await reason { try await desk.create(second) } == "id_taken")
            second.groupID = "Others!"
            #expect(await reason { try await desk.create(second) } == "invalid_group")
            second.groupID = "others"
            second.members = ["nobody"]
            #expect(await reason { try await desk.create(second) } == "unknown_device")
            second.members = ["lamp0"]
            second.region = "US915"
            #expect(await reason { try await desk.create(second) } == "region_mismatch")
            second.applicationID = "nothing"
            #expect(await reason { try await desk.create(second) } == "unknown_application")
            #expect(await reason { try await desk.addDevice("lamp0", to: lamps.key) } == "already_member")
            #expect(await reason { try await desk.removeDevice("lamp1", from: lamps.key) } == "not_member")
            #expect(await reason { try await desk.update(lamps.key) { $0.name = "" } } == "invalid_group")
            #expect(try await desk.list("app").map(\.definition) == [lamps.definition(["lamp0"])])
        }
    }

    @Test(
        "a downlink that a group cannot take is answered",
        arguments: [
            (#"{"port":1,"payload_raw":"AQ==","confirmed":true}"#, "confirmed_multicast"),
            (#"{"payload_raw":"AQ=="}"#, "no_f_port"),
        ]
    )
    func refusedDownlink(body: String, reason: String) async throws {
        let lamps = try GroupScene(members: 1)
        try await LiveHouse.with(lamps.devices) { live in
            try await live.house.groups.create(lamps.definition(["lamp0"]))
            try await live.publish("app/devices/lamps/down", body)
            #expect(try await live.next("app/devices/lamps/events/down/errors")["reason"]?.text == reason)
        }
    }

    @Test("deleting a group ends what waits for it, and its address never uses a counter twice")
    func deleted() async throws {
        let lamps = try GroupScene(members: 1)
        try await LiveHouse.with(lamps.devices, settings: { $0.network.classCInterval = .seconds(60) }) { live in
            let desk = live.house.groups
            try await desk.create(lamps.definition(["lamp0"]))
            try await live.untilMirrored(lamps.key)
            try await lamps.letAllBeHeard(by: live.simulator)
            for payload in ["AQ==", "Ag=="] {
                try await live.publish(
                    "app/devices/lamps/down",
                    #"{"port":1,"payload_raw":"\#(payload)","schedule":"last"}"#
                )
            }
            _ = try await live.next("app/devices/lamps/events/down/sent")
            // The second one waits for the interval.
            try await eventually("one waits") { try await desk.status(lamps.key).queued == 1 }
            try await desk.delete(lamps.key)
            #expect(try await live.next("app/devices/lamps/events/down/errors")["reason"] == "group_deleted")
            try await desk.create(lamps.definition(["lamp0"]))
            #expect(try await desk.status(lamps.key).nextCounter == 1)
        }
    }

    @Test("kill -9 ten times: no counter of a group is used twice, and what was taken is sent")
    func killed() async throws {
        let lamps = try GroupScene(members: 2)
        var settings = SceneSettings()
        settings.extraLines = ["network: { net_id: \"000013\", class_c_interval_ms: 20 }"]
        settings.prepare = { path in
            let store = try SQLiteStore(path: path)
            try store.commit([
                .putApplication(ApplicationRecord(id: "app")),
                .putMulticastGroup(lamps.definition(["lamp0", "lamp1"]).record),
            ])
            try store.close()
        }
        try await Scene.with(lamps.devices, bridge: settings) { scene, first in
            var bridge = first
            try await lamps.letAllBeHeard(by: scene.simulator)
            for round in 0..<10 {
                let before = await scene.simulator.snapshot().devices.map(\.downlinkCount)
                for number in 0..<10 {
                    let payload = Base64.text([UInt8(round), UInt8(number)])
                    try await scene.publish(
                        "app/devices/lamps/down",
                        #"{"port":1,"payload_raw":"\#(payload)","schedule":"last"}"#,
                    )
                }
                _ = try await scene.report("frames in round \(round)") { report in
                    zip(report.devices, before).allSatisfy { $0.downlinkCount > $1 + 2 }
                }
                try await bridge.kill9()
                bridge = try scene.startBridge()
                try await scene.ready(bridge)
            }
            let expected = Set((0..<10).flatMap { round in (0..<10).map { [UInt8(round), UInt8($0)] } })
            let report = try await scene.report("every frame", within: .seconds(60)) { report in
                report.devices.allSatisfy { Set($0.downlinks.map(\.payload)).isSuperset(of: expected) }
            }
            for device in report.devices {
                let counters = device.downlinks.map(\.fCntDown)
                #expect(Set(counters).count == counters.count)
                #expect(counters == counters.sorted())
                #expect(device.missedDownlinks.isEmpty, "\(device.missedDownlinks)")
            }
        }
    }
}

/// The word of the refusal that the work ends with.
private func reason(_ work: () async throws -> some Any) async -> String? {
    do {
        _ = try await work()
        return nil
    } catch let error as GroupError {
        #expect(!error.description.isEmpty)
        return error.reason
    } catch {
        return "\(error)"
    }
}

extension LiveHouse {
    func untilMirrored(_ key: GroupKey, within limit: Duration = .seconds(30)) async throws {
        try await eventually("\(key.groupID) is in effect", within: limit) {
            try await self.house.groups.status(key).mirrors["eu"] == .inEffect
        }
    }

    func storedMirrors() async throws -> [GroupMirrorRecord] {
        try await blocking { try self.store.groupMirrors(of: "eu") }
    }
}
