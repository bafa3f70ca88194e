// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

@Suite struct ClassBTests {
    /// A device that told its periodicity; its uplinks say whether it listens in its slots.
    private func device(_ stage: inout Stage, periodicity: UInt8, isListening: Bool) throws -> TestDevice {
        var device = try TestDevice.personalised(1, deviceClass: .b)
        stage.handle(.register(device.profile, restored: nil))
        let told = UplinkMACCommand.pingSlotInfoRequest(periodicity: periodicity).octets
        stage.deliver(device.uplink(options: told, classB: isListening), from: device)
        for effect in stage.wait(.seconds(1)).transmissions { stage.tell(.sent, of: effect) }
        stage.wait(.seconds(30))
        stage.log = []
        return device
    }

    @Test("a downlink goes to the next ping slots of the device, eight at most", arguments: 0...7 as ClosedRange<UInt8>)
    func slots(periodicity: UInt8) throws {
        var stage = try Stage()
        let device = try device(&stage, periodicity: periodicity, isListening: true)
        stage.enqueue(stage.item(for: device))
        let sent = try #require(stage.effects.transmissions.first)
        guard case .gpsMilliseconds(let times) = sent.timing else {
            Issue.record("\(sent.timing) is no ping slot")
            return
        }
        let now = GPSTime(stage.moment.wall).nanoseconds / 1_000_000
        #expect((1...8).contains(times.count))
        #expect(times == times.sorted())
        for time in times {
            #expect(time >= UInt64(now + 500))
            let beacon = UInt32(time / 1000) / 128 * 128
            let offsets = PingSlots(beaconTime: beacon, devAddr: device.devAddr, periodicity: periodicity)
                .millisecondsAfterBeacon
            #expect(offsets.contains(Int(time) - Int(beacon) * 1000))
        }
        #expect(sent.frequency == 869_525_000)
        #expect(sent.modulation == .lora(spreading: 9, bandwidth: 125_000))
    }

    @Test("a device that does not listen in its slots is class A")
    func notListening() throws {
        var stage = try Stage()
        var device = try device(&stage, periodicity: 0, isListening: false)
        stage.enqueue(stage.item(for: device))
        stage.wait(.seconds(300))
        #expect(stage.effects.transmissions.isEmpty)
        stage.deliver(device.uplink(), from: device)
        #expect(stage.wait(.seconds(1)).transmissions.map(\.timing) == [.delay(seconds: 1)])
    }

    @Test("frames follow each other once the RAN told that one was sent")
    func several() throws {
        var stage = try Stage()
        let device = try device(&stage, periodicity: 0, isListening: true)
        stage.handle(.enqueueAll([stage.item(for: device), stage.item(for: device)], .last))
        #expect(stage.effects.transmissions.count == 1)
        stage.wait(.seconds(2))
        stage.tell(.sent, of: stage.effects.transmissions[0])
        stage.wait(.seconds(5))
        #expect(stage.effects.transmissions.count == 2)
    }

    @Test("the slots of a region that hops are on one frequency in one transmission")
    func hopping() throws {
        var stage = try Stage()
        let region = try #require(Region.named("US915"))
        var device = try TestDevice.personalised(1, deviceClass: .b) { $0.region = region }
        stage.handle(.register(device.profile, restored: nil))
        let told = UplinkMACCommand.pingSlotInfoRequest(periodicity: 5).octets
        stage.deliver(device.uplink(options: told, classB: true), from: device)
        stage.wait(.seconds(60))
        for _ in 0..<6 {
            stage.log = []
            stage.enqueue(stage.item(for: device))
            let sent = try #require(stage.effects.transmissions.first)
            guard case .gpsMilliseconds(let times) = sent.timing else { continue }
            let beacons = Set(times.map { UInt32($0 / 1000) / 128 * 128 })
            #expect(beacons.count == 1)
            for beacon in beacons {
                #expect(sent.frequency == region.classB.pingSlotFrequency(devAddr: device.devAddr, beaconTime: beacon))
            }
            stage.tell(.sent, of: sent)
            stage.wait(.seconds(41))
        }
    }
}
