// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import Observability

/// One connection to the broker, made when it is first wanted and made again when it breaks.
final class Link: Sendable {
    private let desk: LinkDesk
    private let client: MQTTShim.MQTTClient

    init(_ login: Login, _ options: ConnectionOptions, receiver: some LinkReceiver) throws(TTNClientError) {
        desk = LinkDesk(receiver: receiver)
        do throws(MQTTError) {
            client = try MQTTShim.MQTTClient(
                configuration: login.configuration(options),
                delegate: desk,
                // What it would say reaches the program as errors and events.
                logger: Logger(component: "ttn-client", sink: LogSink(level: .error, repeatsPerMinute: 0)),
                metrics: MetricRegistry(),
            )
        } catch {
            throw TTNClientError(error)
        }
    }

    /// The version spoken on the present connection; nil while there is none.
    var version: MQTTProtocolVersion? { desk.version }

    /// Returns when there is a connection.
    ///
    /// - Throws: why the first attempt failed, or why there was no connection when the time was over.
    func open(within limit: Duration) async throws(TTNClientError) {
        try await desk.connected(within: limit) { client.start() }
    }

    /// Returns when the broker has granted a subscription, on this connection and all to come.
    func subscribe(_ filter: String, within limit: Duration) async throws(TTNClientError) {
        try await desk.granted(filter, within: limit) { want(filter) }
    }

    /// Asks for a subscription without waiting for the answer. The filters are ours and well formed.
    func want(_ filter: String) {
        do throws(MQTTError) {
            try client.subscribe([MQTTSubscription(filter)])
        } catch {
            preconditionFailure("a filter of our own making is refused: \(error)")
        }
    }

    /// Publishes without waiting; the ends reach the receiver.
    func publish(_ publications: [MQTTPublication]) { client.publish(publications) }

    /// Publishes what is left within `drain`, then ends the connection for good.
    func close(drain: Duration = .seconds(2)) async {
        await client.stop(drain: drain)
        desk.close()
    }
}
