// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
@testable import NetworkServer
import TestSupport

/// A year of many devices on a lossy radio, with restarts of the service, driven by a virtual clock.
struct Year {
    private(set) var devices: [YearDevice] = []
    private var server: NetworkServer
    private var random: SeededGenerator
    private var now: Int64 = 0
    /// When each device acts next.
    private var agenda = Agenda()
    /// What the RAN will tell, and whether the device hears the frame: in order of time.
    private var air: [(at: Int64, transmission: Transmission, fate: Fate)] = []
    private var shelf = Shelf()
    private let configuration: NetworkConfiguration
    private var runs: UInt64 = 1
    private var receptions: UInt64 = 0
    private var items: UInt64 = 0
    private var openItems: Set<UInt64> = []
    /// Personalised devices on the same address: all are candidates.
    private var neighbours: [[EUI64]] = []
    /// Frames of the past that an attacker sends again.
    private var recordings: [[TestDevice.Sent]] = []
    /// What each downlink counter was used for.
    private var used: [CounterUse: [UInt8]] = [:]
    private(set) var report = Report()

    private struct CounterUse: Hashable {
        let devEUI: EUI64
        let devAddr: DevAddr
        let counter: UInt16
        let isApplication: Bool
    }

    private enum Fate {
        case sent(isHeard: Bool)
        case refused
        /// Sent, but the RAN's word is lost.
        case silent(isHeard: Bool)
    }

    struct Report: Hashable {
        var uplinks = 0
        var retries = 0
        var joins = 0
        var downlinksSent = 0
        var acknowledged = 0
        var failed: [String: Int] = [:]
        var replays = 0
        var restarts = 0
        var notices: [String: Int] = [:]
        /// Uplinks accepted by region, version, class and kind of activation.
        var uplinksOf: [String: Int] = [:]
        /// A digest of every effect, to compare runs.
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        /// What must not be.
        var faults: [String] = []
    }

    static let day: Int64 = 86_400_000_000_000

    init(seed: UInt64, deviceCount: Int) throws {
        var configuration = NetworkConfiguration(
            netID: NetID(rawValue: 0x13) ?? { preconditionFailure("13 is a NetID") }()
        )
        configuration.wanted = Self.wanted
        self.configuration = configuration
        random = SeededGenerator(seed: seed)
        server = NetworkServer(
            configuration: configuration,
            shard: ShardPlace(index: 0, count: 1),
            firstTransaction: 1
        )
        for index in 0..<deviceCount { devices.append(try Self.makeDevice(index)) }
        recordings = devices.map { _ in [] }
        neighbours = devices.map { device in
            let profile = device.device.profile
            guard profile.joinEUI == nil else { return [profile.devEUI] }
            return devices.filter { $0.device.devAddr == device.device.devAddr }.map(\.device.profile.devEUI)
        }
        for index in devices.indices {
            handle(.register(devices[index].device.profile, restored: nil))
            agenda.set(index, to: Int64.random(in: 0..<Self.day, using: &random))
        }
    }

    /// Something to ask for in some regions, so that parameters move.
    private static var wanted: [String: WantedParameters] {
        var europe = WantedParameters()
        europe.rx1Delay = 5
        europe.extraChannels = [NewChannel(index: 3, frequency: 867_100_000, minimumDataRate: 0, maximumDataRate: 5)]
        europe.downlinkFrequencies = [3: 869_525_000]
        var india = WantedParameters()
        india.rx2 = ReceiveWindow(frequency: 866_550_000, dataRate: 4)
        india.rx1DataRateOffset = 1
        india.dutyCycleExponent = 2
        var america = WantedParameters()
        america.enabledChannels = ChannelSet(Array(8..<16) + [65])
        var asia = WantedParameters()
        asia.txParameters = TxParamSetup(dwellTime: DwellTime(), eirpIndex: 5)
        return ["EU868": europe, "IN865": india, "US915": america, "AS923-1": asia, "AU915": america]
    }

    private static func makeDevice(_ index: Int) throws -> YearDevice {
        let version = LoRaWANVersion.allCases[index % LoRaWANVersion.allCases.count]
        let deviceClass: DeviceClass = [.a, .a, .a, .b, .c][index % 5]
        let region = Region.all[(index + index / 6) % Region.all.count]
        let number = UInt64(index + 1)
        var device =
            index % 4 < 2
            ? try TestDevice.overTheAir(number, version: version, deviceClass: deviceClass)
            : try TestDevice.personalised(
                number,
                // Some share an address; counters begin where 16 bits end.
                devAddr: DevAddr(rawValue: 0x2600_0000 + UInt32(index / 8)),
                version: version,
                deviceClass: deviceClass,
                counterUp: 65_500,
            )
        device.profile.region = region
        if device.profile.joinEUI == nil { device.counter = 65_501 }
        if index % 23 == 7, device.profile.joinEUI == nil { device.profile.uses32BitCounter = false }
        return YearDevice(device, isStubborn: index % 17 == 3)
    }

