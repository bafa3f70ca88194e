// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
public import Observability
internal import Synchronization

/// A client of one MQTT broker on a thread of its own, over libmosquitto.
///
/// It connects, stays connected through jittered exponential backoff, subscribes again after every reconnect, and
/// tells its delegate the end of each publication exactly once. Publications wait here while the connection is down;
/// how many may wait is the caller's to bound.
public final class MQTTClient: Sendable {
    private struct State {
        var loop: ConnectionLoop?
        var thread: NamedThread?
    }

    private let state: Mutex<State>
    private let inbox = Inbox()
    private let pulse = Pulse()
    /// Closed when the thread has ended.
    private let ended = BoundedQueue<Never>(capacity: 1)
    private let delegate: any MQTTClientDelegate
    private let logger: Logger

    /// Makes a client; `start` connects it.
    ///
    /// - Throws: `MQTTError.invalidConfiguration` for a setting with which no connection could ever be made.
    public init(
        configuration: MQTTConfiguration,
        delegate: any MQTTClientDelegate,
        logger: Logger,
        metrics: MetricRegistry,
    ) throws(MQTTError) {
        try configuration.validate()
        self.delegate = delegate
        self.logger = logger
        let loop = try ConnectionLoop(
            configuration: configuration,
            delegate: delegate,
            logger: logger,
            metrics: ClientMetrics(metrics),
            inbox: inbox,
            pulse: pulse,
        )
        state = Mutex(State(loop: loop))
    }

    /// A client that is let go stops by itself, without draining.
    deinit { inbox.stop(by: .now) }

    /// Starts the thread, which connects and keeps connecting. Only the first call does something.
    public func start() {
        state.withLock { state in
            guard let loop = state.loop else { return }
            state.loop = nil
            pulse.beat(.now)
            let ended = ended
            state.thread = NamedThread("mqtt") {
                loop.run()
                ended.close()
            }
        }
    }

    /// Stops: waits for outstanding publications up to `drain` while there is a connection, publishes the will, sends
    /// DISCONNECT and ends the thread. What is outstanding then ends as `.failed(.stopped)`.
    ///
    /// - Parameter drain: at most 1 s more passes before it returns, unless a name is being resolved: then up to 5 s.
    public func stop(drain: Duration) async {
        let deadline = MonotonicTime.now.advanced(by: drain)
        inbox.stop(by: deadline)
        let (loop, thread) = state.withLock { state in
            defer { state.loop = nil }
            return (state.loop, state.thread)
        }
        if loop != nil { return refuse(inbox.close().publications) }
        guard let thread else { return }
        let ended = ended
        let logger = logger
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            _ = NamedThread("mqtt-stop") {
                var nothing: [Never] = []
                if ended.drain(into: &nothing, until: deadline.advanced(by: .seconds(5))) == .closed {
                    thread.join()
                } else {
                    logger.error("stop_abandoned", ["error": "the thread is held by a name's resolution"])
                }
                continuation.resume()
            }
        }
    }

    /// Queues publications, from any thread and without waiting. Each ends in `didComplete`; after the client has
    /// stopped that is called at once, on the calling thread.
    public func publish(_ batch: [MQTTPublication]) {
        guard !batch.isEmpty else { return }
        let queued = batch.map { QueuedPublication(publication: $0, destination: .delegate) }
        if !inbox.add(queued) { refuse(queued) }
    }

    /// Publishes one message and waits for its end, however long the connection is down meanwhile.
    ///
    /// - Returns: `.acknowledged`, `.noSubscribers` or `.refused`.
    /// - Throws: the error of a `.failed` outcome.
    public func publish(
        topic: String,
        payload: [UInt8],
        qos: MQTTQoS = .atLeastOnce,
        retain: Bool = false,
        properties: MQTTProperties = MQTTProperties(),
    ) async throws(MQTTError) -> MQTTPublishOutcome {
        let publication = MQTTPublication(
            token: 0,
            topic: topic,
            payload: payload,
            qos: qos,
            isRetained: retain,
            properties: properties,
        )
        let outcome = await withCheckedContinuation { continuation in
            let queued = QueuedPublication(publication: publication, destination: .waiter(continuation))
            if !inbox.add([queued]) { refuse([queued]) }
        }
        if case .failed(let error) = outcome { throw error }
        return outcome
    }

    /// Subscribes, and does it again after every reconnect; the answers reach `didSubscribe`. A filter given again
    /// replaces the earlier one.
    ///
    /// - Throws: `MQTTError.invalidConfiguration` for a filter that MQTT cannot carry; then none is taken.
    public func subscribe(_ subscriptions: [MQTTSubscription]) throws(MQTTError) {
        for subscription in subscriptions where !isSubscribable(filter: subscription.filter) {
            throw .invalidConfiguration(
                key: "subscription",
                problem: "'\(subscription.filter)' is no topic filter: + stands for a whole level, # for the last ones",
            )
        }
        inbox.add(subscriptions)
    }

    /// Whether the thread runs and moves; a connection is not needed for that. The state of the connection is the
    /// delegate's to know.
    public var isHealthy: Bool {
        pulse.isAlive(within: .seconds(60))
    }

    private func refuse(_ publications: [QueuedPublication]) {
        var completions: [MQTTCompletion] = []
        for queued in publications {
            switch queued.destination {
            case .delegate:
                completions.append(MQTTCompletion(token: queued.publication.token, outcome: .failed(.stopped)))
            case .waiter(let continuation): continuation.resume(returning: .failed(.stopped))
            case .announcement: break
            }
        }
        if !completions.isEmpty { delegate.didComplete(completions) }
    }
}
