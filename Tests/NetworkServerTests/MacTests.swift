// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

@Suite struct MacTests {
    private func joined(
        version: LoRaWANVersion = .v1_0_3,
        _ configure: (inout NetworkConfiguration) -> Void = { _ in },
    ) throws -> (stage: Stage, device: TestDevice) {
        var device = try TestDevice.overTheAir(1, version: version)
        var stage = try Stage([device], configure: configure)
        try stage.join(&device)
        stage.log = []
        return (stage, device)
    }

    /// One uplink and the answer to it, in the clear.
    private func exchange(
        _ stage: inout Stage,
        _ device: inout TestDevice,
        answers: [UplinkMACCommand] = [],
        counter: UInt32,
        copies: [Float] = [],
        confirmed: Bool = false,
        port: UInt8? = 1,
        payload: [UInt8] = [1],
        snr: Float = 0,
        modulation: Modulation = .lora(spreading: 7, bandwidth: 125_000),
        dataRate: UInt8 = 5,
    ) throws -> (frame: DataFrame, commands: [DownlinkMACCommand], payload: [UInt8])? {
        let options = port == 0 ? [] : UplinkMACCommand.octets(of: answers)
        let sent = device.uplink(
            port: port,
            payload: port == 0 ? UplinkMACCommand.octets(of: answers) : payload,
            confirmed: confirmed,
            options: options,
            dataRate: dataRate,
        )
        let candidates = [device.profile.devEUI]
        var effects = stage.deliver(sent, candidates: candidates, modulation: modulation, snr: snr)
        for copy in copies {
            effects += stage.deliver(sent, candidates: candidates, modulation: modulation, snr: copy)
        }
        let acknowledged = UInt16(truncatingIfNeeded: device.counter - 1)
        effects += stage.wait(.seconds(8))
        guard let transmission = effects.transmissions.first else { return nil }
        stage.tell(.sent, of: transmission)
        stage.wait(.seconds(2))
        let opened = try #require(try device.open(transmission.octets, counter: counter, acknowledged: acknowledged))
        let octets = opened.frame.port == 0 ? opened.payload : opened.options
        let sequence = MACCommandSequence<DownlinkMACCommand>(parsing: octets)
        #expect(sequence.end == .complete)
        return (opened.frame, sequence.commands, opened.payload)
    }

    @Test("LinkCheckAns tells the margin of the best reception and how many there were")
    func linkCheck() throws {
        var (stage, device) = try joined()
        let answer = try exchange(
            &stage,
            &device,
            answers: [.linkCheckRequest],
            counter: 0,
            copies: [-3.5, 2.4],
            snr: -8,
        )
        #expect(answer?.commands == [.linkCheckAnswer(margin: 9, gatewayCount: 3)])
    }

    @Test("DeviceTimeAns tells the time of the uplink, from LoRaWAN 1.0.3 on")
    func deviceTime() throws {
        for (version, isAnswered) in [(LoRaWANVersion.v1_0_2, false), (.v1_0_3, true), (.v1_1, true)] {
            var (stage, device) = try joined(version: version)
            let expected = GPSTime(stage.moment.wall)
            let answer = try exchange(&stage, &device, answers: [.deviceTimeRequest], counter: 0)
            guard isAnswered else {
                #expect(answer == nil)
                continue
            }
            guard case .deviceTimeAnswer(let time) = answer?.commands.first else {
                Issue.record("no DeviceTimeAns for \(version)")
                continue
            }
            #expect(time.seconds == expected.seconds)
            #expect(time.fraction == expected.fraction)
        }
    }

    @Test("commands on port 0 are understood like those in FOpts, and are no application payload")
    func portZero() throws {
        var (stage, device) = try joined()
        let answer = try exchange(&stage, &device, answers: [.linkCheckRequest], counter: 0, port: 0)
        #expect(answer?.commands.count == 1)
        #expect(stage.effects.uplinks.map(\.payload) == [[]])
        #expect(stage.effects.uplinks.map(\.port) == [0])
    }

    @Test("answers in the order of the requests, one of each kind")
    func order() throws {
        var (stage, device) = try joined()
        let requests: [UplinkMACCommand] = [
            .deviceTimeRequest, .pingSlotInfoRequest(periodicity: 3), .linkCheckRequest, .linkCheckRequest,
        ]
        let answer = try exchange(&stage, &device, answers: requests, counter: 0)
        #expect(answer?.commands.map(\.name) == ["DeviceTimeAns", "PingSlotInfoAns", "LinkCheckAns"])
    }

