// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import JSON
internal import LoRaWAN

/// All state of a running simulator. Lives on the service thread only.
final class Simulation {
    /// What is to happen at a moment.
    enum Event {
        /// A device wants to act; outdated when its generation has moved on.
        case device(Int, generation: UInt32)
        indirect case handOver(UpstreamMessage, UpstreamOrigin)
        indirect case transmit(DownstreamRequest, WebConnection, mailboxID: UInt64, pingSlot: GPSTime?)
        indirect case respond(HTTPResponse, WebConnection)
        indirect case send([UInt8], OutgoingMessages.Framing, WebConnection)
        case dropUpstream(generation: UInt32)
        case lookAtWatchers
    }

    let configuration: SimulatorConfiguration
    var server: WebServer?
    var routing: RoutingTableCalls
    var devices: [VirtualDevice] = []
    var deviceIndex: [EUI64: Int] = [:]
    var ledger = UpstreamLedger()
    var timers = TimerQueue<Event>()
    var random: SeededRandom
    var totals = SimulatorReport()
    var faults = ActiveFaults()
    var watchers = Watchers()
    /// The load under way.
    var load: LoadRun?
    var upstreamSockets: [WebConnection] = []
    var downstreamSockets: [WebConnection] = []
    var nextUpstreamSocket = 0
    var nextSocketTag = 1
    var nextTransactionID: UInt64 = 1
    var nextMailboxID: UInt64 = 1
    var usedTransactionIDs: Set<UInt64> = []
    var writer = JSONWriter(capacity: 4096)
    var challenge: [UInt32] = []

    init(_ configuration: SimulatorConfiguration) throws(SimulatorError) {
        guard (2...4096).contains(configuration.challengeSize),
            (2...4096).contains(configuration.smallestChallengeSize)
        else { throw .badRequest("a MIC challenge holds 2 to 4096 candidates") }
        self.configuration = configuration
        random = SeededRandom(seed: configuration.seed ?? .random(in: .min ... .max))
        routing = RoutingTableCalls(firstChallengeSize: configuration.challengeSize)
        routing.table.limit = configuration.subscriptionLimit
        for device in configuration.devices { try add(device) }
    }

    /// The next moment at which something is to be done.
    var nextDeadline: MonotonicTime {
        let latest = MonotonicTime.now.advanced(by: .seconds(1))
        return [timers.earliest, ledger.earliestDeadline, load?.nextDeadline].compactMap { $0 }.reduce(latest, min)
    }

    /// Does what is due, a limited number of things at a time, so that sockets are served under any load.
    func runDue() {
        let now = MonotonicTime.now
        for _ in 0..<256 {
            guard let (event, moment) = timers.popDue(at: now) else { break }
            run(event, planned: moment, now: now)
        }
        pumpLoad()
        while let expired = ledger.popExpired(at: now) { noteMissing(expired) }
        planWatchers(at: now)
    }

    /// Starts a device's life.
    func add(_ configuration: VirtualDeviceConfiguration) throws(SimulatorError) {
        guard deviceIndex[configuration.devEUI] == nil else {
            throw .badRequest("two devices with DevEUI \(configuration.devEUI)")
        }
        let scale = self.configuration.timeScale
        var device = try VirtualDevice(configuration, scale: scale, historyLimit: self.configuration.historyLimit)
        device.start(at: .now, random: &random)
        deviceIndex[configuration.devEUI] = devices.count
        devices.append(device)
        schedule(devices.count - 1)
    }

    /// Sets a device's timer to what it wants.
    func schedule(_ index: Int) {
        guard let moment = devices[index].nextWake else { return }
        timers.schedule(.device(index, generation: devices[index].generation), at: moment)
    }

    /// What was seen so far.
    func report() -> SimulatorReport {
        var report = totals
        report.pending = ledger.count
        report.upstreamSockets = upstreamSockets.count
        report.downstreamSockets = downstreamSockets.count
        report.subscriptions = routing.table.count
        report.devices = devices.map(\.report)
        return report
    }

    /// Tells a line to whoever listens.
    func narrate(_ line: @autoclosure () -> String) {
        configuration.narrate?(line())
    }

    /// Remembers what a client did wrong; the first 100 sentences are kept, all are counted elsewhere.
    func noteProblem(_ sentence: @autoclosure () -> String) {
        guard totals.problems.count < 100 || configuration.narrate != nil else { return }
        let sentence = sentence()
        if totals.problems.count < 100 { totals.problems.append(sentence) }
        narrate("problem: \(sentence)")
    }

    /// Lets everybody who waits go: the simulator ends.
    func finish() {
        for pending in ledger.removeAll() { pending.origin.answer?(.missing) }
        watchers.finish()
        server?.close()
        server = nil
    }

    private func run(_ event: Event, planned: MonotonicTime, now: MonotonicTime) {
        watchers.hasNews = true
        switch event {
        case .device(let index, let generation):
            guard devices[index].generation == generation else { return }
            let transmission = devices[index].wake(at: now, random: &random)
            if let transmission { transmit(transmission, from: index) }
            schedule(index)
        case .handOver(let message, let origin): handOver(message, origin)
        case .transmit(let request, let connection, let mailboxID, let pingSlot):
            transmit(request, on: connection, mailboxID: mailboxID, pingSlot: pingSlot, at: planned)
        case .respond(let response, let connection): server?.respond(response, on: connection)
        case .send(let message, let framing, let connection): server?.send(message, as: framing, on: connection)
        case .dropUpstream(let generation): dropNextUpstream(generation: generation)
        case .lookAtWatchers: watchers.isPlanned = false
        }
    }
}
