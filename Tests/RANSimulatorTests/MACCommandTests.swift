// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct MACCommandTests {
    private let keys = TestNetwork.keys(1)
    private let address = DevAddr(rawValue: 0x2601_1A01)

    /// What a device answers in the two uplinks after a downlink with these commands.
    private func answers(
        _ commands: [DownlinkMACCommand],
        change: (inout VirtualDeviceConfiguration) -> Void = { _ in },
    ) async throws -> [[UplinkMACCommand]] {
        var device = TestNetwork.abp("d1", 1)
        change(&device)
        var answers: [[UplinkMACCommand]] = []
        try await RunningSimulator.with([device]) {
            $0.timeScale = 0.4
        } _: { running async throws in
            try await running.subscribe(device)
            let upstream = try await running.open("upstream")
            let downstream = try await running.open("downstream")
            for step in 0..<3 {
                try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
                let uplink = try TestNetwork.Upstream(try await upstream.receiveJSON())
                try await upstream.send(TestNetwork.ack(uplink, device.devEUI, try uplink.mic(keys)))
                if step > 0 {
                    answers.append(MACCommandSequence<UplinkMACCommand>(parsing: try uplink.data.options).commands)
                    continue
                }
                await running.expect { $0.acks == 1 }
                let options = DownlinkMACCommand.octets(of: commands)
                let isLong = options.count > 15
                let payload = isLong ? cipheredOnPort0(options) : []
                let frame = TestNetwork.downlink(
                    keys,
                    address,
                    counter: 0,
                    port: isLong ? 0 : nil,
                    payload: payload,
                    options: isLong ? [] : options,
                )
                let frequency = uplink.frequency
                try await downstream.send(TestNetwork.downstream(1, device.devEUI, frame, frequency: frequency))
                await running.expect { $0.devices[0].downlinkCount == 1 }
            }
        }
        return answers
    }

    /// `TestNetwork.downlink` ciphers with the AppSKey: this turns it into the network's key.
    private func cipheredOnPort0(_ octets: [UInt8]) -> [UInt8] {
        func stream(_ key: AES128Key) -> [UInt8] {
            let zeros = [UInt8](repeating: 0, count: octets.count)
            return FRMPayloadCipher.apply(key: key, direction: .down, devAddr: address, counter: 0, payload: zeros)
        }
        return zip(octets, zip(stream(keys.appSKey), stream(keys.nwkSEncKey))).map { $0 ^ $1.0 ^ $1.1 }
    }

    @Test("a status request is answered once, timing and window requests until the next downlink")
    func onceAndSticky() async throws {
        let setup = RXParamSetup(rx1DataRateOffset: 1, rx2: ReceiveWindow(frequency: 869_525_000, dataRate: 3))
        let answers = try await answers(
            [.deviceStatusRequest, .rxTimingSetupRequest(delay: 3), .rxParamSetupRequest(setup)],
        ) { $0.battery = 77 }
        let accepted = RXParamSetupAnswer(
            frequencyAccepted: true,
            rx2DataRateAccepted: true,
            rx1DataRateOffsetAccepted: true,
        )
        let status = UplinkMACCommand.deviceStatusAnswer(DeviceStatus(batteryOctet: 77, margin: 10))
        #expect(
            answers == [
                [.rxTimingSetupAnswer, .rxParamSetupAnswer(accepted), status],
                [.rxTimingSetupAnswer, .rxParamSetupAnswer(accepted)],
            ]
        )
    }

    @Test("a block of LinkADRReq is answered request by request with one verdict")
    func linkADRBlock() async throws {
        func request(_ mask: UInt16, dataRate: UInt8) -> DownlinkMACCommand {
            .linkADRRequest(
                LinkADRRequest(
                    dataRate: dataRate,
                    powerIndex: 1,
                    channelMask: mask,
                    channelMaskControl: 0,
                    transmissions: 1,
                )
            )
        }
        func verdict(mask: Bool, dataRate: Bool) -> UplinkMACCommand {
            let answer = LinkADRAnswer(channelMaskAccepted: mask, dataRateAccepted: dataRate, powerAccepted: true)
            return .linkADRAnswer(answer)
        }
        let good = try await answers([request(7, dataRate: 5), request(3, dataRate: 3)])
        #expect(good[0] == [verdict(mask: true, dataRate: true), verdict(mask: true, dataRate: true)])
        let bad = try await answers([request(0x8000, dataRate: 3)])
        #expect(bad[0] == [verdict(mask: false, dataRate: false)])
    }

    @Test("channels are added, and more commands than FOpts holds come on port 0")
    func port0() async throws {
        let channels = (UInt8(3)..<6).map { index in
            DownlinkMACCommand.newChannelRequest(
                NewChannel(
                    index: index,
                    frequency: 867_100_000 + UInt32(index) * 200_000,
                    minimumDataRate: 0,
                    maximumDataRate: 5,
                )
            )
        }
        let answers = try await answers(channels)
        let accepted = UplinkMACCommand.newChannelAnswer(frequencyAccepted: true, dataRatesAccepted: true)
        #expect(answers == [[accepted, accepted, accepted], []])
    }

    @Test("a device of class B asks for its ping slots and hears in them only")
    func classB() async throws {
        var device = TestNetwork.abp("b1", 1)
        device.deviceClass = .b
        try await RunningSimulator.with([device]) {
            $0.timeScale = 0.4
        } _: { running async throws in
            try await running.subscribe(device)
            let upstream = try await running.open("upstream")
            let downstream = try await running.open("downstream")
            func uplink() async throws -> TestNetwork.Upstream {
                try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
                let uplink = try TestNetwork.Upstream(try await upstream.receiveJSON())
                try await upstream.send(TestNetwork.ack(uplink, device.devEUI, try uplink.mic(keys)))
                return uplink
            }
            let first = try await uplink()
            let asked = MACCommandSequence<UplinkMACCommand>(parsing: try first.data.options).commands
            #expect(asked == [.pingSlotInfoRequest(periodicity: 0)])
            await running.expect { $0.acks == 1 }
            let grant = TestNetwork.downlink(
                keys,
                address,
                counter: 0,
                port: nil,
                options: DownlinkMACCommand.pingSlotInfoAnswer.octets,
            )
            try await downstream.send(TestNetwork.downstream(1, device.devEUI, grant, frequency: first.frequency))
            await running.expect { $0.devices[0].downlinkCount == 1 }
            #expect(try await uplink().data.control.classB)
            await running.expect { $0.acks == 2 }

            let now = GPSTime(UnixTime(nanoseconds: TestNetwork.wallNanoseconds() + 150_000_000))
            var slots: [Int64] = []
            var beacon = PingSlots.beaconTime(of: now)
            while slots.isEmpty {
                let all = PingSlots(beaconTime: beacon, devAddr: address, periodicity: 0)
                if let slot = all.first(notBefore: now) { slots.append(slot.nanoseconds / 1_000_000) }
                beacon += PingSlots.beaconPeriod
            }
            for (index, slot) in [slots[0], slots[0] + 7].enumerated() {
                let frame = TestNetwork.downlink(keys, address, counter: UInt32(index) + 1)
                let text = TestNetwork.downstream(
                    UInt64(index) + 2,
                    device.devEUI,
                    frame,
                    timing: #""TMMS":[\#(slot)]"#,
                    frequency: 869_525_000,
                    spreading: 9,
                )
                try await downstream.send(text)
            }
            await running.expect { $0.devices[0].downlinkCount == 2 && $0.devices[0].missedDownlinks.count == 1 }
            #expect(await running.simulator.snapshot().devices[0].downlinks.last?.window == "ping slot")
        }
    }

    @Test("commands given with an uplink go out in its options")
    func requests() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let upstream = try await running.open("upstream")
            try await running.simulator.sendUplink(
                devEUI: device.devEUI,
                port: nil,
                payload: [],
                commands: [0x0D, 0x02]
            )
            let uplink = try TestNetwork.Upstream(try await upstream.receiveJSON())
            let commands = MACCommandSequence<UplinkMACCommand>(parsing: try uplink.data.options).commands
            #expect(commands == [.deviceTimeRequest, .linkCheckRequest])
        }
    }
}