    @Test("a repeated uplink is answered again, and its answers count once")
    func repeated() throws {
        var (stage, device) = try joined()
        let sent = device.uplink(options: [0x02])
        for counter in UInt32(0)..<2 {
            let effects = stage.deliver(sent, from: device) + stage.wait(.seconds(8))
            let transmission = try #require(effects.transmissions.first)
            #expect(try device.open(transmission.octets, counter: counter)?.options.first == 0x02)
        }
    }

    @Test("MAC answers travel beside a payload, and a payload that leaves no room waits")
    func room() throws {
        var (stage, device) = try joined()
        let slow = Modulation.lora(spreading: 12, bandwidth: 125_000)
        stage.enqueue(stage.item(for: device, payload: [UInt8](repeating: 1, count: 51)))
        stage.enqueue(stage.item(for: device, payload: [2]))
        let first = try exchange(
            &stage,
            &device,
            answers: [.linkCheckRequest],
            counter: 0,
            modulation: slow,
            dataRate: 0
        )
        #expect(first?.commands.count == 1)
        #expect(first?.payload == [])
        #expect(first?.frame.control.pending == true)
        let second = try exchange(&stage, &device, counter: 1, modulation: slow, dataRate: 0)
        #expect(second?.payload.count == 51)
        let third = try exchange(
            &stage,
            &device,
            answers: [.linkCheckRequest],
            counter: 2,
            modulation: slow,
            dataRate: 0
        )
        #expect(third?.commands.count == 1)
        #expect(third?.payload == [2])
    }

