// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct FaultTests {
    @Test("sockets are cut, closed with a code, and counted")
    func cutSockets() async throws {
        try await RunningSimulator.with { running async throws in
            let cut = try await running.open("upstream")
            await running.expect { $0.upstreamSockets == 1 }
            try await running.simulator.inject(.dropSockets(.upstream))
            await cut.waitForEnd()
            await running.expect { $0.upstreamSockets == 0 && $0.upstreamSocketsOpened == 1 }
            let closed = try await running.open("downstream")
            try await running.simulator.inject(.closeSockets(.downstream, code: 1012))
            await #expect(throws: SocketClient.Failure.self) { try await closed.receive() }
            await running.expect { $0.downstreamSockets == 0 }
        }
    }

    @Test("one upstream socket after the other is cut at an interval")
    func cutInTurn() async throws {
        try await RunningSimulator.with { running async throws in
            let sockets = [try await running.open("upstream"), try await running.open("upstream")]
            try await running.simulator.inject(.dropUpstreamEvery(.milliseconds(20)))
            for socket in sockets { await socket.waitForEnd() }
            await running.expect { $0.upstreamSockets == 0 }
        }
    }

    @Test("connections and tokens are refused while asked")
    func refusals() async throws {
        try await RunningSimulator.with { running async throws in
            try await running.simulator.inject(.refuseConnections(for: .seconds(60)))
            await #expect(throws: SocketClient.Failure.self) { try await running.call("GET", "devices/select") }
            try await running.simulator.inject(.refuseConnections(for: .zero))
            try await running.simulator.inject(.refuseTokens(true))
            #expect(try await running.call("GET", "devices/select").status == 401)
            try await running.simulator.inject(.refuseTokens(false))
            #expect(try await running.call("GET", "devices/select").status == 200)
        }
    }

    @Test("malformed frames come between good ones")
    func malformedFrames() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            try await running.simulator.inject(.malformedEvery(2))
            try await running.simulator.inject(.sendUpstream(["{"]))
            for _ in 0..<4 { try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1]) }
            var good = 0
            for _ in 0..<7 {
                let octets = try await socket.receive().octets
                let transactionID = try? JSONValue(parsing: octets)["TransactionID"]?.unsignedNumber
                if let transactionID, transactionID <= 4 { good += 1 }
            }
            #expect(good == 4)
        }
    }

    @Test("a frozen socket stays open but silent, and goes on when thawed")
    func frozen() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            await running.expect { $0.upstreamSockets == 1 }
            try await running.simulator.inject(.freezeSockets(true))
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
            await running.expect { $0.upstreamSent == 1 && $0.pending == 1 }
            try await socket.send(#"{"ProtocolVersion":1,"TransactionID":55,"DevEUI":1,"MIC":1}"#)
            try await running.simulator.inject(.freezeSockets(false))
            let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
            #expect(upstream.transactionID == 1)
            await running.expect { $0.unknownReplies == 1 }
        }
    }

    @Test("everything can be slowed down")
    func slow() async throws {
        try await RunningSimulator.with { running async throws in
            try await running.simulator.inject(.slow(.milliseconds(80)))
            let clock = ContinuousClock()
            let start = clock.now
            #expect(try await running.call("GET", "devices/select").status == 200)
            #expect(start.duration(to: clock.now) >= .milliseconds(80))
        }
    }

    @Test("downstream messages can go unanswered")
    func ignored() async throws {
        try await RunningSimulator.with { running async throws in
            let socket = try await running.open("downstream")
            try await running.simulator.inject(.ignoreDownstream(count: 1))
            try await socket.send("{}")
            try await socket.send(#"{"TransactionID":6}"#)
            #expect(try await socket.receiveJSON()["TransactionID"] == 6)
        }
    }

    @Test("a stopped simulator answers nobody and keeps nobody waiting")
    func stopped() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { running async throws in
            async let waiting = running.simulator.waitForReport(timeout: .seconds(600)) { $0.acks == 1000 }
            await running.expect { $0.devices.count == 1 }
            running.simulator.stop()
            #expect(await waiting == false)
            await #expect(throws: SimulatorError.notRunning) { try await running.simulator.inject(.refuseTokens(true)) }
        }
    }
}
