// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct RejoinTests {
    private func withJoined(
        change: (inout VirtualDeviceConfiguration) -> Void = { _ in },
        _ body: (inout Joined11) async throws -> Void,
    ) async throws {
        var device = Joined11.device()
        change(&device)
        try await RunningSimulator.with([device]) {
            $0.timeScale = 0.1
        } _: { running async throws in
            var joined = try await Joined11(running, device)
            try await body(&joined)
        }
    }

    @Test(
        "a device of LoRaWAN 1.1 rejoins: new address, new keys, counters from 0, and it announces itself again",
        arguments: [JoinRequestType.rejoin0, .rejoin1, .rejoin2],
    )
    func rejoin(type: JoinRequestType) async throws {
        try await withJoined { joined async throws in
            #expect(try await joined.uplink(counter: 0).commands == [.rekeyIndication(minor: 1)])
            for count in UInt16(0)..<2 {
                try await joined.running.simulator.rejoin(devEUI: joined.devEUI, type: type)
                let (frame, message) = try await joined.rejoinRequest()
                #expect(frame.requestType == type && frame.devEUI == joined.devEUI && frame.count == count)
                guard count == 1 else { continue }
                try await joined.accept(message, answering: type, count: count)
            }
            await joined.running.expect { $0.devices[0].joins == 2 && $0.devices[0].rejoinRequests == 2 }
            #expect(try await joined.uplink(counter: 0).commands == [.rekeyIndication(minor: 1)])
            await joined.running.expect { $0.acks == 5 && $0.wrongAcks == 0 }
            let row = try await joined.running.call("GET", "devices/select").body.elements?.first
            #expect(row?["ActiveDevAddr"]?.text == joined.devAddr.hex && row?["TargetDevAddr"] == .null)
        }
    }

    @Test("the network can force a rejoin, which is repeated until it is answered")
    func forced() async throws {
        try await withJoined { joined async throws in
            let uplink = try await joined.uplink(counter: 0).message
            let request = ForceRejoin(period: 0, retries: 1, type: 2, dataRate: 3)
            try await joined.command([.forceRejoinRequest(request)], counter: 0, after: uplink)
            var last: (frame: RejoinRequestFrame, message: TestNetwork.Upstream)?
            for count in UInt16(0)..<2 {
                let one = try await joined.rejoinRequest()
                #expect(one.frame.requestType == .rejoin2 && one.frame.count == count)
                #expect(one.message.spreading == 9)
                last = one
            }
            let (frame, message) = try #require(last)
            try await joined.accept(message, answering: .rejoin2, count: frame.count)
            await joined.running.expect { $0.devices[0].joins == 2 }
        }
    }

    @Test("after as many uplinks as the network said, the device rejoins by itself")
    func periodic() async throws {
        try await withJoined { joined async throws in
            let uplink = try await joined.uplink(counter: 0).message
            try await joined.command(
                [.rejoinParamSetupRequest(timeExponent: 15, countExponent: 0), .rekeyConfirmation(minor: 1)],
                counter: 0,
                after: uplink,
            )
            await joined.running.expect { $0.devices[0].downlinkCount == 1 }
            for counter in UInt32(1)...16 {
                let commands = try await joined.uplink(counter: counter).commands
                #expect(commands == (counter == 1 ? [.rejoinParamSetupAnswer(timeAccepted: true)] : []))
            }
            #expect(try await joined.rejoinRequest().frame.requestType == .rejoin0)
        }
    }

    @Test("a device of class C says so until the network confirms it")
    func classC() async throws {
        try await withJoined {
            $0.deviceClass = .c
        } _: { joined async throws in
            let first = try await joined.uplink(counter: 0)
            #expect(first.commands == [.rekeyIndication(minor: 1), .deviceModeIndication(.classC)])
            try await joined.command([.rekeyConfirmation(minor: 1)], counter: 0, after: first.message)
            await joined.running.expect { $0.devices[0].downlinkCount == 1 }
            let second = try await joined.uplink(counter: 1)
            #expect(second.commands == [.deviceModeIndication(.classC)])
            try await joined.command([.deviceModeConfirmation(.classC)], counter: 1, after: second.message)
            await joined.running.expect { $0.devices[0].downlinkCount == 2 }
            #expect(try await joined.uplink(counter: 2).commands == [])
        }
    }

    @Test("rejoins are asked for over HTTP, and only of devices that can")
    func control() async throws {
        try await withJoined { joined async throws in
            let body: JSONValue = ["dev_eui": .string(joined.devEUI.hex), "type": 1]
            let running = joined.running
            #expect(try await running.call("POST", "rejoin", body, base: "/control/").body == ["queued": true])
            let (frame, _) = try await joined.rejoinRequest()
            #expect(frame == .restore(joinEUI: Joined11.joinEUI, devEUI: joined.devEUI, count: 0))
            for wrong in [
                ["dev_eui": body["dev_eui"] ?? .null, "type": 3], ["dev_eui": "0000000000000099", "type": 0],
            ]
                as [JSONValue]
            {
                #expect(try await running.call("POST", "rejoin", wrong, base: "/control/").status == 400)
            }
            try await running.simulator.add(TestNetwork.abp("a1", 1))
            await #expect(throws: SimulatorError.self) {
                try await running.simulator.rejoin(devEUI: EUI64(rawValue: 1), type: .rejoin0)
            }
        }
    }

    @Test("a rejoin of type 1 is routed by both EUIs")
    func foreignJoinEUI() async throws {
        try await withJoined { joined async throws in
            let eui: JSONValue = .string(joined.devEUI.hex)
            _ = try await joined.running.call("POST", "devices/drop", ["DevEUIs": [eui]])
            let row: JSONValue = ["DevEUI": eui, "JoinEUI": "0000000000000001"]
            _ = try await joined.running.call("POST", "devices/insert", row)
            try await joined.running.simulator.rejoin(devEUI: joined.devEUI, type: .rejoin1)
            await joined.running.expect { $0.notSubscribed == 1 && $0.upstreamSent == 1 }
        }
    }
}