    @Test("a difference is asked for until the device grants it, and counts from then on")
    func converges() throws {
        var wanted = WantedParameters()
        wanted.rx1Delay = 3
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device]) { $0.wanted = ["EU868": wanted] }
        stage.deliver(device.uplink(), from: device)
        let request = try #require(stage.wait(.seconds(2)).transmissions.first)
        #expect(request.timing == .delay(seconds: 1))
        #expect(try device.open(request.octets, counter: 0)?.options == [0x08, 0x03])
        stage.tell(.sent, of: request)
        stage.wait(.seconds(2))
        let options = UplinkMACCommand.octets(of: [.rxTimingSetupAnswer])
        stage.deliver(device.uplink(confirmed: true, options: options), from: device)
        let answer = try #require(stage.wait(.seconds(2)).transmissions.first)
        #expect(answer.timing == .delay(seconds: 3))
        #expect(try device.open(answer.octets, counter: 1)?.options == [])
    }

    @Test("every parameter is asked for in the form of its command", arguments: [LoRaWANVersion.v1_0_4, .v1_1])
    func everyRequest(version: LoRaWANVersion) throws {
        var wanted = WantedParameters()
        wanted.dutyCycleExponent = 4
        wanted.rx2 = ReceiveWindow(frequency: 869_525_000, dataRate: 3)
        wanted.rx1DataRateOffset = 2
        let channel = NewChannel(index: 3, frequency: 867_100_000, minimumDataRate: 0, maximumDataRate: 5)
        wanted.extraChannels = [channel]
        wanted.downlinkFrequencies = [1: 869_000_000]
        wanted.adrExponents = ADRExponents(limit: 5, delay: 4)
        wanted.rejoin = RejoinPeriod(timeExponent: 10, countExponent: 8)
        var device = try TestDevice.personalised(1, version: version)
        var stage = try Stage([device]) { $0.wanted = ["EU868": wanted] }
        let answer = try #require(try exchange(&stage, &device, counter: 0))
        // Together they are too long for FOpts.
        #expect(answer.frame.port == 0)
        var expected: [DownlinkMACCommand] = [
            .dutyCycleRequest(exponent: 4),
            .rxParamSetupRequest(
                RXParamSetup(rx1DataRateOffset: 2, rx2: ReceiveWindow(frequency: 869_525_000, dataRate: 3))
            ),
            .newChannelRequest(channel),
            .dlChannelRequest(index: 1, frequency: 869_000_000),
        ]
        var answers: [UplinkMACCommand] = [
            .dutyCycleAnswer,
            .rxParamSetupAnswer(
                RXParamSetupAnswer(frequencyAccepted: true, rx2DataRateAccepted: true, rx1DataRateOffsetAccepted: true)
            ),
            .newChannelAnswer(frequencyAccepted: true, dataRatesAccepted: true),
            .dlChannelAnswer(frequencyAccepted: true, uplinkFrequencyExists: true),
        ]
        if version.is11 {
            expected.append(.adrParamSetupRequest(limitExponent: 5, delayExponent: 4))
            expected.append(.rejoinParamSetupRequest(timeExponent: 10, countExponent: 8))
            answers += [.adrParamSetupAnswer, .rejoinParamSetupAnswer(timeAccepted: true)]
        }
        #expect(answer.commands == expected)
        #expect(try exchange(&stage, &device, answers: answers, counter: 1) == nil)
        #expect(try exchange(&stage, &device, counter: 1) == nil)
        // What was granted rules the windows: channel 1 answers on its own frequency, two data rates down.
        stage.deliver(
            device.uplink(confirmed: true, channel: 1),
            candidates: [device.profile.devEUI],
            frequency: 868_300_000,
        )
        let sent = try #require(stage.wait(.seconds(2)).transmissions.first)
        #expect(sent.frequency == 869_000_000)
        #expect(sent.modulation == .lora(spreading: 9, bandwidth: 125_000))
    }

    @Test("a request that the device refuses is given up after three times, and told")
    func refused() throws {
        var wanted = WantedParameters()
        wanted.rx2 = ReceiveWindow(frequency: 869_525_000, dataRate: 3)
        let (configured, no) = (
            wanted,
            UplinkMACCommand.rxParamSetupAnswer(
                RXParamSetupAnswer(frequencyAccepted: true, rx2DataRateAccepted: false, rx1DataRateOffsetAccepted: true)
            )
        )
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device]) { $0.wanted = ["EU868": configured] }
        for counter in UInt32(0)..<3 {
            let answer = try exchange(&stage, &device, answers: counter == 0 ? [] : [no], counter: counter)
            #expect(answer?.commands.count == 1)
        }
        #expect(try exchange(&stage, &device, answers: [no], counter: 3) == nil)
        let notice = try #require(stage.effects.notices.first)
        #expect(notice.reason == .macCommandRefused)
        #expect(notice.figure("cid") == 5)
        #expect(stage.effects.notices.count == 1)
        #expect(try exchange(&stage, &device, counter: 3) == nil)
    }

    @Test("a request that the device ignores is given up after eight times, and told")
    func ignored() throws {
        var wanted = WantedParameters()
        wanted.dutyCycleExponent = 1
        let configured = wanted
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device]) { $0.wanted = ["EU868": configured] }
        for counter in UInt32(0)..<8 { #expect(try exchange(&stage, &device, counter: counter) != nil) }
        #expect(try exchange(&stage, &device, counter: 8) == nil)
        #expect(stage.effects.notices.map(\.reason) == [.macCommandIgnored])
    }

    @Test("what the RAN did not send is not counted as ignored")
    func notSent() throws {
        var wanted = WantedParameters()
        wanted.dutyCycleExponent = 1
        let configured = wanted
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device]) { $0.wanted = ["EU868": configured] }
        for _ in 0..<20 {
            let effects = stage.deliver(device.uplink(), from: device) + stage.wait(.seconds(2))
            stage.tell(.refused(code: "GatewayNotFound", message: ""), of: try #require(effects.transmissions.first))
            stage.wait(.seconds(8))
        }
        #expect(stage.effects.notices.isEmpty)
    }

    @Test("the battery is asked for once a day, only with a frame that goes out anyway")
    func status() throws {
        var (stage, device) = try joined()
        stage.wait(.seconds(86_400))
        #expect(try exchange(&stage, &device, counter: 0) == nil)
        let answer = try exchange(&stage, &device, counter: 0, confirmed: true)
        #expect(answer?.commands == [.deviceStatusRequest])
        let told = DeviceStatus(batteryOctet: 200, margin: -7)
        #expect(try exchange(&stage, &device, answers: [.deviceStatusAnswer(told)], counter: 1) == nil)
        #expect(stage.effects.uplinks.last?.status == told)
        #expect(try exchange(&stage, &device, counter: 1, confirmed: true)?.commands == [])
    }

    @Test("LoRaWAN 1.1: RekeyInd, DeviceModeInd and, for personalised devices, ResetInd are confirmed")
    func indications() throws {
        var (stage, device) = try joined(version: .v1_1)
        let answer = try exchange(
            &stage,
            &device,
            answers: [.rekeyIndication(minor: 1), .deviceModeIndication(.classC)],
            counter: 0,
        )
        #expect(answer?.commands == [.rekeyConfirmation(minor: 1), .deviceModeConfirmation(.classC)])
        stage.wait(.seconds(20))
        stage.enqueue(stage.item(for: device))
        #expect(stage.effects.transmissions.last?.timing == .immediately)
        var personalised = try TestDevice.personalised(2, version: .v1_1)
        var other = try Stage([personalised])
        let reset = try exchange(&other, &personalised, answers: [.resetIndication(minor: 1)], counter: 0)
        #expect(reset?.commands == [.resetConfirmation(minor: 1)])
    }

    @Test("commands of LoRaWAN 1.1 from a 1.0 device are passed over")
    func foreignIndications() throws {
        var (stage, device) = try joined()
        #expect(try exchange(&stage, &device, answers: [.rekeyIndication(minor: 1)], counter: 0) == nil)
    }
}
