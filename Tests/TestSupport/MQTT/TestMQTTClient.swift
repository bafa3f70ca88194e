// SPDX-License-Identifier: Apache-2.0
public import MQTTShim
public import Observability

/// A client that writes down all it is told, so that tests can wait for it.
public final class TestMQTTClient: Sendable {
    /// What the client was told, in order.
    public struct Record: Sendable {
        public var messages: [MQTTInboundMessage] = []
        public var completions: [MQTTCompletion] = []
        public var states: [MQTTState] = []
        public var answers: [MQTTSubscriptionAnswer] = []
        /// How many messages `next` has given out.
        var taken = 0
    }

    /// Changes with everything the client is told.
    public let record: Watched<Record>
    /// The client itself; it stops when this object goes, at the latest.
    public let client: MQTTClient

    /// Makes a client and starts it.
    ///
    /// - Parameters:
    ///   - change: last word on the configuration: MQTT as it is by default, but reconnecting within 50 ms to 200 ms.
    ///   - gate: what `didReceive` returns.
    public init(
        _ address: MQTTBrokerAddress,
        clientID: String,
        logger: Logger = Logger(component: "test", sink: LogSink(level: .error, repeatsPerMinute: 0)),
        metrics: MetricRegistry = MetricRegistry(),
        _ change: (inout MQTTConfiguration) -> Void = { _ in },
        gate: @escaping @Sendable ([MQTTInboundMessage]) -> DurabilityGate? = { _ in nil },
    ) throws(MQTTError) {
        record = Watched(Record())
        var configuration = MQTTConfiguration(broker: address, clientID: clientID)
        configuration.isCleanSession = true
        configuration.reconnectDelay = .milliseconds(50) ... .milliseconds(200)
        change(&configuration)
        let recorder = Recorder(record: record, gate: gate)
        client = try MQTTClient(configuration: configuration, delegate: recorder, logger: logger, metrics: metrics)
        client.start()
    }

    /// A client that is connected, with its subscriptions granted.
    public static func connected(
        to broker: BrokerProcess,
        clientID: String,
        subscriptions: [MQTTSubscription] = [],
        _ change: (inout MQTTConfiguration) -> Void = { _ in },
        gate: @escaping @Sendable ([MQTTInboundMessage]) -> DurabilityGate? = { _ in nil },
    ) async throws -> TestMQTTClient {
        let test = try TestMQTTClient(broker.address, clientID: clientID, change, gate: gate)
        try test.client.subscribe(subscriptions)
        try await test.connected()
        try await test.subscribed(count: subscriptions.count)
        return test
    }

    /// Waits for the connection number `count`, counted from 1.
    @discardableResult
    public func connected(times count: Int = 1) async throws -> MQTTState {
        let seen = try await record.wait(for: "connection \(count)") { $0.connections.count >= count }
        return seen.connections[count - 1]
    }

    /// Waits until the broker has answered so many subscriptions.
    public func subscribed(count: Int) async throws {
        try await record.wait(for: "\(count) granted subscriptions") { $0.answers.count >= count }
    }

    /// Waits for the end of so many publications and returns them.
    @discardableResult
    public func completions(count: Int, within limit: Duration = .seconds(30)) async throws -> [MQTTCompletion] {
        try await record.wait(for: "\(count) completions", within: limit) { $0.completions.count >= count }.completions
    }

    /// Waits for so many messages and returns them.
    @discardableResult
    public func messages(count: Int, within limit: Duration = .seconds(30)) async throws -> [MQTTInboundMessage] {
        try await record.wait(for: "\(count) messages", within: limit) { $0.messages.count >= count }.messages
    }

    /// The next message that has not been given out yet.
    public func next(within limit: Duration = .seconds(20)) async throws -> MQTTInboundMessage {
        try await next("a message", within: limit) { _ in true }
    }

    /// The next message that fits; those before it are passed over.
    public func next(
        _ what: String,
        within limit: Duration = .seconds(20),
        where fits: @escaping @Sendable (MQTTInboundMessage) -> Bool,
    ) async throws -> MQTTInboundMessage {
        while true {
            try await record.wait(for: what, within: limit) { $0.messages.dropFirst($0.taken).contains(where: fits) }
            let message = record.change { record -> MQTTInboundMessage? in
                let rest = record.messages.dropFirst(record.taken)
                guard let index = rest.firstIndex(where: fits) else { return nil }
                record.taken = index + 1
                return record.messages[index]
            }
            if let message { return message }
        }
    }

    /// Stops the client and waits for its thread.
    public func stop(drain: Duration = .seconds(5)) async {
        await client.stop(drain: drain)
    }
}

/// The delegate: apart from the test's object, so that letting that go stops the client.
private final class Recorder: MQTTClientDelegate {
    private let record: Watched<TestMQTTClient.Record>
    private let gate: @Sendable ([MQTTInboundMessage]) -> DurabilityGate?

    init(
        record: Watched<TestMQTTClient.Record>,
        gate: @escaping @Sendable ([MQTTInboundMessage]) -> DurabilityGate?,
    ) {
        self.record = record
        self.gate = gate
    }

    func didComplete(_ completions: [MQTTCompletion]) {
        record.change { $0.completions.append(contentsOf: completions) }
    }

    func didReceive(_ messages: [MQTTInboundMessage]) -> DurabilityGate? {
        let gate = gate(messages)
        record.change { $0.messages.append(contentsOf: messages) }
        return gate
    }

    func stateChanged(_ state: MQTTState) {
        record.change { $0.states.append(state) }
    }

    func didSubscribe(_ answers: [MQTTSubscriptionAnswer]) {
        record.change { $0.answers.append(contentsOf: answers) }
    }
}

extension TestMQTTClient.Record {
    /// The connections made, in order.
    public var connections: [MQTTState] {
        states.filter { if case .connected = $0 { true } else { false } }
    }

    /// Why connections ended or were not made, in order.
    public var errors: [MQTTError] {
        states.compactMap { if case .disconnected(let error, _) = $0 { error } else { nil } }
    }
}

extension MQTTInboundMessage {
    /// The payload as text.
    public var text: String { String(decoding: payload, as: UTF8.self) }
}