    private var moment: Moment {
        Moment(monotonic: now, wall: UnixTime(nanoseconds: Stage.start.nanoseconds + now))
    }

    mutating func run(days: Int) throws {
        let end = Int64(days) * Self.day
        var nextRestart = end / 8
        while true {
            var next = agenda.first ?? .max
            if let deadline = server.nextDeadline { next = min(next, deadline) }
            if let first = air.first { next = min(next, first.at) }
            guard next < end else { break }
            now = max(now, next)
            if now >= nextRestart {
                nextRestart += end / 8
                restart()
            } else if let first = air.first, first.at <= now {
                air.removeFirst()
                try land(first.transmission, first.fate)
            } else if let deadline = server.nextDeadline, deadline <= now {
                handle(.timer)
            } else if let index = agenda.popDue(at: now) {
                act(index, isLate: now > end * 9 / 10)
            }
        }
        for id in openItems.sorted() { report.faults.append("downlink \(id) ended in nothing") }
    }

    // MARK: Devices

    private mutating func act(_ index: Int, isLate: Bool) {
        let needsJoin =
            !devices[index].isActive
            || (devices[index].device.profile.joinEUI != nil && Int.random(in: 0..<60, using: &random) == 0)
        if needsJoin {
            devices[index].isActive = false
            let sent = devices[index].joinRequest(&random)
            send(sent, from: index)
            agenda.set(index, to: now + Int64.random(in: 20...120, using: &random) * 1_000_000_000)
            return
        }
        if let (sent, times) = devices[index].unacknowledged, times < 3 {
            devices[index].unacknowledged?.times += 1
            send(sent, from: index)
            agenda.set(index, to: now + 20_000_000_000)
            return
        }
        if !isLate, Int.random(in: 0..<4, using: &random) == 0 { enqueue(index) }
        if Int.random(in: 0..<20, using: &random) == 0 { replay(index) }
        let (sent, isConfirmed) = devices[index].uplink(&random)
        if send(sent, from: index) { record(sent, index) }
        let rest = isConfirmed ? 20_000_000_000 : Int64.random(in: Self.day / 2...Self.day * 5 / 2, using: &random)
        agenda.set(index, to: now + rest)
    }

    /// One in ten frames is lost; the others arrive once or twice.
    @discardableResult
    private mutating func send(_ sent: TestDevice.Sent, from index: Int) -> Bool {
        guard Int.random(in: 0..<10, using: &random) > 0 else { return false }
        let copies = Int.random(in: 1...2, using: &random)
        for _ in 0..<copies {
            let effects = deliver(sent, index)
            guard effects.refusals.isEmpty, effects.acknowledgements.count == 1 else {
                let words = effects.refusals.map(\.message).joined()
                report.faults.append("device \(index): a genuine frame was refused: \(words)")
                continue
            }
        }
        return true
    }

    private mutating func deliver(_ sent: TestDevice.Sent, _ index: Int) -> [Effect] {
        let device = devices[index]
        receptions += 1
        let candidates = neighbours[index]
        return handle(
            .upstream(
                UpstreamFrame(
                    id: ReceptionID(rawValue: receptions),
                    coverage: 0,
                    candidates: candidates,
                    octets: sent.octets,
                    challenge: [sent.mic.rawValue, UInt32.random(in: .min ... .max, using: &random)],
                    isOutdated: false,
                    radio: ReceivedRadio(
                        frequency: device.last.frequency,
                        modulation: device.region.modulation(of: device.last.dataRate)
                            ?? .fsk(deviation: 0, bitRate: 0),
                        rssi: -100,
                        snr: Float(Int.random(in: -10...12, using: &random)),
                        position: nil,
                        coverage: 0,
                        receivedAt: moment.wall,
                    ),
                )
            )
        )
    }

    private mutating func record(_ sent: TestDevice.Sent, _ index: Int) {
        recordings[index].append(sent)
        if recordings[index].count > 8 { recordings[index].remove(at: Int.random(in: 0..<4, using: &random)) }
    }

    /// An attacker sends an older frame again: none but the very last may pass, as a retransmission.
    private mutating func replay(_ index: Int) {
        guard recordings[index].count > 2 else { return }
        let sent = recordings[index][Int.random(in: 0..<recordings[index].count - 2, using: &random)]
        let effects = deliver(sent, index)
        report.replays += 1
        if !effects.uplinks.isEmpty || !effects.acknowledgements.isEmpty {
            report.faults.append("device \(index): a replay was accepted")
        }
    }

    private mutating func enqueue(_ index: Int) {
        items += 1
        openItems.insert(items)
        handle(
            .enqueue(
                DownlinkItem(
                    id: items,
                    devEUI: devices[index].device.profile.devEUI,
                    port: 9,
                    payload: [UInt8](repeating: 1, count: [1, 5, 9, 60][Int.random(in: 0..<4, using: &random)]),
                    isConfirmed: .random(using: &random),
                    expiresAt: UnixTime(nanoseconds: moment.wall.nanoseconds + 20 * Self.day),
                ),
                .last,
            )
        )
    }

