// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTTShim
import Observability
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct StoppingTests {
    @Test("stop waits for what is outstanding")
    func drains() async throws {
        try await BrokerProcess.with { broker in
            let client = try TestMQTTClient(broker.address, clientID: "c")
            client.client.publish((0..<3_000).map { MQTTPublication(token: $0, topic: "t", payload: [1]) })
            await client.stop(drain: .seconds(30))
            let completions = client.record.value.completions
            #expect(completions.count == 3_000)
            #expect(completions.allSatisfy { $0.outcome.isAccepted })
            #expect(client.record.value.states.last == .stopped)
            #expect(!client.client.isHealthy)
        }
    }

    @Test("stop returns at once while the broker cannot be reached, and says what was not sent")
    func unreachable() async throws {
        let client = try TestMQTTClient(MQTTBrokerAddress(host: "127.0.0.1", port: FreePort.next()), clientID: "c") {
            $0.reconnectDelay = .seconds(30) ... .seconds(30)
        }
        client.client.publish([MQTTPublication(token: 7, topic: "t", payload: [1])])
        try await client.record.wait(for: "a failure") { !$0.errors.isEmpty }
        let clock = ContinuousClock()
        let duration = await clock.measure { await client.stop(drain: .seconds(20)) }
        #expect(duration < .seconds(5))
        #expect(client.record.value.completions == [MQTTCompletion(token: 7, outcome: .failed(.stopped))])
    }

    @Test("a client that was never started stops, and what comes after the stop is refused")
    func neverStarted() async throws {
        let record = Watched([MQTTCompletion]())
        let client = try MQTTClient(
            configuration: MQTTConfiguration(broker: MQTTBrokerAddress(host: "127.0.0.1", port: 1), clientID: "c"),
            delegate: Listener(record: record),
            logger: Logger(component: "mqtt", sink: LogSink(level: .error)),
            metrics: MetricRegistry(),
        )
        client.publish([MQTTPublication(token: 1, topic: "t", payload: [])])
        await client.stop(drain: .seconds(5))
        client.publish([MQTTPublication(token: 2, topic: "t", payload: [])])
        #expect(record.value.map(\.token) == [1, 2])
        #expect(record.value.allSatisfy { $0.outcome == .failed(.stopped) })
        await #expect(throws: MQTTError.stopped) { try await client.publish(topic: "t", payload: []) }
    }

    @Test("a client that is let go disconnects")
    func letGo() async throws {
        try await BrokerProcess.with { broker in
            var client: TestMQTTClient? = try await TestMQTTClient.connected(to: broker, clientID: "c")
            let record = try #require(client?.record)
            client = nil
            try await record.wait(for: "the end") { $0.states.last == .stopped }
            try await broker.logLine(containing: "Received DISCONNECT from c")
        }
    }
}

private struct Listener: MQTTClientDelegate {
    let record: Watched<[MQTTCompletion]>

    func didComplete(_ completions: [MQTTCompletion]) { record.change { $0 += completions } }
    func didReceive(_ messages: [MQTTInboundMessage]) -> DurabilityGate? { nil }
    func stateChanged(_ state: MQTTState) {}
}
