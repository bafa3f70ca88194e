// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

/// What fits a window, and what is said of what does not.
@Suite struct WindowRoomTests {
    @Test("the error names the limit and the data rate that sets it")
    func names() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        stage.enqueue(stage.item(for: device, payload: [UInt8](repeating: 1, count: 52)))
        let slow = Modulation.lora(spreading: 12, bandwidth: 125_000)
        stage.deliver(device.uplink(dataRate: 0), candidates: [device.profile.devEUI], modulation: slow)
        stage.wait(.seconds(3))
        let item = stage.item(for: device, payload: [UInt8](repeating: 1, count: 243))
        stage.handle(.enqueue(item, .last))
        let failures = stage.effects.outcomes.compactMap { outcome -> DownlinkFailure? in
            if case .failed(let failure) = outcome.outcome { failure } else { nil }
        }
        #expect(
            failures.map(\.message) == [
                "The payload has 52 octets; at most 51 fit at DR0 of EU868.",
                "The payload has 243 octets; at most 242 fit at the widest data rate of EU868.",
            ]
        )
        #expect(failures.map { $0.figures.map(\.value) } == [[52, 51], [243, 242]])
    }

    @Test("answers that no window carries together go as far as they fit, none is cut")
    func answers() throws {
        var device = try TestDevice.overTheAir(1, version: .v1_1)
        device.profile.region = try #require(Region.named("AS923-1"))
        var stage = try Stage([device])
        try stage.join(&device)
        stage.log = []
        // At DR2 under the dwell time limit 11 octets fit, and 14 are owed.
        let requests: [UplinkMACCommand] = [
            .rekeyIndication(minor: 1), .deviceModeIndication(.classA), .linkCheckRequest, .deviceTimeRequest,
            .pingSlotInfoRequest(periodicity: 2),
        ]
        stage.deliver(
            device.uplink(options: UplinkMACCommand.octets(of: requests), dataRate: 2),
            candidates: [device.profile.devEUI],
            modulation: .lora(spreading: 10, bandwidth: 125_000),
        )
        let answer = try #require(stage.wait(.seconds(4)).transmissions.first)
        let opened = try #require(try device.open(answer.octets, counter: 0))
        let commands = MACCommandSequence<DownlinkMACCommand>(parsing: opened.options)
        #expect(commands.end == .complete)
        #expect(commands.commands.map(\.name) == ["RekeyConf", "DeviceModeConf", "LinkCheckAns", "PingSlotInfoAns"])
    }

    @Test("FPending does not call for a downlink that may not go yet")
    func pendingLater() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        stage.enqueue(stage.item(for: device, payload: [1]))
        var later = stage.item(for: device, payload: [2])
        later.notBefore = UnixTime(nanoseconds: stage.moment.wall.nanoseconds + 60_000_000_000)
        stage.enqueue(later)
        let firstEffects = stage.deliver(device.uplink(), from: device) + stage.wait(.seconds(3))
        let first = try #require(firstEffects.transmissions.first)
        #expect(try device.open(first.octets, counter: 0)?.frame.control.pending == false)
        stage.tell(.sent, of: first)
        stage.wait(.seconds(60))
        let secondEffects = stage.deliver(device.uplink(), from: device) + stage.wait(.seconds(3))
        let second = try #require(secondEffects.transmissions.first)
        #expect(try device.open(second.octets, counter: 1)?.payload == [2])
    }

    @Test(
        "a confirmed downlink that a silent device never acknowledges ends at its expiry, a later ACK changes nothing"
    )
    func expiresUnacknowledged() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        stage.enqueue(stage.item(for: device, confirmed: true, expiresIn: .seconds(600)))
        let sentEffects = stage.deliver(device.uplink(), from: device) + stage.wait(.seconds(3))
        let sent = try #require(sentEffects.transmissions.first)
        stage.tell(.sent, of: sent)
        stage.wait(.seconds(590))
        #expect(stage.effects.outcomeWords == ["scheduled", "sent"])
        stage.wait(.seconds(10))
        stage.deliver(device.uplink(ack: true), from: device)
        stage.wait(.seconds(10))
        #expect(stage.effects.outcomeWords == ["scheduled", "sent", "failed(expired)"])
        guard case .failed(let failure) = stage.effects.outcomes.last?.outcome else { return }
        #expect(failure.message == "The downlink was sent and expired before the device acknowledged it.")
    }

    @Test("a class C device's time to acknowledge goes on after a restart of the service")
    func restoredClassC() throws {
        var device = try TestDevice.personalised(1, deviceClass: .c)
        var stage = try Stage([device])
        var shelf = Shelf()
        shelf.keep(stage.deliver(device.uplink(), from: device) + stage.wait(.seconds(10)))
        let item = stage.item(for: device, confirmed: true, attempts: 2)
        let effects = stage.handle(.enqueue(item, .last))
        shelf.keep(effects)
        let sent = try #require(effects.transmissions.first)
        shelf.keep(stage.tell(.sent, of: sent))
        var other = try Stage()
        other.handle(.register(device.profile, restored: shelf.restored(device.profile.devEUI)))
        #expect(other.wait(.seconds(29)).transmissions.isEmpty)
        let again = try #require(other.wait(.seconds(2)).transmissions.first)
        #expect(try device.open(again.octets, counter: 1)?.frame.isConfirmed == true)
    }
}
