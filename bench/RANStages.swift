// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import Observability
import RANClient
import RANSimulator
import Synchronization

/// Receiving, parsing and acking upstream messages over a real socket: the client's own thread, system calls included.
enum RANStages {
    static func measure() throws -> [Measurement] {
        try [
            measure(candidates: 2, count: 20_000),
            measure(candidates: 64, count: 20_000),
            measure(candidates: 4096, count: 2_000),
        ].compactMap { $0 }
    }

    private static func measure(candidates: Int, count: Int) throws -> Measurement? {
        guard let key = AES128Key(octets: [UInt8](repeating: 0x2B, count: 16)) else { return nil }
        let devAddr = DevAddr(rawValue: 0x2601_1A01)
        var device = VirtualDeviceConfiguration(
            name: "bench",
            devEUI: EUI64(rawValue: 0xFEDC_BA98_7654_3210),
            activation: .abp(devAddr: devAddr, keys: SessionKeys(nwkSKey: key, appSKey: key)),
        )
        device.interval = .microseconds(20)
        device.overlapsWindows = true
        var configuration = SimulatorConfiguration(token: "bench")
        configuration.devices = [device]
        configuration.challengeSize = candidates
        configuration.smallestChallengeSize = candidates
        configuration.historyLimit = 0
        let simulator = RANSimulator(
            configuration: configuration,
            logger: Logger(component: "bench", sink: LogSink(level: .error)),
        )
        let port = try simulator.start()
        defer { simulator.stop() }
        let endpoint = try RANEndpoint(url: "http://127.0.0.1:\(port)/api/v1.0", token: RANToken("bench"))
        let meter = Meter(count: count, rounds: 7)
        let connection = UpstreamConnection(
            endpoint: endpoint,
            name: "bench",
            handler: { batch in
                batch.source.send(
                    batch.messages.map {
                        .ack(transactionID: $0.transactionID, devEUI: $0.devEUIs[0], mic: $0.micChallenge[0])
                    }
                )
                meter.note(batch.messages.count)
            },
        )
        let client = RANClient(endpoint: endpoint, name: "bench")
        subscribe(client, device.devEUI, devAddr)
        meter.wait()
        connection.stop()
        connection.waitUntilStopped()
        client.close()
        let name = "ran: receive, parse, ack, \(candidates) candidates"
        return Measurement(name: name, rounds: meter.rounds.sorted())
    }

    private static func subscribe(_ client: RANClient, _ devEUI: EUI64, _ devAddr: DevAddr) {
        // The benchmark has no tasks; this one ends with its only call, and a failure shows as a run without end.
        Task { try await client.routingTable.insert(devEUI: devEUI, devAddr: devAddr) }
    }
}

/// Takes the CPU time of the thread that reports, once each `count` messages.
private final class Meter: Sendable {
    private struct State {
        var seen = 0
        var start: Int64 = 0
        var rounds: [Double] = []
    }

    private let count: Int
    private let wanted: Int
    private let state = Mutex(State())

    init(count: Int, rounds: Int) {
        self.count = count
        wanted = rounds
    }

    var rounds: [Double] { state.withLock { $0.rounds } }

    /// On the socket's thread.
    func note(_ messages: Int) {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        state.withLock { state in
            if state.start == 0 {
                // What came before was connecting and warming up.
                state.start = now
                return
            }
            state.seen += messages
            guard state.seen >= count, state.rounds.count < wanted else { return }
            state.rounds.append(Double(now - state.start) / 1000 / Double(state.seen))
            state.seen = 0
            state.start = now
        }
    }

    func wait() {
        while rounds.count < wanted { usleep(10_000) }
    }
}
