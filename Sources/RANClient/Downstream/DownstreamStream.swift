// SPDX-License-Identifier: Apache-2.0
public import Observability

/// One downstream websocket for tasks: requests that are waited for, and the events of those that are not as a sequence.
///
/// Events of requests sent with `send` wait for a loop. While nobody has begun one, only the latest are kept.
public final class DownstreamStream: AsyncSequence, Sendable {
    public typealias Element = DownstreamEvent
    public typealias Failure = Never

    private let desk: DownstreamDesk
    private let watch: StateWatch
    private let connection: DownstreamConnection
    private let transactions: TransactionCounter

    /// Starts connecting at once.
    ///
    /// - Parameters:
    ///   - endpoint: the coverage.
    ///   - name: for logs and the thread.
    ///   - capacity: how many events may wait for a loop before the socket rests.
    ///   - options: time-outs, limits, the form of deadlines and the reconnect policy.
    ///   - transactions: numbers the requests; share one between all downstream connections of a customer.
    ///   - logger: told what happens; nil says nothing.
    ///   - metrics: where the counters are kept.
    ///   - stateChanged: told each state, on the socket's thread.
    public init(
        endpoint: RANEndpoint,
        name: String,
        capacity: Int = 1024,
        options: DownstreamOptions = DownstreamOptions(),
        transactions: TransactionCounter = TransactionCounter(),
        logger: Logger? = nil,
        metrics: MetricRegistry = MetricRegistry(),
        stateChanged: @escaping @Sendable (ConnectionState) -> Void = { _ in },
    ) {
        let desk = DownstreamDesk(capacity: capacity)
        let watch = StateWatch(connections: 1)
        self.desk = desk
        self.watch = watch
        self.transactions = transactions
        connection = DownstreamConnection(
            endpoint: endpoint,
            name: "\(name)-down",
            coverage: name,
            options: options,
            logger: logger,
            metrics: metrics,
            handler: { desk.handle($0) },
            stateChanged: { state in
                stateChanged(state)
                watch.update(0, state)
            },
        )
        desk.events.attach(connection.control)
    }

    deinit { stop() }

    /// Waits until the websocket is open.
    ///
    /// - Parameter isPatient: waits out what time alone may mend, such as a refused connection; false throws that too.
    /// - Throws: what keeps it from being opened when time alone will not help, such as `.unauthorized` or `.tls`;
    ///   `.closed` after `stop`; `.cancelled`.
    public func waitUntilConnected(isPatient: Bool = true) async throws(RANError) {
        try await watch.waitUntilConnected(isPatient: isPatient)
    }

    /// The next free transaction number.
    public func nextTransactionID() -> UInt64 { transactions.next() }

    /// Queues requests whose events come through the sequence; never blocks.
    ///
    /// - Throws: see `DownstreamConnection.send`.
    public func send(_ requests: [DownstreamRequest]) throws(RANError) {
        try connection.send(requests)
    }

    /// Sends a frame and waits for its ack and its result.
    ///
    /// - Returns: also when the RAN could not send the frame: look at the result's code.
    /// - Throws: see `sendAndWait(_:)`.
    public func sendAndWait(
        to target: DownstreamTarget,
        window: TransmissionWindow,
        payload: [UInt8],
    ) async throws(RANError) -> DownstreamOutcome {
        try await sendAndWait(
            DownstreamRequest(
                transactionID: transactions.next(),
                target: target,
                window: window,
                payload: payload,
            )
        )
    }

    /// Sends a request and waits for its ack and its result.
    ///
    /// - Returns: also when the RAN could not send the frame: look at the result's code.
    /// - Throws: what `send` throws; `.timedOut` when the ack or the result does not come in the options' time; what broke
    ///   the connection before the ack; `.cancelled`, then the frame may be sent all the same.
    public func sendAndWait(_ request: DownstreamRequest) async throws(RANError) -> DownstreamOutcome {
        try await desk.outcome(of: request.transactionID) { [connection] () throws(RANError) in
            try connection.send([request])
        }
    }

    /// Ends the sequence and the websocket; requests that are waited for fail with `.closed`.
    public func stop() {
        connection.stop()
        desk.events.finish()
    }

    /// Waits until the websocket is closed after `stop`.
    public func waitUntilStopped() async {
        await watch.waitUntilStopped()
    }

    public func makeAsyncIterator() -> Iterator {
        desk.beginReading()
        return Iterator(buffer: desk.events)
    }

    /// Takes events one by one.
    public struct Iterator: AsyncIteratorProtocol {
        let buffer: BackPressureBuffer<DownstreamEvent>

        public func next() async -> DownstreamEvent? {
            await buffer.next()
        }

        public func next(isolation actor: isolated (any Actor)?) async -> DownstreamEvent? {
            await buffer.next()
        }
    }
}
