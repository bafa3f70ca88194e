// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

@Suite struct ClassCTests {
    private func joined() throws -> (stage: Stage, device: TestDevice) {
        var device = try TestDevice.overTheAir(1, deviceClass: .c)
        var stage = try Stage([device])
        try stage.join(&device)
        stage.log = []
        return (stage, device)
    }

    @Test("a downlink goes out at once with the RX2 parameters")
    func immediately() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, payload: [3]))
        let sent = try #require(stage.effects.transmissions.first)
        #expect(sent.timing == .immediately)
        #expect(sent.frequency == 869_525_000)
        #expect(sent.modulation == .lora(spreading: 12, bandwidth: 125_000))
        let opened = try #require(try device.open(sent.octets, counter: 0))
        #expect(opened.payload == [3])
        #expect(!opened.frame.control.pending)
        stage.tell(.sent, of: sent)
        #expect(stage.effects.outcomeWords == ["scheduled", "sent"])
    }

    @Test("frames keep their distance")
    func interval() throws {
        var (stage, device) = try joined()
        let items = (0..<3).map { stage.item(for: device, payload: [UInt8($0)]) }
        stage.handle(.enqueueAll(items, .last))
        for expected in 0..<3 {
            #expect(stage.effects.transmissions.count == expected + 1)
            stage.tell(.sent, of: stage.effects.transmissions[expected])
            stage.wait(.milliseconds(4999))
            #expect(stage.effects.transmissions.count == expected + 1)
            stage.wait(.milliseconds(1))
        }
        #expect(stage.effects.outcomeWords.suffix(3) == ["sent", "sent", "sent"])
        #expect(stage.server.nextDeadline == nil)
    }

    @Test("a new session waits for its first uplink before anything is sent")
    func waitsForUplink() throws {
        var device = try TestDevice.overTheAir(1, deviceClass: .c)
        var stage = try Stage([device])
        stage.enqueue(stage.item(for: device))
        let accept = try #require(stage.deliver(device.joinRequest(devNonce: 1), from: device).transmissions.first)
        _ = try device.accept(accept.octets, devNonce: 1)
        stage.tell(.sent, of: accept)
        stage.wait(.seconds(60))
        #expect(stage.effects.transmissions.count == 1)
        stage.deliver(device.uplink(), from: device)
        stage.wait(.seconds(1))
        #expect(stage.effects.transmissions.count == 2)
    }

    @Test("an answer to an uplink goes to its windows")
    func answer() throws {
        var (stage, device) = try joined()
        stage.deliver(device.uplink(confirmed: true), from: device)
        stage.wait(.milliseconds(300))
        stage.enqueue(stage.item(for: device))
        #expect(stage.effects.transmissions.map(\.timing) == [.delay(seconds: 5)])
        stage.enqueue(stage.item(for: device))
        stage.tell(.sent, of: stage.effects.transmissions[0])
        stage.wait(.seconds(9))
        #expect(stage.effects.transmissions.count == 1)
        stage.wait(.seconds(1))
        #expect(stage.effects.transmissions.map(\.timing) == [.delay(seconds: 5), .immediately])
    }

    @Test("a confirmed downlink is sent again when the device keeps silent, one at a time")
    func confirmed() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, payload: [1], confirmed: true, attempts: 2))
        stage.enqueue(stage.item(for: device, payload: [2]))
        stage.tell(.sent, of: stage.effects.transmissions[0])
        stage.wait(.seconds(29))
        #expect(stage.effects.transmissions.count == 1)
        stage.wait(.seconds(1))
        #expect(stage.effects.transmissions.count == 2)
        stage.tell(.sent, of: stage.effects.transmissions[1])
        stage.wait(.seconds(30))
        #expect(
            stage.effects.outcomeWords == [
                "scheduled", "scheduled", "sent", "nack(1)", "sent", "nack(2, last)", "failed(attempts_exhausted)",
            ]
        )
        #expect(try device.open(stage.effects.transmissions[2].octets, counter: 2)?.payload == [2])
    }

    @Test("what the RAN refuses is tried again after the distance, and fails in the end")
    func refused() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device))
        for expected in 0..<3 {
            stage.tell(.refused(code: "GatewayNotFound", message: ""), of: stage.effects.transmissions[expected])
            stage.wait(.seconds(5))
        }
        #expect(stage.effects.outcomeWords == ["scheduled", "scheduled(1)", "scheduled(2)", "failed(ran_refused)"])
        #expect(stage.effects.transmissions.count == 3)
    }

    @Test("while its coverage takes nothing a downlink waits, and no attempt is counted")
    func away() throws {
        var (stage, device) = try joined()
        stage.handle(.coverage(0, isOpen: false))
        stage.enqueue(stage.item(for: device))
        stage.wait(.seconds(3600))
        #expect(stage.effects.transmissions.isEmpty)
        stage.handle(.coverage(1, isOpen: true))
        #expect(stage.effects.transmissions.isEmpty)
        stage.handle(.coverage(0, isOpen: true))
        stage.wait(.zero)
        #expect(stage.effects.transmissions.count == 1)
        for count in 1...5 {
            stage.tell(.unsent(reason: "not_connected"), of: try #require(stage.effects.transmissions.last))
            stage.wait(.seconds(5))
            #expect(stage.effects.transmissions.count == count + 1)
        }
        stage.tell(.sent, of: try #require(stage.effects.transmissions.last))
        #expect(stage.effects.outcomeWords.last == "sent")
        #expect(!stage.effects.outcomeWords.contains { $0.hasPrefix("failed") })
    }

    @Test("what expires while its coverage takes nothing fails as expired")
    func expiredAway() throws {
        var (stage, device) = try joined()
        stage.handle(.coverage(0, isOpen: false))
        var item = stage.item(for: device)
        item.expiresAt = UnixTime(nanoseconds: stage.moment.wall.nanoseconds + 60_000_000_000)
        stage.enqueue(item)
        stage.wait(.seconds(61))
        #expect(stage.effects.transmissions.isEmpty)
        #expect(stage.effects.outcomeWords == ["scheduled", "failed(expired)"])
    }

    @Test("a downlink for later waits for its time")
    func notBefore() throws {
        var (stage, device) = try joined()
        var item = stage.item(for: device)
        item.notBefore = UnixTime(nanoseconds: stage.moment.wall.nanoseconds + 60_000_000_000)
        stage.enqueue(item)
        stage.wait(.seconds(59))
        #expect(stage.effects.transmissions.isEmpty)
        stage.wait(.seconds(1))
        #expect(stage.effects.transmissions.count == 1)
    }

    @Test("the coverage that heard the device last carries its downlinks")
    func coverage() throws {
        var (stage, device) = try joined()
        stage.deliver(device.uplink(), candidates: [device.profile.devEUI], coverage: 3)
        stage.wait(.seconds(20))
        stage.enqueue(stage.item(for: device))
        #expect(stage.effects.transmissions.map(\.coverage) == [3])
    }

    @Test("a personalised class C device needs no uplink first")
    func personalised() throws {
        let device = try TestDevice.personalised(1, deviceClass: .c)
        var stage = try Stage([device])
        stage.enqueue(stage.item(for: device))
        #expect(stage.effects.transmissions.count == 1)
    }

    @Test("LoRaWAN 1.1: a late ACK of an earlier downlink does not acknowledge the one that waits")
    func lateAcknowledgement() throws {
        var device = try TestDevice.personalised(1, version: .v1_1, deviceClass: .c)
        var stage = try Stage([device])
        stage.deliver(device.uplink(), from: device)
        stage.wait(.seconds(10))
        for _ in 0..<2 {
            stage.enqueue(stage.item(for: device, confirmed: true, attempts: 1))
            let sent = try #require(stage.effects.transmissions.last)
            stage.tell(.sent, of: sent)
            if stage.effects.transmissions.count == 1 { stage.wait(.seconds(60)) }
        }
        #expect(
            stage.effects.outcomeWords == [
                "scheduled", "sent", "nack(1, last)", "failed(attempts_exhausted)", "scheduled", "sent",
            ]
        )
        let effects = stage.deliver(device.uplink(ack: true, confirmedCounter: 0), from: device)
        #expect(effects.uplinks.count == 1)
        #expect(effects.outcomeWords == ["nack(1, last)", "failed(attempts_exhausted)"])
    }
}
