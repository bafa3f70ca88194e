// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANSimulator
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct LoadTests {
    /// Keeps what it is told.
    private final class Notes: LoadRecorder {
        private let state = Mutex((sent: [Int](), acked: [Int]()))

        var sent: [Int] { state.withLock { $0.sent } }
        var acked: [Int] { state.withLock { $0.acked } }
        var underWay: Int { state.withLock { Set($0.sent).count - $0.acked.count } }

        func noteSent(_ message: Int, at _: Int64) { state.withLock { $0.sent.append(message) } }
        func noteAcked(_ message: Int, at _: Int64) { state.withLock { $0.acked.append(message) } }
    }

    @Test(
        "every device has its turn once a round, and a message is found by its sender",
        arguments: [1, 2, 7, 1000, 9973]
    )
    func turns(devices: Int) {
        let plan = LoadPlan(deviceCount: devices, candidates: 2, payload: [])
        for round in [0, 3] {
            var seen: Set<Int> = []
            for message in (round * devices)..<((round + 1) * devices) {
                let (device, counter) = plan.sender(of: message)
                seen.insert(device)
                #expect(counter == UInt32(round))
                #expect(plan.message(of: device, counter: counter) == message)
            }
            #expect(seen.count == devices)
        }
    }

    @Test(
        "a load is sent in a window, with right MICs among the candidates; wrong acks are refused",
        arguments: [2, 300]
    )
    func load(candidates: Int) async throws {
        let plan = LoadPlan(deviceCount: 3, candidates: candidates, payload: [7, 8])
        try await RunningSimulator.with { running async throws in
            try await running.simulator.subscribe(plan)
            let socket = try await running.open("upstream")
            await running.expect { $0.upstreamSockets == 1 && $0.subscriptions == 3 }
            let notes = Notes()
            async let outcome = running.simulator.load(plan, messages: 0..<9, pace: .window(2), recorder: notes)
            var counters: [UInt16] = []
            for number in 0..<9 {
                let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
                let index = plan.sender(of: number).device
                #expect(upstream.transactionID == UInt64(number) + 1)
                #expect(upstream.devEUIs == [plan.devEUI(index).rawValue])
                #expect(upstream.challenge.count == candidates)
                let data = try upstream.data
                #expect(data.devAddr == plan.devAddr(index))
                counters.append(data.counter)
                let mic = try upstream.mic(plan.keys(index))
                #expect(upstream.challenge.contains(UInt64(mic)))
                let clear = FRMPayloadCipher.apply(
                    key: plan.keys(index).appSKey,
                    direction: .up,
                    devAddr: data.devAddr,
                    counter: UInt32(data.counter),
                    payload: data.payload,
                )
                #expect(clear == [7, 8])
                let answer = number == 8 ? mic ^ 1 : mic
                try await socket.send(TestNetwork.ack(upstream, plan.devEUI(index), answer))
            }
            #expect(counters == [0, 0, 0, 1, 1, 1, 2, 2, 2])
            let result = try await outcome
            #expect(result.sent == 9 && result.acked == 8 && result.refused == 1)
            #expect(Set(notes.sent) == Set(0..<9) && notes.acked == Array(0..<8))
        }
    }

    @Test("a load that nobody answers is given up")
    func patience() async throws {
        let plan = LoadPlan(deviceCount: 1, candidates: 2, payload: [1])
        try await RunningSimulator.with { running async throws in
            let outcome = try await running.simulator.load(
                plan,
                messages: 0..<5,
                pace: .rate(1000),
                recorder: Notes(),
                patience: .milliseconds(50),
            )
            #expect(outcome == LoadOutcome())
        }
    }
}
