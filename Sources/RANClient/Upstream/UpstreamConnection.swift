// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
public import Observability

/// One websocket that brings upstream messages, with a thread of its own; it connects again by itself until `stop`.
///
/// Several connections to one endpoint share the load: each message goes to one of them, in no particular order.
public final class UpstreamConnection: Sendable {
    private let core: UpstreamCore
    private let thread: NamedThread

    /// Starts connecting at once.
    ///
    /// - Parameters:
    ///   - endpoint: the coverage.
    ///   - name: for logs and the thread's name.
    ///   - coverage: the metric label; the host by default.
    ///   - options: time-outs, limits and the reconnect policy.
    ///   - logger: told what happens; nil says nothing.
    ///   - metrics: where the counters are kept.
    ///   - handler: takes each batch, on the socket's thread. It may block for seconds: nothing is read meanwhile, which
    ///     is how back-pressure reaches the RAN; but then nothing is sent either, pings are not answered, and the peer may
    ///     give up after longer.
    ///   - stateChanged: called on the socket's thread; must return soon.
    public init(
        endpoint: RANEndpoint,
        name: String,
        coverage: String? = nil,
        options: StreamOptions = StreamOptions(),
        logger: Logger? = nil,
        metrics: MetricRegistry = MetricRegistry(),
        handler: @escaping @Sendable (UpstreamBatch) -> Void,
        stateChanged: @escaping @Sendable (ConnectionState) -> Void = { _ in },
    ) {
        let core = UpstreamCore(name: name, metrics: RANMetrics(metrics, coverage: coverage ?? endpoint.host))
        self.core = core
        thread = NamedThread(name) {
            let driver = UpstreamDriver(
                core: core,
                codec: JSONUpstreamCodec(maximumMessageBytes: options.maximumMessageBytes),
                logger: logger,
                replyLimit: options.replyLimit,
                handler: handler,
            )
            SocketLoop(
                endpoint: endpoint,
                path: "/stream/upstream/",
                name: name,
                options: options,
                control: core.control,
                driver: driver,
                metrics: core.metrics,
                logger: logger,
                stateChanged: stateChanged,
            ).run()
        }
    }

    deinit { core.control.stop() }

    /// Lets the streams make the socket rest.
    var control: StreamControl { core.control }

    /// The name given at the start.
    public var name: String { core.name }

    /// Queues answers for the websocket of that generation; never blocks, from any thread. Answers for a websocket that
    /// is gone are counted and dropped: the RAN delivers its messages again.
    public func send(_ replies: [UpstreamReply], generation: UInt64) {
        core.send(replies, generation: generation)
    }

    /// While paused nothing is read and no batch is handed over; answers and pings still go out. The peer's own pings
    /// wait too: resume within its patience.
    public func setReadingPaused(_ isPaused: Bool) {
        core.control.setReadingPaused(isPaused)
    }

    /// From then on no batch is handed over, but answers still go out: the way to end without losing acks. Messages
    /// that arrive are discarded unanswered.
    public func drain() {
        core.control.startDraining()
    }

    /// Ends the connection: queued answers leave if they can within the options' close time-out, then the websocket is
    /// closed. Returns at once; the state `.stopped` is reported last.
    public func stop() {
        core.control.stop()
    }

    /// Blocks until the thread has ended after `stop`. Never from the handler, nor from Swift's pool.
    public func waitUntilStopped() {
        thread.join()
    }
}
