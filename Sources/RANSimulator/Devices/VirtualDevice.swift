// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

/// One virtual device: decides what it sends when, and what it makes of the frames it hears. Does no I/O; the moment and
/// random numbers are passed in.
struct VirtualDevice {
    /// An uplink asked for from outside.
    struct QueuedUplink {
        var port: UInt8?
        var payload: [UInt8]
        var isConfirmed: Bool
        var counter: UInt32?
        /// MAC commands for FOpts, as they are on air.
        var commands: [UInt8] = []
    }

    /// An uplink that is sent again until it is answered: a confirmed one, or any when the network asked for repetitions.
    struct Unanswered {
        var octets: [UInt8]
        var mic: MIC
        var number: Int
        var channel: Int
        var isConfirmed: Bool
        var attempts: Int
        var limit: Int
    }

    /// Seconds from the end of a join- or rejoin-request to RX1.
    static let joinAcceptDelay: Int64 = 5

    let configuration: VirtualDeviceConfiguration
    var report: DeviceReport
    /// When the device wants to act next; nil: never by itself.
    private(set) var nextWake: MonotonicTime?
    /// Counts changes of `nextWake`, so that an outdated timer can be told.
    private(set) var generation: UInt32 = 0
    /// The sent frames whose windows are still open, newest last.
    var windows: [Transmission] = []
    var session: DeviceSession?
    /// The channels and windows of a device without a session.
    let bootRadio: RadioState
    /// The last FCntDown of each multicast group.
    var multicastCounters: [DevAddr: UInt32] = [:]
    let region: Region
    let scale: Double
    let historyLimit: Int
    var queue: [QueuedUplink] = []
    var unanswered: Unanswered?
    private(set) var lastConfirmedUplink: UInt32?
    var nextPeriodic: MonotonicTime?
    var nextJoin: MonotonicTime?
    /// When an unanswered confirmed uplink is sent again.
    private var retryAt: MonotonicTime?
    /// When the queue is to be served.
    private var urgentAt: MonotonicTime?
    private var payloadNumber: UInt64 = 0
    private(set) var devNonce: UInt16
    /// The next rejoin-request (LoRaWAN 1.1).
    var plannedRejoin: PlannedRejoin?
    /// How often the network wants a rejoin-request of type 0, and how many uplinks have passed since the last.
    var rejoinPeriod: RejoinPeriod?
    var uplinksSinceRejoin = 0
    /// RJcount0 of the session and RJcount1 of the device's life for the next rejoin-request.
    var rejoinCounts: (session: UInt16, life: UInt16) = (0, 0)
    /// The network that gave the session.
    var netID: NetID?
    /// Whether the last join request was handed to nobody.
    var hasLostJoin = false
    private var usedNonces: Set<UInt16> = []

    init(_ configuration: VirtualDeviceConfiguration, scale: Double, historyLimit: Int) throws(SimulatorError) {
        guard let region = Region.named(configuration.region) else {
            throw .badRequest("device \(configuration.name): region \(configuration.region) is none of \(Region.names)")
        }
        guard region.row(of: configuration.dataRate)?.isUplink == true else {
            throw .badRequest(
                "device \(configuration.name): \(region) has no uplink data rate \(configuration.dataRate)"
            )
        }
        self.configuration = configuration
        self.region = region
        devNonce = configuration.firstDevNonce &- 1
        bootRadio = RadioState(
            region: region,
            dataRate: configuration.dataRate,
            rx1Delay: configuration.rx1Delay,
            enabled: configuration.channels,
        )
        self.scale = scale
        self.historyLimit = historyLimit
        let state: DeviceReport.JoinState
        if case .abp = configuration.activation { state = .abp } else { state = .notJoined }
        report = DeviceReport(name: configuration.name, devEUI: configuration.devEUI, joinState: state)
        if case .abp(let devAddr, let keys) = configuration.activation {
            var session = DeviceSession(
                devAddr: devAddr,
                keys: keys,
                is11: configuration.version.is11,
                fCntUp: configuration.firstFCntUp,
                radio: bootRadio,
            )
            if session.is11 { session.announcements = configuration.deviceClass == .c ? [.reset, .classC] : [.reset] }
            self.session = session
            report.devAddr = devAddr
            report.nextFCntUp = configuration.firstFCntUp
        }
    }

    /// Whether windows of several uplinks are open at a time.
    var overlapsWindows: Bool {
        if let overlaps = configuration.overlapsWindows { return overlaps }
        guard let interval = configuration.interval else { return false }
        return interval < Duration.seconds(Int64(session?.radio.rx1Delay ?? 5) + 2).scaled(by: scale)
    }

    /// Starts the device's life.
    mutating func start(at now: MonotonicTime, random: inout SeededRandom) {
        let spread = min(configuration.interval?.wholeNanoseconds ?? 0, 1_000_000_000)
        let drawn = Duration.nanoseconds(spread > 0 ? Int64.random(in: 0..<spread, using: &random) : 0)
        let first = now.advanced(by: configuration.firstUplinkAfter ?? drawn)
        if configuration.interval != nil {
            nextPeriodic = first
            if session == nil { nextJoin = first }
        }
        replan()
    }

