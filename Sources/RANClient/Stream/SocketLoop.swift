// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability

/// What makes a websocket an upstream or a downstream one. All calls come from the socket's own thread.
protocol StreamDriver: AnyObject {
    /// A websocket is open; the generation counts them from 1.
    func opened(generation: UInt64)
    /// A whole message, borrowed, with simdjson's padding behind it.
    func received(_ message: UnsafeRawBufferPointer)
    /// A message that was skipped because of its size.
    func skipped(byteCount: Int)
    /// Everything that had arrived has been passed to `received`.
    func roundEnded()
    /// Adds what waits to be sent.
    func fill(_ outgoing: inout OutgoingFrames)
    /// Whether so much waits to be sent that nothing more should be read until the socket takes some of it.
    var isBacklogged: Bool { get }
    /// Ends what is overdue and returns when to be asked again.
    func expire(at now: MonotonicTime) -> MonotonicTime?
    /// The websocket is gone, or its thread ends.
    func disconnected(_ error: RANError)
}

/// The life of one stream connection: connects, reads, writes, notices silence, connects again until it is stopped.
/// Made and used on one thread.
final class SocketLoop<Driver: StreamDriver> {
    /// How many messages, and how many octets of them, are read before they are handed over and replies are looked at.
    private let messagesPerRound = 256
    private let bytesPerRound = 256 << 10

    private let endpoint: RANEndpoint
    private let path: String
    private let name: String
    private let options: StreamOptions
    private let control: StreamControl
    private let driver: Driver
    private let metrics: RANMetrics
    private let logger: Logger?
    private let stateChanged: @Sendable (ConnectionState) -> Void

    private let assembler: MessageAssembler
    private var outgoing = OutgoingFrames()
    private var generation: UInt64 = 0
    private var hasHeard = false
    private var carriedMessages = false
    private var closeSent = false

    init(
        endpoint: RANEndpoint,
        path: String,
        name: String,
        options: StreamOptions,
        control: StreamControl,
        driver: Driver,
        metrics: RANMetrics,
        logger: Logger?,
        stateChanged: @escaping @Sendable (ConnectionState) -> Void,
    ) {
        self.endpoint = endpoint
        self.path = path
        self.name = name
        self.options = options
        self.control = control
        self.driver = driver
        self.metrics = metrics
        self.logger = logger
        self.stateChanged = stateChanged
        assembler = MessageAssembler(limit: options.maximumMessageBytes)
    }

    /// Returns after a stop.
    func run() {
        var backoff = Backoff(options.reconnect)
        var random = SystemRandomNumberGenerator()
        while !control.isStopping {
            stateChanged(.connecting)
            var opened: MonotonicTime?
            do throws(RANError) {
                let socket = try WebSocket(endpoint: endpoint, path: path, control: control)
                opened = .now
                didOpen()
                try session(socket)
            } catch {
                let isOver = control.isStopping
                if opened != nil { didClose(isOver ? .closed : error) }
                if isOver { break }
                let pause = backoff.next(using: &random)
                let lifetime = opened.map { MonotonicTime.now.since($0) } ?? .zero
                if carriedMessages || lifetime > pause { backoff.reset() }
                report(error, retryIn: pause)
                rest(pause)
            }
        }
        driver.disconnected(.closed)
        logger?.info("stream_stopped", ["connection": name])
        stateChanged(.stopped)
    }

    private func didOpen() {
        generation += 1
        outgoing = OutgoingFrames()
        assembler.reset()
        closeSent = false
        carriedMessages = false
        metrics.connections.add()
        metrics.openConnections.add(1)
        driver.opened(generation: generation)
        logger?.info("stream_connected", ["connection": name, "url": endpoint.webSocketBase + path])
        stateChanged(.connected)
    }

    private func didClose(_ error: RANError) {
        metrics.openConnections.add(-1)
        driver.disconnected(error)
    }

