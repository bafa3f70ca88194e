// SPDX-License-Identifier: Apache-2.0
public import Observability

/// Upstream messages as a sequence, over any number of websockets that share the load.
///
/// Nothing is lost silently: a loop that falls behind makes the sockets rest, and the RAN keeps its messages. Several
/// loops over one stream share the messages. The sequence ends after `stop` or when the task is cancelled.
public final class UpstreamStream: AsyncSequence, Sendable {
    public typealias Element = UpstreamDelivery
    public typealias Failure = Never

    private let buffer: BackPressureBuffer<UpstreamDelivery>
    private let watch: StateWatch
    private let connections: [UpstreamConnection]

    /// Starts connecting at once.
    ///
    /// - Parameters:
    ///   - endpoint: the coverage.
    ///   - name: for logs and threads; connections are numbered.
    ///   - connections: how many websockets, 1 or more.
    ///   - capacity: how many messages may wait for the loop before the sockets rest.
    ///   - options: time-outs, limits and the reconnect policy.
    ///   - logger: told what happens; nil says nothing.
    ///   - metrics: where the counters are kept.
    ///   - stateChanged: told each state of each connection, by number from 1, on the socket's thread.
    public init(
        endpoint: RANEndpoint,
        name: String,
        connections: Int = 1,
        capacity: Int = 1024,
        options: StreamOptions = StreamOptions(),
        logger: Logger? = nil,
        metrics: MetricRegistry = MetricRegistry(),
        stateChanged: @escaping @Sendable (Int, ConnectionState) -> Void = { _, _ in },
    ) {
        precondition(connections >= 1, "a stream has at least one connection")
        let buffer = BackPressureBuffer<UpstreamDelivery>(capacity: capacity)
        let watch = StateWatch(connections: connections)
        self.buffer = buffer
        self.watch = watch
        self.connections = (1...connections).map { number in
            let connection = UpstreamConnection(
                endpoint: endpoint,
                name: "\(name)-up-\(number)",
                coverage: name,
                options: options,
                logger: logger,
                metrics: metrics,
                handler: { batch in
                    let source = batch.source
                    buffer.push(contentsOf: batch.messages.map { UpstreamDelivery(message: $0, source: source) })
                },
                stateChanged: { state in
                    stateChanged(number, state)
                    watch.update(number - 1, state)
                },
            )
            buffer.attach(connection.control)
            return connection
        }
    }

    deinit { stop() }

    /// Waits until every websocket is open.
    ///
    /// - Parameter isPatient: waits out what time alone may mend, such as a refused connection; false throws that too.
    /// - Throws: what keeps one from being opened when time alone will not help, such as `.unauthorized` or `.tls`;
    ///   `.closed` after `stop`; `.cancelled`.
    public func waitUntilConnected(isPatient: Bool = true) async throws(RANError) {
        try await watch.waitUntilConnected(isPatient: isPatient)
    }

    /// Ends the sequence and the websockets; queued answers leave if they can. Messages not taken are dropped unanswered.
    public func stop() {
        buffer.finish()
        for connection in connections { connection.stop() }
    }

    /// Waits until every websocket is closed after `stop`.
    public func waitUntilStopped() async {
        await watch.waitUntilStopped()
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(buffer: buffer)
    }

    /// Takes deliveries one by one.
    public struct Iterator: AsyncIteratorProtocol {
        let buffer: BackPressureBuffer<UpstreamDelivery>

        public func next() async -> UpstreamDelivery? {
            await buffer.next()
        }

        public func next(isolation actor: isolated (any Actor)?) async -> UpstreamDelivery? {
            await buffer.next()
        }
    }
}