    /// Asks for an uplink as soon as there is a session; an OTAA device joins for it.
    mutating func enqueue(_ uplink: QueuedUplink, at now: MonotonicTime) {
        queue.append(uplink)
        if session == nil, nextJoin == nil { nextJoin = now }
        replan(urgent: now)
    }

    /// Asks for a join request now, also of a device that has a session. False for ABP.
    mutating func join(at now: MonotonicTime) -> Bool {
        guard case .otaa = configuration.activation else { return false }
        nextJoin = now
        replan()
        return true
    }

    /// Repeats a join request that nobody was given, within a second: somebody listens from now on.
    mutating func retryLostJoin(at now: MonotonicTime, random: inout SeededRandom) {
        guard hasLostJoin, nextJoin != nil else { return }
        hasLostJoin = false
        nextJoin = now.advanced(by: Duration.milliseconds(Int64.random(in: 0..<1000, using: &random)).scaled(by: scale))
        replan()
    }

    /// Sends what is due.
    mutating func wake(at now: MonotonicTime, random: inout SeededRandom) -> Transmission? {
        defer { replan() }
        if let moment = nextJoin, moment <= now { return joinRequest(at: now, random: &random) }
        if let planned = plannedRejoin, planned.moment <= now {
            return rejoinRequest(planned, at: now, random: &random)
        }
        guard var session else { return nil }
        defer { self.session = session }
        if let waiting = unanswered {
            if queue.isEmpty {
                guard let moment = retryAt, moment <= now else { return nil }
                if waiting.attempts < waiting.limit {
                    return repeated(waiting, session, at: now, random: &random)
                }
            }
            unanswered = nil
        }
        let request: QueuedUplink
        if queue.isEmpty {
            guard let moment = nextPeriodic, moment <= now, configuration.interval != nil else { return nil }
            if let closed = windowsClose(session), closed > now {
                nextPeriodic = closed
                return nil
            }
            request = QueuedUplink(
                port: configuration.port,
                payload: configuration.payload.payload(number: payloadNumber),
                isConfirmed: configuration.isConfirmed,
            )
            payloadNumber += 1
            nextPeriodic = moment.advanced(by: nextInterval(random: &random))
            if let next = nextPeriodic, next < now { nextPeriodic = now }
        } else {
            request = queue.removeFirst()
        }
        return dataUplink(request, &session, at: now, random: &random)
    }

    /// Looks at the counter of a frame the network sends to this device, heard or not.
    mutating func judgeCounter(of phyPayload: [UInt8]) {
        switch session?.judge(phyPayload, confirmedUplink: lastConfirmedUplink) {
        case .fresh(let counter):
            if report.fCntDownSeen.count == historyLimit { report.fCntDownSeen.removeFirst() }
            if historyLimit > 0 { report.fCntDownSeen.append(counter) }
        case .repeated: report.repeatedDownlinks += 1
        case .reused: report.fCntDownReused += 1
        case .foreign, nil: break
        }
    }

    /// Changes the report of the uplink with that number, if it is still kept.
    mutating func noteUplink(_ number: Int, _ change: (inout DeviceReport.Uplink) -> Void) {
        let index = number - (report.uplinkCount - report.uplinks.count)
        if report.uplinks.indices.contains(index) { change(&report.uplinks[index]) }
    }

    // MARK: sending

    private mutating func joinRequest(at now: MonotonicTime, random: inout SeededRandom) -> Transmission? {
        guard case .otaa(let joinEUI, let appKey, let nwkKey) = configuration.activation else { return nil }
        if configuration.version >= .v1_0_4 {
            devNonce &+= 1
        } else {
            repeat { devNonce = UInt16.random(in: 0...UInt16.max, using: &random) } while usedNonces.contains(devNonce)
            usedNonces.insert(devNonce)
            if usedNonces.count > 60_000 { usedNonces = [] }
        }
        let frame = JoinRequestFrame(joinEUI: joinEUI, devEUI: configuration.devEUI, devNonce: devNonce)
        let octets = frame.encodedWithoutMIC()
        let key = configuration.version.is11 ? nwkKey ?? appKey : appKey
        report.joinRequests += 1
        hasLostJoin = false
        let retry = configuration.joinInterval + .milliseconds(1000 * Double.random(in: 0..<1, using: &random))
        nextJoin = now.advanced(by: retry.scaled(by: scale))
        let (channel, dataRate) = bootRadio.drawJoinChannel(random: &random)
        var radio = bootRadio
        radio.dataRate = dataRate
        let mic = MIC.joinRequest(key: key, octets: octets)
        return transmission(.joinRequest, octets, mic, channel: channel, radio, at: now, random: &random)
    }