    private func report(_ error: RANError, retryIn pause: Duration) {
        metrics.disconnects.add()
        let fields: LogFields = [
            "connection": name, "reason": error.reason, "error": error.description, "retry_in": "\(pause)",
        ]
        if error.isTransient {
            logger?.warning("stream_disconnected", fields)
        } else {
            logger?.error("stream_disconnected", fields)
        }
        stateChanged(.disconnected(error, retryIn: pause))
    }

    /// Waits between two attempts; a stop ends it.
    private func rest(_ pause: Duration) {
        let end = MonotonicTime.now.advanced(by: pause)
        while !control.isStopping {
            control.beginWork()
            let now = MonotonicTime.now
            guard now < end else { return }
            let due = driver.expire(at: now)
            guard !control.isStopping, control.prepareSleep() else { continue }
            control.wakeSignal.wait(milliseconds: min(end, due ?? end).since(now).wholeMilliseconds)
            control.endSleep()
        }
    }

    // MARK: - One websocket

    /// Serves one websocket to its end, which is always told by an error.
    private func session(_ socket: borrowing WebSocket) throws(RANError) {
        var timers = SessionTimers(options: options, now: .now)
        // libcurl may hold input that poll does not show, so that reading goes on until it has nothing.
        var mayHaveInput = true
        while true {
            control.beginWork()
            let isStopping = control.isStopping
            let takesMore = outgoing.wantsData && !closeSent
            if takesMore { driver.fill(&outgoing) }
            if isStopping, outgoing.isEmpty, !closeSent {
                outgoing.append(control: .close, payload: CloseFrame.normal)
                closeSent = true
            }
            let isClear = try outgoing.flush(socket)
            let reads = isStopping || !(control.isReadingPaused || (!isClear && driver.isBacklogged))
            if reads, mayHaveInput {
                mayHaveInput = try !readRound(socket)
            } else {
                hasHeard = false
            }

            let now = MonotonicTime.now
            if hasHeard || !reads { timers.heard(at: now) }
            try timers.check(at: now, isStopping: isStopping, bytesSent: outgoing.bytesSent, isClear: isClear)
            if timers.pingIsDue(at: now), isClear, !closeSent { outgoing.append(control: .ping, payload: []) }
            let due = driver.expire(at: now)
            // The driver may hold more than it was asked for while the socket was blocked.
            let hasMore = isClear && (!outgoing.isEmpty || (!takesMore && !closeSent))
            guard !hasMore, !(reads && mayHaveInput), control.prepareSleep() else { continue }
            let isReadable = socket.wait(
                control: control,
                reads: reads,
                writes: !isClear,
                milliseconds: timers.rest(at: now, until: due),
            )
            mayHaveInput = mayHaveInput || isReadable
            control.endSleep()
        }
    }

    /// Reads what is there, up to a bound, and hands it over. False when more may be waiting inside libcurl.
    private func readRound(_ socket: borrowing WebSocket) throws(RANError) -> Bool {
        hasHeard = false
        // Also what came before a failure is handed over.
        defer { driver.roundEnded() }
        var messages = 0
        var bytes = 0
        while messages < messagesPerRound, bytes < bytesPerRound {
            guard let chunk = try socket.receive(into: assembler.space()) else { return true }
            hasHeard = true
            switch assembler.add(chunk) {
            case nil, .pong: break
            case .message:
                messages += 1
                bytes += assembler.message.count
                carriedMessages = true
                driver.received(assembler.message)
            case .oversized(let count): driver.skipped(byteCount: count)
            case .ping(let payload): outgoing.append(control: .pong, payload: payload)
            case .close(let payload):
                let close = CloseFrame(payload)
                if !closeSent {
                    outgoing.append(control: .close, payload: close.answer)
                    closeSent = true
                    _ = try outgoing.flush(socket)
                }
                throw .closedByPeer(code: close.code, endpoint.token.scrubbing(close.reason))
            }
        }
        return false
    }
}
