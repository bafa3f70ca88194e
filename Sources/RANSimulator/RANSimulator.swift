// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
public import LoRaWAN
public import Observability
internal import Synchronization

/// A RAN Routing API with virtual devices: the other side for tests, demos and load.
///
/// One thread owns everything; calls from others are queued to it. Nothing needs the bridge: devices live and send from
/// the start, and what nobody subscribed to is only counted.
public final class RANSimulator: Sendable {
    private let configuration: SimulatorConfiguration
    private let logger: Logger
    private let mailbox = Mailbox()
    private let thread = Mutex<NamedThread?>(nil)

    public init(configuration: SimulatorConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Listens and lets the devices live. Returns the port.
    public func start() throws(SimulatorError) -> UInt16 {
        let started = BoundedQueue<Result<UInt16, SimulatorError>>(capacity: 1)
        let configuration = configuration
        let mailbox = mailbox
        let newThread = NamedThread("ran-simulator") { serve(configuration, mailbox, started) }
        var results: [Result<UInt16, SimulatorError>] = []
        _ = started.drain(into: &results)
        guard let result = results.first else { throw .notRunning }
        let port: UInt16
        do {
            port = try result.get()
        } catch {
            newThread.join()
            throw error
        }
        thread.withLock { $0 = newThread }
        logger.info("listening", ["address": configuration.address, "port": Int(port)])
        return port
    }

    /// Ends listening, closes every socket and waits for the thread to end.
    public func stop() {
        mailbox.close()
        let ended = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        ended?.join()
    }

    /// What was seen so far.
    public func snapshot() async -> SimulatorReport {
        (try? await call { $0.report() }) ?? SimulatorReport()
    }

    /// Waits until the report looks as wanted. False when the time is over or the simulator stops.
    ///
    /// - Parameter until: looks at a report; called on the simulator's thread whenever something happened, every 5 ms at most.
    public func waitForReport(
        timeout: Duration,
        until isSatisfied: @escaping @Sendable (SimulatorReport) -> Bool,
    ) async -> Bool {
        let deadline = MonotonicTime.now.advanced(by: timeout)
        return await withCheckedContinuation { continuation in
            let isPosted = mailbox.post { $0.watchers.add(until: deadline, isSatisfied, continuation) }
            if !isPosted { continuation.resume(returning: false) }
        }
    }

    /// Lets a device send one uplink now, or after its join. Its receive windows of earlier uplinks close.
    ///
    /// - Parameters:
    ///   - port: nil sends a frame without payload.
    ///   - fCnt: a frame counter in place of the next one, to play an old frame or skip some.
    ///   - commands: MAC commands for FOpts as they are on air, such as `[0x0D]` for DeviceTimeReq.
    public func sendUplink(
        devEUI: EUI64,
        port: UInt8?,
        payload: [UInt8],
        isConfirmed: Bool = false,
        fCnt: UInt32? = nil,
        commands: [UInt8] = [],
    ) async throws(SimulatorError) {
        let uplink = VirtualDevice.QueuedUplink(
            port: port,
            payload: payload,
            isConfirmed: isConfirmed,
            counter: fCnt,
            commands: commands,
        )
        guard try await call({ $0.enqueue(uplink, devEUI) }) else { throw .badRequest("there is no device \(devEUI)") }
    }

    /// Lets an OTAA device join now, also when it has a session.
    public func join(devEUI: EUI64) async throws(SimulatorError) {
        guard try await call({ $0.join(devEUI) }) else { throw .badRequest("there is no OTAA device \(devEUI)") }
    }

    /// Lets a LoRaWAN 1.1 device send a rejoin request now.
    ///
    /// - Parameter type: 0 and 2 need a session, 1 does not.
    public func rejoin(devEUI: EUI64, type: JoinRequestType) async throws(SimulatorError) {
        guard try await call({ $0.rejoin(devEUI, type) }) else {
            throw .badRequest("there is no OTAA device \(devEUI) of LoRaWAN 1.1 that can rejoin")
        }
    }

    /// Adds a device that lives from now on.
    public func add(_ device: VirtualDeviceConfiguration) async throws(SimulatorError) {
        let failure: SimulatorError? = try await call { simulation -> SimulatorError? in
            do throws(SimulatorError) {
                try simulation.add(device)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Sends an upstream message as it is and waits for the client's reply.
    public func inject(_ message: RawUpstream) async throws(SimulatorError) -> UpstreamReply {
        let mailbox = mailbox
        let reply: UpstreamReply? = await withCheckedContinuation { continuation in
            let isPosted = mailbox.post { $0.inject(message) { continuation.resume(returning: $0) } }
            if !isPosted { continuation.resume(returning: nil) }
        }
        guard let reply else { throw .notRunning }
        return reply
    }

    /// Makes something go wrong.
    public func inject(_ fault: Fault) async throws(SimulatorError) {
        try await call { $0.inject(fault) }
    }

    /// Queues something for the simulator's thread. False when it will not run.
    func post(_ body: @escaping @Sendable (Simulation) -> Void) -> Bool { mailbox.post(body) }

    /// Runs something on the simulator's thread.
    func call<Value: Sendable>(
        _ body: @escaping @Sendable (Simulation) -> Value,
    ) async throws(SimulatorError) -> Value {
        let value: Value? = await withCheckedContinuation { continuation in
            let isPosted = mailbox.post { continuation.resume(returning: body($0)) }
            if !isPosted { continuation.resume(returning: nil) }
        }
        guard let value else { throw .notRunning }
        return value
    }
}

/// Commands of other threads for the simulation.
private final class Mailbox: Sendable {
    private struct State {
        var commands: [@Sendable (Simulation) -> Void] = []
        var waker: WebServerWaker?
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Queues a command. False when nothing will run it.
    func post(_ command: @escaping @Sendable (Simulation) -> Void) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.commands.append(command)
            state.waker?.wake()
            return true
        }
    }

    func open(_ waker: WebServerWaker?) {
        state.withLock { $0.waker = waker }
    }

    /// Refuses further commands and lets the thread end.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.waker?.wake()
        }
    }

    /// Takes what is queued; nil once closed and empty.
    func take() -> [@Sendable (Simulation) -> Void]? {
        state.withLock { state in
            if state.isClosed, state.commands.isEmpty {
                state.waker = nil
                return nil
            }
            defer { state.commands = [] }
            return state.commands
        }
    }
}

private func serve(
    _ configuration: SimulatorConfiguration,
    _ mailbox: Mailbox,
    _ started: BoundedQueue<Result<UInt16, SimulatorError>>,
) {
    let simulation: Simulation
    let server: WebServer
    do {
        simulation = try Simulation(configuration)
        server = try WebServer(
            address: configuration.address,
            port: configuration.port,
            tls: configuration.tls,
            handler: simulation,
        )
    } catch {
        started.push(.failure(error))
        mailbox.close()
        return
    }
    simulation.server = server
    mailbox.open(server.waker)
    started.push(.success(server.port))
    while let commands = mailbox.take() {
        for command in commands { command(simulation) }
        simulation.runDue()
        server.serve(until: simulation.nextDeadline)
    }
    simulation.finish()
}