    private mutating func dataUplink(
        _ request: QueuedUplink,
        _ session: inout DeviceSession,
        at now: MonotonicTime,
        random: inout SeededRandom,
    ) -> Transmission {
        let counter = request.counter ?? session.fCntUp
        session.fCntUp = max(session.fCntUp, counter &+ 1)
        report.nextFCntUp = session.fCntUp
        if configuration.usesADR { session.backOff() }
        let channel = session.radio.drawChannel(random: &random)
        if configuration.deviceClass == .b, !session.hasPingSlots, session.announcements.isEmpty {
            session.answers.append(.pingSlotInfoRequest(periodicity: configuration.pingPeriodicity))
        }
        let (octets, mic) = session.uplink(
            port: request.port,
            payload: request.payload,
            isConfirmed: request.isConfirmed,
            usesADR: configuration.usesADR,
            counter: counter,
            channel: channel,
            commands: request.commands,
        )
        report.owesAck = false
        let number = report.uplinkCount
        report.uplinkCount += 1
        if historyLimit > 0 {
            if report.uplinks.count >= 2 * historyLimit { report.uplinks.removeFirst(historyLimit) }
            report.uplinks.append(
                DeviceReport.Uplink(
                    fCnt: counter,
                    port: request.port,
                    payload: request.payload,
                    isConfirmed: request.isConfirmed,
                    session: report.joins,
                ),
            )
        }
        if request.isConfirmed { lastConfirmedUplink = counter }
        let limit = request.isConfirmed ? configuration.confirmedAttempts : session.radio.transmissions
        if limit > 1 {
            unanswered = Unanswered(
                octets: octets,
                mic: mic,
                number: number,
                channel: channel,
                isConfirmed: request.isConfirmed,
                attempts: 1,
                limit: limit,
            )
        }
        report.framesSent += 1
        noteUplinkForRejoin(rx1Delay: session.radio.rx1Delay, at: now)
        let kind = Transmission.Kind.data(number: number, devAddr: session.devAddr)
        return transmission(kind, octets, mic, channel: channel, session.radio, at: now, random: &random)
    }

    private mutating func repeated(
        _ waiting: Unanswered,
        _ session: DeviceSession,
        at now: MonotonicTime,
        random: inout SeededRandom,
    ) -> Transmission {
        unanswered?.attempts += 1
        noteUplink(waiting.number) { $0.attempts += 1 }
        report.framesSent += 1
        let kind = Transmission.Kind.data(number: waiting.number, devAddr: session.devAddr)
        // A 1.1 MIC covers the channel: the frame stays on its own.
        let channel = session.is11 ? waiting.channel : session.radio.drawChannel(random: &random)
        return transmission(
            kind,
            waiting.octets,
            waiting.mic,
            channel: channel,
            session.radio,
            at: now,
            random: &random
        )
    }

    mutating func transmission(
        _ kind: Transmission.Kind,
        _ octets: [UInt8],
        _ mic: MIC,
        channel: Int,
        _ radio: RadioState,
        at now: MonotonicTime,
        random: inout SeededRandom,
    ) -> Transmission {
        let transmission = Transmission(
            kind: kind,
            octets: octets,
            mic: mic,
            channel: channel,
            frequency: radio.channels[channel]?.frequency ?? 0,
            dataRate: radio.dataRate,
            modulation: region.modulation(of: radio.dataRate) ?? .lora(spreading: 12, bandwidth: 125_000),
            end: now,
        )
        if !overlapsWindows { windows.removeAll(keepingCapacity: true) }
        if windows.count == 16 { windows.removeFirst() }
        windows.append(transmission)
        if unanswered != nil {
            let pause = Double(radio.rx1Delay) + 1 + Double.random(in: 1..<3, using: &random)
            retryAt = now.advanced(by: .milliseconds(1000 * pause * scale))
        }
        return transmission
    }

    /// When the windows of the last uplink have closed; nil when that does not matter.
    private func windowsClose(_ session: DeviceSession) -> MonotonicTime? {
        guard !overlapsWindows, let last = windows.last else { return nil }
        let delay = last.kind.isActivation ? VirtualDevice.joinAcceptDelay : Int64(session.radio.rx1Delay)
        let length = Duration.milliseconds(1000 * delay + 1100).scaled(by: scale)
        return last.end.advanced(by: length)
    }

    private func nextInterval(random: inout SeededRandom) -> Duration {
        guard let interval = configuration.interval else { return .seconds(3600) }
        guard configuration.isPoisson else { return interval }
        return interval.scaled(by: -logarithm(Double.random(in: Double.leastNormalMagnitude..<1, using: &random)))
    }

    mutating func replan(urgent: MonotonicTime? = nil) {
        generation &+= 1
        if let urgent { urgentAt = urgent }
        if queue.isEmpty { urgentAt = nil }
        var moments: [MonotonicTime] = []
        if let nextJoin { moments.append(nextJoin) }
        if let plannedRejoin { moments.append(plannedRejoin.moment) }
        if session != nil {
            if let urgentAt { moments.append(urgentAt) }
            if unanswered != nil, let retryAt {
                moments.append(retryAt)
            } else if let nextPeriodic {
                moments.append(nextPeriodic)
            }
        }
        nextWake = moments.min()
    }
}
