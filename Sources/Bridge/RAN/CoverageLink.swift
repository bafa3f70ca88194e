// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import RANClient
internal import Synchronization

/// One coverage: its sockets, and the way of frames from them to the shards and back.
final class CoverageLink: Sendable {
    let index: Int
    let name: String
    let client: RANClient
    private let settings: CoverageSettings
    private let readiness: Readiness
    let logger: Logger
    private let metrics: MetricRegistry
    private let take: @Sendable (UpstreamBatch) -> Void
    private let event: @Sendable (DownstreamEvent) -> Void
    private let changed: @Sendable (Bool) -> Void
    private let sockets = Mutex<Sockets?>(nil)
    private let open = Mutex(Open())

    private struct Open: Sendable {
        var upstream: Set<Int> = []
        var downstream = false
    }

    private struct Sockets: Sendable {
        let upstreams: [UpstreamConnection]
        let downstream: DownstreamConnection
    }

    /// - Parameters:
    ///   - take: receives what a socket read, on the socket's thread; it may block to push back.
    ///   - event: receives what the RAN says of transmissions, on the socket's thread.
    ///   - changed: learns whether transmissions are taken, on the socket's thread; until then they are not.
    init(
        index: Int,
        settings: CoverageSettings,
        readiness: Readiness,
        logger: Logger,
        metrics: MetricRegistry,
        take: @escaping @Sendable (UpstreamBatch) -> Void,
        event: @escaping @Sendable (DownstreamEvent) -> Void,
        changed: @escaping @Sendable (Bool) -> Void,
    ) {
        self.index = index
        self.settings = settings
        self.readiness = readiness
        self.logger = logger.named("ran")
        self.metrics = metrics
        self.take = take
        self.event = event
        self.changed = changed
        name = settings.name
        client = RANClient(endpoint: settings.endpoint, name: name, logger: logger.named("ran"), metrics: metrics)
    }

    /// Opens the sockets; they reconnect by themselves.
    func start() {
        let (index, readiness) = (index, readiness)
        var options = DownstreamOptions()
        options.deadlineForm = settings.deadlineForm
        let opened = Sockets(
            upstreams: (0..<settings.upstreamConnections).map { socket in
                UpstreamConnection(
                    endpoint: settings.endpoint,
                    name: "\(name)-up-\(socket)",
                    coverage: name,
                    logger: logger,
                    metrics: metrics,
                    handler: take,
                    stateChanged: { [self] state in
                        open.withLock { open in
                            if state == .connected {
                                open.upstream.insert(socket)
                            } else {
                                open.upstream.remove(socket)
                            }
                        }
                        if state == .connected { readiness.reach(.upstream(coverage: index, socket: socket)) }
                    },
                )
            },
            downstream: DownstreamConnection(
                endpoint: settings.endpoint,
                name: "\(name)-down",
                coverage: name,
                options: options,
                logger: logger,
                metrics: metrics,
                handler: event,
                stateChanged: { [self] state in
                    let isOpen = state == .connected
                    let hasChanged = open.withLock { open in
                        defer { open.downstream = isOpen }
                        return open.downstream != isOpen
                    }
                    if hasChanged { changed(isOpen) }
                    if state == .connected { readiness.reach(.downstream(index)) }
                },
            ),
        )
        sockets.withLock { $0 = opened }
    }

    /// How many upstream sockets are open, and whether the downstream one is.
    var connections: (upstream: Int, downstream: Bool) {
        open.withLock { ($0.upstream.count, $0.downstream) }
    }

    /// Hands a frame to the RAN; what becomes of it comes back as an event.
    func transmit(_ transmission: Transmission) {
        let id = transmission.transactionID.rawValue
        do throws(RANError) {
            guard let request = DownstreamRequest(transmission) else {
                throw .invalidParameter(name: "TxWindow", problem: "has no form on this wire")
            }
            guard let downstream = sockets.withLock({ $0?.downstream }) else { throw .notConnected }
            try downstream.send([request])
        } catch {
            event(.notSent(transactionIDs: [id], error))
        }
    }

    /// Reads nothing more; answers still leave.
    func stopReading() {
        for upstream in sockets.withLock({ $0?.upstreams ?? [] }) { upstream.drain() }
    }

    /// Closes the sockets. Blocks until their threads ended: never on Swift's pool.
    func stop() {
        // The sockets know this link, too.
        guard let open = sockets.withLock({ $0.take() }) else { return client.close() }
        for upstream in open.upstreams { upstream.stop() }
        open.downstream.stop()
        for upstream in open.upstreams { upstream.waitUntilStopped() }
        open.downstream.waitUntilStopped()
        client.close()
    }
}

extension DownstreamRequest {
    /// nil for a window that the RAN has no words for.
    init?(_ transmission: Transmission) {
        let timing: TransmissionTiming? =
            switch transmission.timing {
            case .delay(let seconds): .delay(seconds: Int(seconds))
            case .gpsMilliseconds(let times): GPSTimes(milliseconds: times).map { .gps($0) }
            case .immediately: .now
            case .deadline(let moment): .deadline(.until(moment))
            }
        guard let timing else { return nil }
        let target: DownstreamTarget =
            switch transmission.target {
            case .device(let devEUI, let address): .device(devEUI, targetDevAddr: address)
            case .multicast(let address): .multicast(address)
            }
        self.init(
            transactionID: transmission.transactionID.rawValue,
            target: target,
            window: TransmissionWindow(
                frequency: transmission.frequency,
                modulation: transmission.modulation,
                timing: timing,
            ),
            payload: transmission.octets,
        )
    }
}
