// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
@testable import NetworkServer
import Testing

@Suite struct ADRTests {
    private func history(snr: Float, lost: UInt32 = 0) -> ADRHistory {
        var history = ADRHistory()
        for index in 0..<ADRHistory.size { history.append(snr: index == 3 ? snr : snr - 5, lost: lost) }
        return history
    }

    @Test(
        "steps of 3 dB raise the data rate first, then lower the power; too little margin gives power back",
        arguments: [
            // SF12 with 2 dB: 12 dB to spare, four steps.
            (0, 0, Float(2), 4, 0), (5, 0, 8, 5, 1), (0, 0, 20, 5, 5), (5, 0, 40, 5, 7), (5, 4, -2, 5, 3),
            (5, 1, -20, 5, 0), (3, 0, -3, 3, 0), (6, 0, 20, 6, 5),
        ] as [(UInt8, UInt8, Float, UInt8, UInt8)],
    )
    func steps(dataRate: UInt8, power: UInt8, snr: Float, expectedRate: UInt8, expectedPower: UInt8) throws {
        let region = try TestDevice.eu868()
        let decision = ADRDecision.decide(
            from: ADRDecision(dataRate: dataRate, powerIndex: power, transmissions: 1),
            history: history(snr: snr),
            required: try #require(region.modulation(of: dataRate)?.requiredSNR),
            limits: ADRDecision.Limits(dataRates: 0...5, lastPowerIndex: 7, margin: 10),
        )
        #expect(decision.dataRate == expectedRate)
        #expect(decision.powerIndex == expectedPower)
    }

    @Test(
        "losses rule how often a frame is sent",
        arguments: [
            (UInt32(0), UInt8(1), UInt8(1)), (0, 2, 1), (0, 3, 2), (1, 1, 3), (1, 2, 3), (9, 3, 3),
        ],
    )
    func transmissions(lost: UInt32, current: UInt8, expected: UInt8) {
        let decision = ADRDecision.decide(
            from: ADRDecision(dataRate: 5, powerIndex: 0, transmissions: current),
            history: history(snr: 0, lost: lost),
            required: -7.5,
            limits: ADRDecision.Limits(dataRates: 0...5, lastPowerIndex: 7, margin: 10),
        )
        #expect(decision.transmissions == expected)
    }

    /// A device that joined, and one exchange with it: the LinkADRReqs of the answer.
    private func exchange(
        _ stage: inout Stage,
        _ device: inout TestDevice,
        options: [UInt8] = [],
        snr: Float = 2,
        spreading: UInt8 = 12,
    ) throws -> [LinkADRRequest] {
        let sent = device.uplink(options: options)
        var effects = stage.deliver(
            sent,
            candidates: [device.profile.devEUI],
            modulation: .lora(spreading: spreading, bandwidth: 125_000),
            snr: snr,
        )
        effects += stage.wait(.seconds(8))
        guard let transmission = effects.transmissions.first else { return [] }
        stage.tell(.sent, of: transmission)
        stage.wait(.seconds(2))
        guard case .data(let frame, _) = try DownlinkFrame(parsing: transmission.octets) else { return [] }
        #expect(frame.control.adr)
        let commands = MACCommandSequence<DownlinkMACCommand>(parsing: frame.options).commands
        return commands.compactMap { if case .linkADRRequest(let request) = $0 { request } else { nil } }
    }

    private func answer(_ channel: Bool = true, _ dataRate: Bool = true, _ power: Bool = true) -> [UInt8] {
        UplinkMACCommand.linkADRAnswer(
            LinkADRAnswer(channelMaskAccepted: channel, dataRateAccepted: dataRate, powerAccepted: power)
        ).octets
    }

    private func joined() throws -> (stage: Stage, device: TestDevice) {
        var device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        try stage.join(&device)
        stage.log = []
        return (stage, device)
    }

