// SPDX-License-Identifier: Apache-2.0
public import Observability
internal import Synchronization

/// A client of one coverage: its routing table and multicast groups, and the streams opened from it.
///
/// Clients of several coverages live side by side; nothing is shared between them.
public final class RANClient: Sendable {
    /// Where this client's coverage answers.
    public let endpoint: RANEndpoint
    /// For logs and as the metric label.
    public let name: String
    /// Which devices' frames come here.
    public let routingTable: RoutingTable
    /// Groups for multicast transmissions.
    public let multicastGroups: MulticastGroups

    let logger: Logger?
    let registry: MetricRegistry
    let transactions = TransactionCounter()
    private let calls: RANCalls
    private let streams = Mutex(OpenStreams())

    /// Makes a client; nothing is sent before the first call.
    ///
    /// - Parameters:
    ///   - endpoint: the coverage, and with which token.
    ///   - name: for logs and as the metric label; the host by default.
    ///   - retries: how HTTP calls are tried again.
    ///   - logger: told what happens; nil says nothing.
    ///   - metrics: where the counters are kept.
    public init(
        endpoint: RANEndpoint,
        name: String? = nil,
        retries: RetryOptions = RetryOptions(),
        logger: Logger? = nil,
        metrics: MetricRegistry = MetricRegistry(),
    ) {
        let name = name ?? endpoint.host
        self.endpoint = endpoint
        self.name = name
        self.logger = logger
        registry = metrics
        calls = RANCalls(
            endpoint: endpoint,
            options: retries,
            metrics: RANMetrics(metrics, coverage: name),
            logger: logger,
        )
        routingTable = RoutingTable(calls: calls)
        multicastGroups = MulticastGroups(calls: calls)
    }

    /// Makes a client of the coverage at a base URL such as `https://eu.cloud.everynet.io/api/v1.0`.
    ///
    /// - Throws: `.invalidParameter`; see `RANEndpoint` and `RANToken`.
    public convenience init(url: String, token: String) throws(RANError) {
        self.init(endpoint: try RANEndpoint(url: url, token: try RANToken(token)))
    }

    /// Ends the client: calls that run fail with `.closed`, and so do all later ones; its streams stop. Returns at once.
    public func close() {
        calls.close()
        for stream in streams.withLock({ $0.close() }) { stream.stop() }
    }

    /// Lets `close` end the stream, at once when the client is closed already.
    func adopt(_ stream: any StoppableStream) {
        let isOpen = streams.withLock { $0.add(stream) }
        if !isOpen { stream.stop() }
    }
}