    // MARK: The RAN

    private mutating func land(_ transmission: Transmission, _ fate: Fate) throws {
        let isHeard: Bool
        switch fate {
        case .refused:
            handle(.transmissionResult(transmission.transactionID, .refused(code: "TooLate", message: "")))
            return
        case .sent(let heard):
            handle(.transmissionResult(transmission.transactionID, .sent))
            isHeard = heard
        case .silent(let heard): isHeard = heard
        }
        guard isHeard, case .device(let devEUI, _) = transmission.target else { return }
        let index = Int(devEUI.rawValue & 0xffff) - 1
        guard devices[index].listens(to: transmission) else {
            if case .delay = transmission.timing {
                report.faults.append(
                    "device \(index) does not listen to \(transmission.timing) \(transmission.frequency)"
                )
            }
            return
        }
        do { try devices[index].receive(transmission) } catch { report.faults.append("device \(index): \(error)") }
    }

    private mutating func transmit(_ transmission: Transmission) {
        if case .data(let frame, _)? = try? DownlinkFrame(parsing: transmission.octets),
            case .device(let devEUI, _) = transmission.target
        {
            let use = CounterUse(
                devEUI: devEUI,
                devAddr: frame.devAddr,
                counter: frame.counter,
                isApplication: (frame.port ?? 0) > 0,
            )
            if let before = used[use], before != transmission.octets {
                report.faults.append("\(devEUI): downlink counter \(frame.counter) was used twice")
            }
            used[use] = transmission.octets
        }
        var delay: Int64 = 1_000_000_000
        if case .delay(let seconds) = transmission.timing { delay = Int64(seconds) * 1_000_000_000 }
        let isHeard = Int.random(in: 0..<10, using: &random) > 0
        let fate: Fate =
            switch Int.random(in: 0..<40, using: &random) {
            case 0: .silent(isHeard: isHeard)
            case 1...2: .refused
            default: .sent(isHeard: isHeard)
            }
        if case .refused = fate { delay = 500_000_000 }
        let at = now + delay
        air.insert((at, transmission, fate), at: air.firstIndex { $0.at > at } ?? air.count)
    }

    // MARK: The server

    @discardableResult
    private mutating func handle(_ event: Event) -> [Effect] {
        let effects = server.handle(event, at: moment, random: &random)
        shelf.keep(effects)
        for effect in effects { see(effect) }
        return effects
    }

    private mutating func see(_ effect: Effect) {
        switch effect {
        case .uplink(let uplink):
            report.uplinks += 1
            if uplink.isRetry { report.retries += 1 }
            let profile = devices[Int(uplink.devEUI.rawValue & 0xffff) - 1].device.profile
            let activation = profile.joinEUI == nil ? "ABP" : "OTAA"
            for kind in [
                profile.region.name, profile.version.rawValue, "class \(profile.deviceClass.rawValue)", activation,
            ] {
                report.uplinksOf[kind, default: 0] += 1
            }
            digest(uplink.devEUI.rawValue ^ UInt64(uplink.counter))
        case .join(let join):
            report.joins += 1
            digest(UInt64(join.devAddr.rawValue))
        case .transmit(let transmission):
            for octet in transmission.octets { digest(UInt64(octet)) }
            transmit(transmission)
        case .downlink(let item, let outcome): see(item, outcome)
        case .notice(let refusal): report.notices[refusal.reason.rawValue, default: 0] += 1
        case .store(_, .session(let octets)): for octet in octets { digest(UInt64(octet)) }
        default: return
        }
    }

    private mutating func see(_ item: DownlinkItem, _ outcome: DownlinkOutcome) {
        if !openItems.contains(item.id) {
            report.faults.append("downlink \(item.id) went on after its end: \(outcome)")
        }
        switch outcome {
        case .scheduled, .notAcknowledged: return
        case .sent:
            report.downlinksSent += 1
            if !item.isConfirmed { openItems.remove(item.id) }
        case .acknowledged:
            report.acknowledged += 1
            openItems.remove(item.id)
        case .failed(let failure):
            report.failed[failure.reason.rawValue, default: 0] += 1
            openItems.remove(item.id)
        }
    }

    /// The service ends at once and comes back with what was stored.
    private mutating func restart() {
        report.restarts += 1
        runs += 1
        server = NetworkServer(
            configuration: configuration,
            shard: ShardPlace(index: 0, count: 1),
            firstTransaction: runs << 32,
        )
        for device in devices {
            let profile = device.device.profile
            handle(.register(profile, restored: shelf.restored(profile.devEUI)))
        }
    }

    private mutating func digest(_ value: UInt64) {
        report.digest = (report.digest ^ value) &* 0x100_0000_01b3
    }
}
