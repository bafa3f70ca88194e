// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc
internal import Observability
internal import Synchronization

/// The body of the client's thread: it alone uses the handle, and it never ends but by `stop`.
///
/// `@unchecked Sendable` is sound because: 1. `MQTTClient` makes it and hands it to one thread, whose start orders
/// memory; 2. afterwards only that thread touches it; 3. libmosquitto binds no handle to the thread that made it.
final class ConnectionLoop: @unchecked Sendable {
    enum Phase {
        /// No connection; the next attempt comes at the moment given.
        case idle(until: MonotonicTime)
        /// Between the call of connect and CONNACK, which must come by the deadline.
        case connecting(deadline: MonotonicTime)
        case connected(since: MonotonicTime)
    }

    struct PendingSubscription {
        var subscription: MQTTSubscription
        var since: MonotonicTime
    }

    let configuration: MQTTConfiguration
    let delegate: any MQTTClientDelegate
    let logger: Logger
    let metrics: ClientMetrics
    let inbox: Inbox
    let pulse: Pulse
    var handle: MosquittoHandle

    var phase = Phase.idle(until: MonotonicTime(nanoseconds: 0))
    var version: MQTTProtocolVersion
    var limits = BrokerLimits()
    var queue = PublicationQueue()
    var inflight = InflightTable()
    var subscriptions: [MQTTSubscription] = []
    var pendingSubscriptions: [UInt16: PendingSubscription] = [:]
    var completions: [MQTTCompletion] = []
    /// When the first of these came.
    var completionsSince: MonotonicTime?
    /// How long completions may wait for others: each batch wakes a thread.
    static let completionDelay = Duration.milliseconds(10)
    private var backoff: Backoff
    private var random = SystemRandomNumberGenerator()
    private var hasFailed = false
    private var hangUps = 0
    private var brokerSpeaksOnlyV311 = false
    /// How long after one turn of a connection the next one begins at the earliest, while that many publications are on
    /// their way.
    private static let busyCount = 8
    private static let gathering = Duration.milliseconds(1)
    private var nextTurn = MonotonicTime(nanoseconds: 0)
    private var nextCheck = MonotonicTime(nanoseconds: 0)

    init(
        configuration: MQTTConfiguration,
        delegate: any MQTTClientDelegate,
        logger: Logger,
        metrics: ClientMetrics,
        inbox: Inbox,
        pulse: Pulse,
    ) throws(MQTTError) {
        self.configuration = configuration
        self.delegate = delegate
        self.logger = logger
        self.metrics = metrics
        self.inbox = inbox
        self.pulse = pulse
        handle = try MosquittoHandle.make(configuration)
        backoff = Backoff(configuration.reconnectDelay)
        version = if case .only(let version) = configuration.protocolPreference { version } else { .v5 }
    }

    /// Runs until stopped.
    func run() {
        ignoreBrokenPipes()
        metrics.isAlive.set(1)
        while step() {}
        finish()
        pulse.stop()
        metrics.isAlive.set(0)
    }

    // MARK: One turn

    private func step() -> Bool {
        gather()
        var now = MonotonicTime.now
        nextTurn = now.advanced(by: Self.gathering)
        pulse.beat(now)
        let requests = inbox.take()
        if !requests.publications.isEmpty { queue.append(requests.publications) }
        if !requests.subscriptions.isEmpty { remember(requests.subscriptions) }
        if let deadline = requests.stopDeadline, now >= deadline || isDrained { return false }

        switch phase {
        case .idle(let moment) where now >= moment: connect(now)
        case .connecting(let deadline) where now >= deadline:
            handle.abandon()
            connectionEnded(.timedOut(broker: brokerName, waitingFor: "its answer to CONNECT"))
        case .connected:
            if now >= nextCheck { checkConnection(now) }
            feed(now)
            if handle.wantsWrite { perform { $0.loopWrite() } }
        case .idle, .connecting: break
        }
        now = .now
        flushCompletions(now)
        metrics.queued.set(queue.count)
        metrics.inflight.set(inflight.count)
        wait(now, stopDeadline: requests.stopDeadline)
        return true
    }

