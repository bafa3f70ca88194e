// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct DownstreamTests {
    private let device = TestNetwork.abp("d1", 0xFEDC_BA98_7654_3210)
    private let keys = TestNetwork.keys(0xFEDC_BA98_7654_3210)
    private let address = DevAddr(rawValue: 0x2601_1A01)

    /// A device whose uplink was just acked, and sockets both ways.
    private struct Heard {
        let running: RunningSimulator
        let upstream: SocketClient
        let downstream: SocketClient
        let uplink: TestNetwork.Upstream
    }

    private func heard(
        _ device: VirtualDeviceConfiguration? = nil,
        isConfirmed: Bool = false,
        scale: Double = 0.4,
        _ body: (Heard) async throws -> Void,
    ) async throws {
        let device = device ?? self.device
        try await RunningSimulator.with([device]) {
            $0.timeScale = scale
        } _: { running async throws in
            try await running.subscribe(device)
            let upstream = try await running.open("upstream")
            let downstream = try await running.open("downstream")
            try await running.simulator.sendUplink(
                devEUI: device.devEUI,
                port: 1,
                payload: [1],
                isConfirmed: isConfirmed
            )
            let uplink = try TestNetwork.Upstream(try await upstream.receiveJSON())
            try await upstream.send(TestNetwork.ack(uplink, device.devEUI, try uplink.mic(keys)))
            await running.expect { $0.acks == 1 }
            try await body(Heard(running: running, upstream: upstream, downstream: downstream, uplink: uplink))
        }
    }

    /// The result code of a message, past its ack.
    private func result(_ socket: SocketClient, _ text: String) async throws -> (code: String?, message: String?) {
        try await socket.send(text)
        var answer = try await socket.receiveJSON()
        if answer["ResultCode"] == nil {
            #expect(answer["MailboxID"]?.unsignedNumber ?? 0 > 0)
            answer = try await socket.receiveJSON()
        }
        return (answer["ResultCode"]?.text, answer["ResultMessage"]?.text)
    }

    @Test("a downlink in RX1 reaches the device, which decrypts it and says so")
    func rx1() async throws {
        try await heard { heard async throws in
            let frame = TestNetwork.downlink(keys, address, counter: 0)
            let text = TestNetwork.downstream(.max, device.devEUI, frame, frequency: heard.uplink.frequency)
            #expect(try await result(heard.downstream, text).code == "Success")
            await heard.running.expect { $0.devices[0].downlinkCount == 1 }
            let downlink = try #require(await heard.running.simulator.snapshot().devices[0].downlinks.first)
            #expect(
                downlink.port == 10 && downlink.payload == [1, 0xFF] && downlink.fCntDown == 0
                    && downlink.window == "RX1"
            )
        }
    }

    @Test("a downlink in RX2 reaches the device on the region's second window")
    func rx2() async throws {
        try await heard { heard async throws in
            let frame = TestNetwork.downlink(keys, address, counter: 70_000 & 0xFFFF)
            let text = TestNetwork.downstream(
                1,
                device.devEUI,
                frame,
                timing: #""Delay":2"#,
                frequency: 869_525_000,
                spreading: 12,
            )
            #expect(try await result(heard.downstream, text).code == "Success")
            await heard.running.expect { $0.devices[0].downlinks.first?.window == "RX2" }
        }
    }

    @Test(
        "a frame beside every window is sent but not heard",
        arguments: [
            (#""Delay":1"#, UInt64(868_900_000), 7),
            (#""Delay":1"#, 0, 9),
            (#""Delay":3"#, 0, 7),
            (#""Delay":2"#, 869_525_000, 9),
            (#""Deadline":1"#, 869_525_000, 12),
        ] as [(String, UInt64, Int)],
    )
    func missed(timing: String, frequency: UInt64, spreading: Int) async throws {
        try await heard { heard async throws in
            let text = TestNetwork.downstream(
                1,
                device.devEUI,
                TestNetwork.downlink(keys, address, counter: 0),
                timing: timing,
                frequency: frequency == 0 ? heard.uplink.frequency : frequency,
                spreading: spreading,
            )
            #expect(try await result(heard.downstream, text).code == "Success")
            await heard.running.expect { $0.devices[0].missedDownlinks.count == 1 && $0.devices[0].downlinkCount == 0 }
        }
    }

    @Test("a wrong MIC and a used counter are dropped by the device; a reused counter is counted")
    func counters() async throws {
        try await heard { heard async throws in
            var broken = TestNetwork.downlink(keys, address, counter: 5)
            broken[broken.count - 1] ^= 1
            var id = UInt64(0)
            func send(_ frame: [UInt8]) async throws {
                id += 1
                let frequency = heard.uplink.frequency
                try await heard.downstream.send(TestNetwork.downstream(id, device.devEUI, frame, frequency: frequency))
            }
            try await send(broken)
            try await send(TestNetwork.downlink(keys, address, counter: 5))
            await heard.running.expect { $0.devices[0].downlinkCount == 1 && $0.devices[0].missedDownlinks.count == 1 }
            try await send(TestNetwork.downlink(keys, address, counter: 5))
            try await send(TestNetwork.downlink(keys, address, counter: 5, payload: [7]))
            try await send(TestNetwork.downlink(keys, address, counter: 4))
            await heard.running.expect { $0.downstreamReceived == 5 }
            let report = await heard.running.simulator.snapshot().devices[0]
            #expect(report.repeatedDownlinks == 1)
            #expect(report.fCntDownReused == 1)
            #expect(report.fCntDownSeen == [5, 4])
        }
    }

    @Test("class C hears at any time on RX2, and answers a confirmed downlink by itself")
    func classC() async throws {
        var device = device
        device.deviceClass = .c
        try await heard(device) { heard async throws in
            let frame = TestNetwork.downlink(keys, address, counter: 0, isConfirmed: true)
            let text = TestNetwork.downstream(
                9,
                device.devEUI,
                frame,
                timing: #""Deadline":1"#,
                frequency: 869_525_000,
                spreading: 12,
            )
            #expect(try await result(heard.downstream, text).code == "Success")
            let answer = try TestNetwork.Upstream(try await heard.upstream.receiveJSON())
            #expect(try answer.data.control.ack)
            #expect(try answer.data.port == nil)
        }
    }

    @Test("a confirmed downlink is acknowledged in the next uplink only")
    func acknowledgement() async throws {
        var device = device
        device.interval = .seconds(3600)
        device.firstUplinkAfter = .seconds(3600)
        try await heard(device) { heard async throws in
            let frame = TestNetwork.downlink(keys, address, counter: 0, isConfirmed: true)
            _ = try await result(
                heard.downstream,
                TestNetwork.downstream(1, device.devEUI, frame, frequency: heard.uplink.frequency)
            )
            await heard.running.expect { $0.devices[0].owesAck }
            var bits: [Bool] = []
            for _ in 0..<2 {
                try await heard.running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
                bits.append(try TestNetwork.Upstream(try await heard.upstream.receiveJSON()).data.control.ack)
            }
            #expect(bits == [true, false])
        }
    }

    @Test("a confirmed uplink is repeated until its ACK comes")
    func retransmission() async throws {
        try await heard(isConfirmed: true) { heard async throws in
            let again = try TestNetwork.Upstream(try await heard.upstream.receiveJSON())
            #expect(again.octets == heard.uplink.octets && again.transactionID != heard.uplink.transactionID)
            try await heard.upstream.send(TestNetwork.ack(again, device.devEUI, try again.mic(keys)))
            await heard.running.expect { $0.acks == 2 }
            let frame = TestNetwork.downlink(keys, address, counter: 0, port: nil, isAck: true)
            let text = TestNetwork.downstream(1, device.devEUI, frame, frequency: again.frequency)
            #expect(try await result(heard.downstream, text).code == "Success")
            await heard.running.expect { $0.devices[0].uplinks.first?.isAnswered == true }
            #expect(await heard.running.simulator.snapshot().devices[0].uplinks.first?.attempts == 2)
        }
    }

    @Test("what cannot be sent in time ends with the documented code")
    func results() async throws {
        try await heard { heard async throws in
            let frame = TestNetwork.downlink(keys, address, counter: 0)
            func code(_ id: UInt64, _ timing: String, devEUI: EUI64? = nil) async throws -> (
                code: String?, message: String?
            ) {
                let frequency = heard.uplink.frequency
                let devEUI = devEUI ?? device.devEUI
                return try await result(
                    heard.downstream,
                    TestNetwork.downstream(id, devEUI, frame, timing: timing, frequency: frequency)
                )
            }
            #expect(try await code(1, #""Deadline":1000000000000"#).code == "TooLate")
            let early = try await code(2, #""Deadline":9000000000000"#)
            #expect(early.code == "GatewayError" && early.message?.contains("TOO_EARLY") == true)
            #expect(try await code(3, #""TMMS":[1,2,3]"#).code == "TooLate")
            #expect(try await code(4, #""Delay":1"#, devEUI: EUI64(rawValue: 5)).code == "GatewayNotFound")
            let silent = TestNetwork.abp("d2", 2, address: 7)
            try await heard.running.subscribe(silent)
            #expect(try await code(5, #""Delay":1"#, devEUI: silent.devEUI).code == "WindowNotFound")
            #expect(try await code(6, #""Deadline":1"#, devEUI: silent.devEUI).code == "GatewayNotFound")
            #expect(try await code(7, #""Delay":15"#).code == "Success")
            let late = try await code(8, #""Delay":1"#)
            #expect(late.code == "TooLate" && late.message?.contains("TOO_LATE") == true)
            try await heard.running.simulator.inject(.downstreamResult(.noAck, message: "gateway silent", count: 1))
            #expect(try await code(9, #""Delay":15"#).code == "NoAck")
        }
    }

    @Test(
        "a message that breaks a rule is refused with its id",
        arguments: [
            #""DevEUI":1,"TxWindow":{"Radio":R,"Delay":1,"Deadline":1},"PHYPayload":[96]"#,
            #""DevEUI":1,"TxWindow":{"Radio":R},"PHYPayload":[96]"#,
            #""DevEUI":1,"TxWindow":{"Radio":R,"Delay":16},"PHYPayload":[96]"#,
            #""DevEUI":1,"TxWindow":{"Radio":R,"TMMS":[1,2,3,4,5,6,7,8,9]},"PHYPayload":[96]"#,
            #""DevEUI":1,"TxWindow":{"Radio":{"Frequency":1},"Delay":1},"PHYPayload":[96]"#,
            #""DevEUI":1,"TxWindow":{"Radio":R,"Delay":1},"PHYPayload":[]"#,
            #""DevEUI":1,"TxWindow":{"Radio":R,"Delay":1},"PHYPayload":[256]"#,
            #""DevEUI":1,"TxWindow":{"Radio":R,"Delay":1},"PHYPayload":[32,1,2]"#,
            #""DevEUI":-1,"TxWindow":{"Radio":R,"Delay":1},"PHYPayload":[96]"#,
            #""Addr":1,"TxWindow":{"Radio":R,"Delay":1},"PHYPayload":[96]"#,
            #""TxWindow":{"Radio":R,"Delay":1},"PHYPayload":[96]"#,
        ],
    )
    func refusals(members: String) async throws {
        try await RunningSimulator.with { running async throws in
            let socket = try await running.open("downstream")
            let radio = #"{"Frequency":868100000,"LoRa":{"Spreading":7,"Bandwidth":125000}}"#
            let parts = members.split(separator: "R,", maxSplits: 1, omittingEmptySubsequences: false)
            let whole = parts.count == 2 ? parts[0] + radio + "," + parts[1] : members[...]
            let text =
                #"{"ProtocolVersion":1,"TransactionID":18446744073709551615,"#
                + whole.replacing("R}", with: radio + "}") + "}"
            try await socket.send(text)
            let answer = try await socket.receiveJSON()
            #expect(answer["TransactionID"]?.unsignedNumber == .max)
            #expect(answer["ResultCode"] == "GatewayError")
            #expect(answer["ResultMessage"]?.text?.hasPrefix("invalid message") == true)
            await running.expect { $0.downstreamInvalid == 1 }
        }
    }

    @Test("a TransactionID may be used once")
    func repeatedID() async throws {
        try await heard { heard async throws in
            let frame = TestNetwork.downlink(keys, address, counter: 0)
            let text = TestNetwork.downstream(4, device.devEUI, frame, frequency: heard.uplink.frequency)
            #expect(try await result(heard.downstream, text).code == "Success")
            #expect(try await result(heard.downstream, text).message?.contains("used before") == true)
        }
    }
}
