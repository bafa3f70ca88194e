// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

@Suite struct UplinkTests {
    @Test("an uplink is stored, published and acknowledged in one array, and released after the merge window")
    func accepted() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        let sent = device.uplink(port: 9, payload: [0xde, 0xad])
        let effects = stage.deliver(sent, from: device)
        let uplink = try #require(effects.uplinks.first)
        #expect(uplink.payload == [0xde, 0xad])
        #expect(uplink.port == 9)
        #expect(uplink.counter == 0)
        #expect(!uplink.isRetry)
        #expect(uplink.dataRate == 5)
        #expect(uplink.devAddr == device.devAddr)
        #expect(uplink.phyPayloadSize == sent.octets.count + 4)
        #expect(effects.sessions.count == 1)
        #expect(effects.acknowledgements.map(\.mic) == [sent.mic.rawValue])
        #expect(effects.releases.isEmpty)
        let later = stage.wait(.milliseconds(200))
        #expect(later.releases.map(\.id) == [uplink.id])
        #expect(later.releases.first?.receptions.count == 1)
    }

    @Test("without a merge window an uplink is released at once")
    func noMergeWindow() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device]) { $0.mergeWindow = .zero }
        #expect(stage.deliver(device.uplink(), from: device).releases.count == 1)
        #expect(stage.wait(.seconds(5)).releases.isEmpty)
    }

    @Test("an uplink with nothing to answer costs no downlink")
    func noAnswer() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        stage.deliver(device.uplink(), from: device)
        stage.wait(.seconds(20))
        #expect(stage.effects.transmissions.isEmpty)
        #expect(stage.server.nextDeadline == nil)
    }

    @Test("copies inside the merge window become receptions of one uplink, each acknowledged")
    func copies() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        let sent = device.uplink()
        stage.deliver(sent, candidates: [device.profile.devEUI], snr: 1)
        stage.wait(.milliseconds(150))
        stage.deliver(sent, candidates: [device.profile.devEUI], snr: 2)
        stage.wait(.milliseconds(100))
        stage.deliver(sent, candidates: [device.profile.devEUI], snr: 3)
        #expect(stage.effects.uplinks.count == 1)
        #expect(stage.effects.acknowledgements.count == 3)
        #expect(stage.effects.releases.first?.receptions.map(\.snr) == [1, 2])
        #expect(stage.server.tally.copiesMerged == 1)
        #expect(stage.server.tally.copiesLate == 1)
    }

    @Test("identical octets are a copy for 2.5 s and a retransmission afterwards")
    func copyWindow() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        let sent = device.uplink(confirmed: true)
        stage.deliver(sent, from: device)
        stage.wait(.milliseconds(2499))
        #expect(stage.deliver(sent, from: device).uplinks.isEmpty)
        stage.wait(.milliseconds(2))
        let effects = stage.deliver(sent, from: device)
        #expect(effects.uplinks.map(\.isRetry) == [true])
        #expect(effects.acknowledgements.count == 1)
    }

    @Test("a late copy of the frame before the last is still a copy")
    func copyOfOlderFrame() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        let first = device.uplink()
        stage.deliver(first, from: device)
        stage.wait(.milliseconds(1500))
        stage.deliver(device.uplink(), from: device)
        let effects = stage.deliver(first, from: device)
        #expect(effects.refusals.isEmpty)
        #expect(effects.acknowledgements.count == 1)
    }

    @Test("a counter below the last one is refused with both figures, also past 65,535")
    func replay() throws {
        for base: UInt32 in [100, 70_000, 65_536, 131_073] {
            var device = try TestDevice.personalised(1, counterUp: base)
            var stage = try Stage([device])
            device.counter = base + 1
            stage.deliver(device.uplink(), from: device)
            stage.wait(.seconds(10))
            let effects = stage.deliver(device.frame(counter: base - 50), from: device)
            let refusal = try #require(effects.refusals.first, "base \(base)")
            #expect(refusal.reason == .frameCounterReplayed)
            #expect(refusal.figure("last_f_cnt") == Int64(base + 1))
            #expect(refusal.figure("f_cnt") == Int64(base - 50))
            #expect(refusal.devEUI == device.profile.devEUI)
            #expect(effects.count == 1)
        }
    }

    @Test("counters go on past 65,535 and over many wraps of the 16 bits on air")
    func wraps() throws {
        var device = try TestDevice.personalised(1, counterUp: 65_530)
        var stage = try Stage([device])
        device.counter = 65_531
        for expected in UInt32(65_531)...65_560 {
            let effects = stage.deliver(device.uplink(payload: [UInt8(expected & 255)]), from: device)
            #expect(effects.uplinks.map(\.counter) == [expected])
            stage.wait(.seconds(3))
        }
        for step in 1...10 as ClosedRange<UInt32> {
            device.counter = 65_560 + step * 16_000
            let effects = stage.deliver(device.uplink(), from: device)
            #expect(effects.uplinks.map(\.counter) == [65_560 + step * 16_000])
            stage.wait(.seconds(3))
        }
    }

    @Test("the first frame of a new device with counter 0 is no retry")
    func firstCounter() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        #expect(stage.deliver(device.uplink(), from: device).uplinks.map(\.isRetry) == [false])
    }

    @Test(
        "a jump of more than 16,384 is refused below LoRaWAN 1.0.4 only",
        arguments: [
            (LoRaWANVersion.v1_0_0, false), (.v1_0_3, false), (.v1_0_4, true),
        ],
    )
    func gap(version: LoRaWANVersion, isAccepted: Bool) throws {
        var device = try TestDevice.personalised(1, version: version, counterUp: 10)
        var stage = try Stage([device])
        device.counter = 10 + 16_385
        let effects = stage.deliver(device.uplink(), from: device)
        #expect(effects.uplinks.count == (isAccepted ? 1 : 0))
        #expect(effects.refusals.map(\.reason) == (isAccepted ? [] : [.frameCounterGapTooLarge]))
        device.counter = 10 + 16_384
        var other = try Stage([device])
        #expect(other.deliver(device.uplink(), from: device).uplinks.count == 1)
    }

    @Test("with the counter check off any counter comes in")
    func checkOff() throws {
        var device = try TestDevice.personalised(1) { $0.checksFrameCounter = false }
        var stage = try Stage([device])
        for counter: UInt32 in [500, 3, 40_000, 7, 0] {
            device.counter = counter
            #expect(stage.deliver(device.uplink(), from: device).uplinks.map(\.counter) == [counter])
            stage.wait(.seconds(5))
        }
    }

    @Test("a personalised device may restart its counter only when it is allowed to", arguments: [true, false])
    func reset(isAllowed: Bool) throws {
        var device = try TestDevice.personalised(1) { $0.allowsCounterReset = isAllowed }
        var stage = try Stage([device])
        device.counter = 500
        stage.deliver(device.uplink(), from: device)
        stage.wait(.seconds(5))
        device.counter = 0
        let effects = stage.deliver(device.uplink(), from: device)
        #expect(effects.uplinks.map(\.counter) == (isAllowed ? [0] : []))
        #expect(effects.refusals.map(\.reason) == (isAllowed ? [] : [.frameCounterReplayed]))
    }

    @Test("a device of 16 bits wraps, and its old counters stay refused")
    func sixteenBits() throws {
        var device = try TestDevice.personalised(1, counterUp: 65_534) { $0.uses32BitCounter = false }
        var stage = try Stage([device])
        device.counter = 65_535
        for _ in 0..<4 {
            #expect(stage.deliver(device.uplink(payload: [5, 6]), from: device).uplinks.map(\.payload) == [[5, 6]])
            stage.wait(.seconds(5))
        }
        let effects = stage.deliver(device.frame(counter: 65_533), from: device)
        #expect(effects.refusals.map(\.reason) == [.frameCounterReplayed])
    }

    @Test("of several devices on one address the key decides")
    func sharedAddress() throws {
        let address = DevAddr(rawValue: 0x2601_1f2a)
        var devices = try (1...4).map { try TestDevice.personalised($0, devAddr: address) }
        var stage = try Stage(devices)
        let candidates = devices.map(\.profile.devEUI)
        for index in devices.indices {
            let effects = stage.deliver(devices[index].uplink(), candidates: candidates)
            #expect(effects.uplinks.map(\.devEUI) == [devices[index].profile.devEUI])
        }
    }

    @Test("frames of equal octets from two devices on one address are told apart by their MICs")
    func equalOctets() throws {
        let address = DevAddr(rawValue: 0x2601_1f2a)
        var first = try TestDevice.personalised(1, devAddr: address)
        var second = try TestDevice.personalised(2, devAddr: address)
        var stage = try Stage([first, second])
        let candidates = [first.profile.devEUI, second.profile.devEUI]
        let one = first.uplink(port: nil, payload: [])
        let other = second.uplink(port: nil, payload: [])
        #expect(one.octets == other.octets)
        stage.deliver(one, candidates: candidates)
        stage.deliver(other, candidates: candidates)
        #expect(stage.effects.uplinks.map(\.devEUI) == candidates)
    }

    @Test("a MIC that fits no candidate is refused and changes nothing")
    func micFailed() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        var sent = device.uplink()
        sent.mic = MIC(rawValue: sent.mic.rawValue ^ 1)
        let effects = stage.deliver(sent, from: device)
        #expect(effects.refusals.map(\.reason) == [.micFailed])
        #expect(effects.refusals.map(\.devEUI) == [device.profile.devEUI])
        #expect(effects.count == 1)
        #expect(stage.server.nextDeadline == nil)
    }

    @Test("a device that is not in the shard is refused as unknown; a known one with another address by its MIC")
    func unknown() throws {
        var device = try TestDevice.personalised(1)
        var stranger = try TestDevice.personalised(2)
        var stage = try Stage([device])
        let unknown = stage.deliver(stranger.uplink(), candidates: [stranger.profile.devEUI])
        #expect(unknown.refusals.map(\.reason) == [.unknownDevice])
        device.devAddr = DevAddr(rawValue: 0x0102_0304)
        #expect(stage.deliver(device.uplink(), from: device).refusals.map(\.reason) == [.micFailed])
    }

    @Test(
        "octets that are no frame are refused",
        arguments: [
            [], [0x40], [0x40, 1, 2, 3, 4, 0, 0], [0x41] + [UInt8](repeating: 0, count: 20),
            [0x60, 1, 2, 3, 4, 0, 0, 0],
        ],
    )
    func malformed(octets: [UInt8]) throws {
        let device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        let effects = stage.deliver((octets, MIC(rawValue: 1)), from: device)
        #expect(effects.refusals.map(\.reason) == [.malformedFrame])
    }

    @Test("an outdated frame is published and never answered")
    func outdated() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        stage.enqueue(stage.item(for: device))
        let sent = device.uplink(confirmed: true)
        let effects = stage.deliver(sent, candidates: [device.profile.devEUI], isOutdated: true)
        #expect(effects.uplinks.map(\.isOutdated) == [true])
        stage.wait(.seconds(20))
        #expect(stage.effects.transmissions.isEmpty)
    }
}