    /// Sleeps until the next turn: publications and acknowledgements come in groups then, and so do packets.
    private func gather() {
        guard case .connected = phase, inflight.count >= Self.busyCount else { return }
        var moment = timespec(
            tv_sec: Int(nextTurn.nanoseconds / 1_000_000_000),
            tv_nsec: Int(nextTurn.nanoseconds % 1_000_000_000)
        )
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nil)
    }

    /// Waits for the socket, other threads or the next thing to do, and serves the socket.
    private func wait(_ now: MonotonicTime, stopDeadline: MonotonicTime?) {
        var wakeAt = now.advanced(by: .seconds(1))
        var events: Int16 = 0
        switch phase {
        case .idle(let moment): wakeAt = min(wakeAt, moment)
        case .connecting(let deadline):
            wakeAt = min(wakeAt, deadline)
            events = Int16(POLLIN)
        case .connected:
            if canFeed { wakeAt = now }
            events = Int16(POLLIN)
        }
        if let stopDeadline { wakeAt = min(wakeAt, stopDeadline) }
        if let completionsSince { wakeAt = min(wakeAt, completionsSince.advanced(by: Self.completionDelay)) }
        if events != 0, handle.wantsWrite { events |= Int16(POLLOUT) }
        let socket = events == 0 ? -1 : handle.socket
        var descriptors = [
            pollfd(fd: inbox.wakeup.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: events, revents: 0),
        ]
        poll(&descriptors, 2, milliseconds(from: now, to: wakeAt))
        if descriptors[0].revents != 0 { inbox.wakeup.clear() }
        let ready = descriptors[1].revents
        if ready & Int16(POLLOUT) != 0 { perform { $0.loopWrite() } }
        if ready & ~Int16(POLLOUT) != 0, handle.socket >= 0 { read() }
    }

    private func read() {
        if case .idle = phase { return }
        // Each call reads a packet or a few; a whole batch is handed over at once and acknowledged together.
        for _ in 0..<configuration.receiveMaximum {
            let code = handle.loopRead()
            guard code.isSuccess, handle.socket >= 0 else { return settle(code) }
            var descriptor = pollfd(fd: handle.socket, events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, 0) <= 0 { break }
        }
        settle(.success)
    }

    private func perform(_ body: (borrowing MosquittoHandle) -> MosquittoCode) {
        settle(body(handle))
    }

    /// Handles what a call left behind, and the end of the connection if it brought that.
    private func settle(_ code: MosquittoCode) {
        let events = handle.takeEvents()
        if let answer = events.connectAnswer { connectAnswered(answer) }
        if !events.subscribed.isEmpty { subscriptionsAnswered(events.subscribed) }
        for published in events.published { complete(published) }
        if !events.messages.isEmpty { receive(events.messages) }
        if case .idle = phase { return }
        guard !code.isSuccess || handle.socket < 0 else { return }
        if let reason = events.disconnectCode, reason >= 0x80 {
            connectionEnded(
                .disconnectedByBroker(
                    broker: brokerName,
                    reason: MQTTReasonCode(rawValue: UInt8(truncatingIfNeeded: reason)),
                ),
            )
        } else if case .connecting = phase {
            failedBeforeAnswer(code, events.errorText)
        } else {
            let shown = code.isSuccess ? MosquittoCode.connectionLost : code
            connectionEnded(.connectionFailed(broker: brokerName, code: shown, detail: events.errorText))
        }
    }

    /// Once a second: PINGs, and acknowledgements that do not come.
    private func checkConnection(_ now: MonotonicTime) {
        nextCheck = now.advanced(by: .seconds(1))
        perform { $0.loopMisc() }
        guard case .connected(let since) = phase else { return }
        if now.since(since) > .seconds(10) { backoff.reset() }
        let oldest = [inflight.oldest, pendingSubscriptions.values.lazy.map(\.since).min()].compactMap(\.self).min()
        if let oldest, now.since(oldest) > configuration.acknowledgementTimeout {
            handle.abandon()
            connectionEnded(.timedOut(broker: brokerName, waitingFor: "an acknowledgement"))
        }
    }

    // MARK: Coming and going

    var brokerName: String { configuration.broker.description }

    private func connect(_ now: MonotonicTime) {
        metrics.attempts.add()
        logger.debug("connecting", ["broker": brokerName, "version": version])
        delegate.stateChanged(.connecting)
        phase = .connecting(deadline: now.advanced(by: configuration.connectTimeout))
        let code = handle.connect(configuration, version: version)
        if !code.isSuccess { settle(code) }
    }

    private func connectAnswered(_ answer: MosquittoEvents.ConnectAnswer) {
        guard answer.code == 0 else { return connectRefused(answer) }
        let now = MonotonicTime.now
        handle.silence()
        phase = .connected(since: now)
        nextCheck = now.advanced(by: .seconds(1))
        hangUps = 0
        hasFailed = false
        limits = answer.limits
        limits.maximumPacketBytes = min(limits.maximumPacketBytes, configuration.maximumPacketBytes)
        inflight.restartClocks(at: now)
        metrics.connections.add()
        metrics.isConnected.set(1)
        logger.info(
            "connected",
            [
                "broker": brokerName, "version": version, "client_id": configuration.clientID,
                "session_present": answer.isSessionPresent,
            ],
        )
        delegate.stateChanged(.connected(sessionPresent: answer.isSessionPresent, version: version))
        for subscription in subscriptions { subscribe(subscription) }
        if let birth = configuration.birth { queue.putBack([announcement(birth)]) }
    }

    private func connectRefused(_ answer: MosquittoEvents.ConnectAnswer) {
        let code = UInt8(truncatingIfNeeded: answer.code)
        let reason = code < 0x80 ? MQTTReasonCode(connectReturnCode: code) : MQTTReasonCode(rawValue: code)
        connectRefused(reason, answer.reasonText)
    }

    private func connectRefused(_ reason: MQTTReasonCode, _ text: String?) {
        let error = MQTTError.connectionRefused(
            broker: brokerName,
            username: configuration.username,
            reason: reason,
            text: text,
        )
        let fallsBack = reason == .unsupportedProtocolVersion && isAutomatic && version == .v5
        if fallsBack { brokerSpeaksOnlyV311 = true }
        handle.abandon()
        connectionEnded(error, retryIn: fallsBack ? .zero : nil)
    }

    /// Brokers without MQTT 5 answer its CONNECT in the form of 3.1.1, which the library finds malformed, or hang up.
    private func failedBeforeAnswer(_ code: MosquittoCode, _ detail: String?) {
        let isMalformed = code == .malformedPacket || code == .protocolError
        if version == .v5, isMalformed { return connectRefused(.unsupportedProtocolVersion, nil) }
        // Nothing is known of a broker that does not answer 3.1.1 either.
        brokerSpeaksOnlyV311 = false
        // Every second attempt speaks 3.1.1 to one that hangs up.
        if code.isSuccess || code == .connectionLost { hangUps += 1 }
        let shown = code.isSuccess ? MosquittoCode.connectionLost : code
        connectionEnded(.connectionFailed(broker: brokerName, code: shown, detail: detail))
    }

    private var isAutomatic: Bool { configuration.protocolPreference == .automatic }

    func connectionEnded(_ error: MQTTError, retryIn wanted: Duration? = nil) {
        let delay = wanted ?? backoff.next(using: &random)
        hasFailed = true
        phase = .idle(until: MonotonicTime.now.advanced(by: delay))
        if isAutomatic { version = brokerSpeaksOnlyV311 || hangUps % 2 == 1 ? .v311 : .v5 }
        queue.putBack(inflight.removeUnwritten())
        pendingSubscriptions = [:]
        metrics.isConnected.set(0)
        log(error, delay, isFallingBack: wanted != nil)
        delegate.stateChanged(.disconnected(error, retryIn: delay))
    }

    private func log(_ error: MQTTError, _ delay: Duration, isFallingBack: Bool) {
        let fields: LogFields = [
            "reason": error.reason, "error": error, "retry_in_ms": delay.wholeNanoseconds / 1_000_000,
            "inflight": inflight.count, "queued": queue.count,
        ]
        if isFallingBack {
            logger.info("protocol_fallback", ["version": version, "error": error])
        } else if error.needsOperator {
            logger.error("disconnected", fields)
        } else {
            logger.warning("disconnected", fields)
        }
    }

    // MARK: The end

    /// Nothing is outstanding, or nothing will move: a broker that could not be reached is not waited for.
    private var isDrained: Bool {
        if queue.isEmpty, inflight.isEmpty { return true }
        if case .idle = phase { return hasFailed }
        return false
    }

    private func finish() {
        if case .connected = phase {
            if let will = configuration.will { queue.putBack([announcement(will)]) }
            feedLast()
            _ = handle.disconnect()
            let deadline = MonotonicTime.now.advanced(by: .seconds(1))
            while handle.socket >= 0, handle.wantsWrite, MonotonicTime.now < deadline {
                var descriptor = pollfd(fd: handle.socket, events: Int16(POLLOUT), revents: 0)
                poll(&descriptor, 1, milliseconds(from: .now, to: deadline))
                guard handle.loopWrite().isSuccess else { break }
            }
            for published in handle.takeEvents().published { complete(published) }
        }
        handle.abandon()
        let late = inbox.close()
        for queued in inflight.removeAll() + queue.removeAll() + late.publications {
            complete(queued, .failed(.stopped))
        }
        flushCompletions()
        metrics.isConnected.set(0)
        metrics.queued.set(0)
        metrics.inflight.set(0)
        logger.info("stopped", ["broker": brokerName])
        delegate.stateChanged(.stopped)
    }
}

/// Whole milliseconds for `poll`, rounded up, never below zero.
func milliseconds(from now: MonotonicTime, to moment: MonotonicTime) -> Int32 {
    Int32(clamping: max(0, (moment.nanoseconds - now.nanoseconds + 999_999) / 1_000_000))
}

/// A write to a closed connection must be an error, not the end of the process; it concerns the calling thread alone.
private func ignoreBrokenPipes() {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &set, nil)
}
