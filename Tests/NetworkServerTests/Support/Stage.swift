// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import TestSupport
import Testing

/// A server on a clock that stands still until told, and what it did so far.
struct Stage {
    var server: NetworkServer
    /// Nanoseconds since the beginning.
    var now: Int64 = 0
    var random = SeededGenerator(seed: 7)
    /// All effects so far, with their times.
    var log: [(at: Int64, effect: Effect)] = []
    private var receptions: UInt64 = 0
    private var items: UInt64 = 0

    static let start = UnixTime(milliseconds: 1_795_000_000_000)

    init(
        _ devices: [TestDevice] = [],
        shard: ShardPlace = ShardPlace(index: 0, count: 1),
        configure: (inout NetworkConfiguration) -> Void = { _ in },
    ) throws {
        var configuration = NetworkConfiguration(netID: try #require(NetID(hex: "000013")))
        configure(&configuration)
        server = NetworkServer(configuration: configuration, shard: shard, firstTransaction: 1000)
        for device in devices { handle(.register(device.profile, restored: nil)) }
        log = []
    }

    var moment: Moment {
        Moment(monotonic: now, wall: UnixTime(nanoseconds: Self.start.nanoseconds + now))
    }

    @discardableResult
    mutating func handle(_ event: Event) -> [Effect] {
        let effects = server.handle(event, at: moment, random: &random)
        log += effects.map { (now, $0) }
        return effects
    }

    /// Lets time pass; every deadline on the way is served at its moment.
    @discardableResult
    mutating func wait(_ duration: Duration) -> [Effect] {
        let end = now + duration.nanoseconds
        var effects: [Effect] = []
        while let deadline = server.nextDeadline, deadline <= end {
            now = max(now, deadline)
            effects += handle(.timer)
        }
        now = end
        return effects
    }

    /// The RAN delivers a frame among other candidate MICs.
    @discardableResult
    mutating func deliver(
        _ sent: TestDevice.Sent,
        candidates: [EUI64],
        challengeSize: Int = 16,
        isOutdated: Bool = false,
        frequency: UInt32 = 868_100_000,
        modulation: Modulation = .lora(spreading: 7, bandwidth: 125_000),
        snr: Float = 7.5,
        coverage: Int = 0,
    ) -> [Effect] {
        receptions += 1
        var challenge = (1..<challengeSize).map { _ in UInt32.random(in: .min ... .max, using: &random) }
        challenge.insert(sent.mic.rawValue, at: Int.random(in: 0...challenge.count, using: &random))
        return handle(
            .upstream(
                UpstreamFrame(
                    id: ReceptionID(rawValue: receptions),
                    coverage: coverage,
                    candidates: candidates,
                    octets: sent.octets,
                    challenge: challenge,
                    isOutdated: isOutdated,
                    radio: ReceivedRadio(
                        frequency: frequency,
                        modulation: modulation,
                        rssi: -97,
                        snr: snr,
                        position: nil,
                        coverage: coverage,
                        receivedAt: moment.wall,
                    ),
                )
            )
        )
    }

    /// Delivers a frame of a device that alone may have sent it.
    @discardableResult
    mutating func deliver(_ sent: TestDevice.Sent, from device: TestDevice) -> [Effect] {
        deliver(sent, candidates: [device.profile.devEUI])
    }

    /// A downlink item for a device with the next number.
    mutating func item(
        for device: TestDevice,
        port: UInt8? = 10,
        payload: [UInt8] = [0xca, 0xfe],
        confirmed: Bool = false,
        attempts: Int? = nil,
        expiresIn: Duration? = nil,
    ) -> DownlinkItem {
        items += 1
        return DownlinkItem(
            id: items,
            devEUI: device.profile.devEUI,
            port: port,
            payload: payload,
            isConfirmed: confirmed,
            maximumAttempts: attempts,
            expiresAt: expiresIn.map { UnixTime(nanoseconds: moment.wall.nanoseconds + $0.nanoseconds) },
        )
    }

    /// Puts an item into the queue and gives it back.
    @discardableResult
    mutating func enqueue(_ item: DownlinkItem, _ schedule: DownlinkSchedule = .last) -> DownlinkItem {
        handle(.enqueue(item, schedule))
        return item
    }

    /// The RAN tells the fate of a transmission.
    @discardableResult
    mutating func tell(_ result: TransmissionResult, of transmission: Transmission) -> [Effect] {
        handle(.transmissionAccepted(transmission.transactionID))
        return handle(.transmissionResult(transmission.transactionID, result))
    }

    /// Joins a device and brings its first uplink, so that the session is in use.
    mutating func join(_ device: inout TestDevice, devNonce: UInt16 = 1) throws {
        let effects = deliver(device.joinRequest(devNonce: devNonce), from: device)
        let transmission = try #require(effects.transmissions.first)
        _ = try #require(try device.accept(transmission.octets, devNonce: devNonce))
        tell(.sent, of: transmission)
        wait(.seconds(10))
        deliver(device.uplink(), from: device)
        wait(.seconds(10))
    }

    var effects: [Effect] { log.map(\.effect) }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}

extension [Effect] {
    var uplinks: [AcceptedUplink] { compactMap { if case .uplink(let uplink) = $0 { uplink } else { nil } } }
    var transmissions: [Transmission] { compactMap { if case .transmit(let sent) = $0 { sent } else { nil } } }
    var joins: [AcceptedJoin] { compactMap { if case .join(let join) = $0 { join } else { nil } } }
    var notices: [Refusal] { compactMap { if case .notice(let refusal) = $0 { refusal } else { nil } } }
    var refusals: [Refusal] { compactMap { if case .reject(_, let refusal) = $0 { refusal } else { nil } } }
    var acknowledgements: [(devEUI: EUI64, mic: UInt32)] {
        compactMap { if case .acknowledge(_, let devEUI, let mic) = $0 { (devEUI, mic) } else { nil } }
    }
    var releases: [(id: UplinkID, receptions: [ReceivedRadio])] {
        compactMap { if case .release(let id, let receptions) = $0 { (id, receptions) } else { nil } }
    }
    var outcomes: [(item: DownlinkItem, outcome: DownlinkOutcome)] {
        compactMap { if case .downlink(let item, let outcome) = $0 { (item, outcome) } else { nil } }
    }
    var sessions: [[UInt8]] { changes.compactMap { if case .session(let octets) = $0 { octets } else { nil } } }
    var changes: [StateChange] { compactMap { if case .store(_, let change) = $0 { change } else { nil } } }

    /// The words of the outcomes, in order: what happened to downlinks at a glance.
    var outcomeWords: [String] { outcomes.map(\.outcome.word) }
}

extension DownlinkOutcome {
    var word: String {
        switch self {
        case .scheduled(let attempt, _): attempt == 0 ? "scheduled" : "scheduled(\(attempt))"
        case .sent: "sent"
        case .acknowledged: "acknowledged"
        case .notAcknowledged(let attempt, let willRetry): "nack(\(attempt)\(willRetry ? "" : ", last"))"
        case .failed(let failure): "failed(\(failure.reason.rawValue))"
        }
    }
}

extension Refusal {
    func figure(_ name: String) -> Int64? { figures.first { $0.name == name }?.value }
}
