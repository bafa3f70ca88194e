// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
public import Observability

/// One websocket that takes downstream requests and tells what became of them, with a thread of its own; it connects
/// again by itself until `stop`. Nothing is ever sent twice by itself.
public final class DownstreamConnection: Sendable {
    private let core: DownstreamCore
    private let thread: NamedThread

    /// Starts connecting at once.
    ///
    /// - Parameters:
    ///   - endpoint: the coverage.
    ///   - name: for logs and the thread's name.
    ///   - coverage: the metric label; the host by default.
    ///   - options: time-outs, limits, the form of deadlines and the reconnect policy.
    ///   - logger: told what happens; nil says nothing.
    ///   - metrics: where the counters are kept.
    ///   - handler: takes each event, on the socket's thread; must return soon.
    ///   - stateChanged: called on the socket's thread; must return soon.
    public init(
        endpoint: RANEndpoint,
        name: String,
        coverage: String? = nil,
        options: DownstreamOptions = DownstreamOptions(),
        logger: Logger? = nil,
        metrics: MetricRegistry = MetricRegistry(),
        handler: @escaping @Sendable (DownstreamEvent) -> Void,
        stateChanged: @escaping @Sendable (ConnectionState) -> Void = { _ in },
    ) {
        let core = DownstreamCore(
            name: name,
            queueLimit: options.queueLimit,
            metrics: RANMetrics(metrics, coverage: coverage ?? endpoint.host),
        )
        self.core = core
        thread = NamedThread(name) {
            let driver = DownstreamDriver(
                core: core,
                codec: JSONDownstreamCodec(
                    maximumMessageBytes: options.stream.maximumMessageBytes,
                    deadlineForm: options.deadlineForm,
                ),
                pending: PendingRequests(ackTimeout: options.ackTimeout, resultTimeout: options.resultTimeout),
                logger: logger,
                handler: handler,
            )
            SocketLoop(
                endpoint: endpoint,
                path: "/stream/downstream/",
                name: name,
                options: options.stream,
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

    /// Queues requests; never blocks, from any thread. Every request taken ends in exactly one event of the handler.
    ///
    /// - Throws: for all of them, and none is taken: `.invalidParameter` for what the RAN would refuse, `.notConnected`
    ///   while there is no websocket (a window would pass anyway), `.overloaded`, `.closed` after `stop`.
    public func send(_ requests: [DownstreamRequest]) throws(RANError) {
        try core.send(requests)
    }

    /// Ends the connection: queued requests leave if they can within the options' close time-out. Returns at once; what
    /// is still pending is reported as `.notSent` or `.unanswered`, the state `.stopped` last.
    public func stop() {
        core.control.stop()
    }

    /// Blocks until the thread has ended after `stop`. Never from the handler, nor from Swift's pool.
    public func waitUntilStopped() {
        thread.join()
    }
}