    @Test("after 20 uplinks at SF12 with 2 dB the device is asked for DR4, and no more once it granted it")
    func asks() throws {
        var (stage, device) = try joined()
        for _ in 0..<19 { #expect(try exchange(&stage, &device).isEmpty) }
        let requests = try exchange(&stage, &device)
        #expect(
            requests == [
                LinkADRRequest(
                    dataRate: 4,
                    powerIndex: 0,
                    channelMask: 0xff,
                    channelMaskControl: 0,
                    transmissions: 1
                )
            ]
        )
        #expect(try exchange(&stage, &device, options: answer(), snr: -2, spreading: 8).isEmpty)
        for _ in 0..<40 { #expect(try exchange(&stage, &device, snr: -2, spreading: 8).isEmpty) }
    }

    @Test("a refused data rate is not asked for again")
    func refusedDataRate() throws {
        var (stage, device) = try joined()
        for _ in 0..<19 { _ = try exchange(&stage, &device) }
        #expect(try exchange(&stage, &device).map(\.dataRate) == [4])
        #expect(try exchange(&stage, &device, options: answer(true, false, true)).map(\.dataRate) == [3])
        #expect(try exchange(&stage, &device, options: answer(), spreading: 9).isEmpty)
    }

    @Test("a device that is registered without ADR, or does not set its bit, is left alone")
    func off() throws {
        var device = try TestDevice.personalised(1) { $0.usesADR = false }
        var stage = try Stage([device])
        for _ in 0..<30 { #expect(try exchange(&stage, &device).isEmpty) }
        #expect(stage.effects.transmissions.isEmpty)
    }

    @Test("a fixed plan's sub-band is switched on by one block of requests, all or nothing")
    func subBand() throws {
        let region = try #require(Region.named("US915"))
        var wanted = WantedParameters()
        wanted.enabledChannels = ChannelSet(Array(8..<16) + [65])
        let configured = wanted
        var device = try TestDevice.personalised(1) { $0.region = region }
        var stage = try Stage([device]) { $0.wanted = ["US915": configured] }
        func heard(_ options: [UInt8]) throws -> [LinkADRRequest] {
            let effects =
                stage.deliver(
                    device.uplink(options: options),
                    candidates: [device.profile.devEUI],
                    frequency: 903_900_000,
                    modulation: .lora(spreading: 10, bandwidth: 125_000),
                ) + stage.wait(.seconds(8))
            guard let transmission = effects.transmissions.first else { return [] }
            stage.tell(.sent, of: transmission)
            stage.wait(.seconds(5))
            guard case .data(let frame, _) = try DownlinkFrame(parsing: transmission.octets) else { return [] }
            let commands = MACCommandSequence<DownlinkMACCommand>(parsing: frame.options).commands
            return commands.compactMap { if case .linkADRRequest(let request) = $0 { request } else { nil } }
        }
        let block = try heard([])
        #expect(block.count == 2)
        #expect(block.map(\.channelMaskControl) == [7, 0])
        #expect(block.map(\.channelMask) == [0x0002, 0xff00])
        #expect(block.allSatisfy { $0.dataRate == 0 })
        #expect(try heard(answer() + answer()).isEmpty)
        #expect(try heard([]).isEmpty)
    }

    @Test("the sub-band comes with the join-accept where the version has masks in it")
    func subBandByJoin() throws {
        let region = try #require(Region.named("US915"))
        let channels = ChannelSet(Array(8..<16) + [65])
        var wanted = WantedParameters()
        wanted.enabledChannels = channels
        let configured = wanted
        var device = try TestDevice.overTheAir(1)
        device.profile.region = region
        var stage = try Stage([device]) { $0.wanted = ["US915": configured] }
        let effects = stage.deliver(
            device.joinRequest(devNonce: 1),
            candidates: [device.profile.devEUI],
            frequency: 903_900_000,
            modulation: .lora(spreading: 10, bandwidth: 125_000),
        )
        let transmission = try #require(effects.transmissions.first)
        #expect(transmission.frequency == 923_300_000)
        #expect(transmission.modulation == .lora(spreading: 10, bandwidth: 500_000))
        let accept = try #require(try device.accept(transmission.octets, devNonce: 1))
        #expect(accept.cfList == .channelMasks([0xff00, 0, 0, 0, 2]))
        #expect(accept.rx2DataRate == 8)
    }
}
