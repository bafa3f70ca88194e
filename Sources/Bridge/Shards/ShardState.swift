// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import RANClient
internal import Store
internal import TTNMessages

/// What a shard's thread owns: the network server and the messages that wait for their merge window.
struct ShardState {
    var server: NetworkServer
    private var random = SystemRandomNumberGenerator()
    private var devices = DeviceSlots<DeviceEntry>()
    private var waiting: [UplinkID: OutboxItem] = [:]
    private var drains: [@Sendable () -> Void] = []
    private var refusals = EventRate<EUI64>(limit: 30)
    var groups: [DevAddr: GroupDefinition] = [:]
    /// Devices that a multicast transmission which others heard did not reach, until its outcome is told.
    var unreached: String?
    let house: ShardSurroundings

    init(server: NetworkServer, house: ShardSurroundings) {
        self.server = server
        self.house = house
    }

    /// Monotonic nanoseconds of the next timer.
    var nextDeadline: Int64? { server.nextDeadline }

    private static let mutationsInUnit = 256

    /// Works through a batch and submits commit units for it.
    mutating func process(_ commands: [ShardCommand]) {
        var unit = CommitUnit()
        for command in commands {
            process(command, into: &unit)
            // On a full disk what is written at once must find room at once.
            if unit.mutations.count >= Self.mutationsInUnit {
                house.committer.submit(unit)
                unit = CommitUnit()
            }
        }
        let now = house.now()
        if let deadline = server.nextDeadline, deadline <= now.monotonic {
            decide(.timer, into: &unit)
        }
        if !unit.isEmpty { house.committer.submit(unit) }
        if waiting.isEmpty, !drains.isEmpty {
            for drain in drains { house.committer.submit(CommitUnit(completions: [{ _ in drain() }])) }
            drains.removeAll()
        }
    }

    private mutating func process(_ command: ShardCommand, into unit: inout CommitUnit) {
        switch command {
        case .upstream(let frame, let origin, let untried):
            let effects = server.handle(.upstream(frame), at: house.now(), random: &random)
            if let next = untried.first, ShardState.isUnsolved(effects) {
                house.forward(.upstream(frame, from: origin, untried: Array(untried.dropFirst())), next)
            } else {
                apply(effects, origin: origin, frame: frame, into: &unit)
            }
        case .register(let entry, let profile, let restored):
            devices.put(entry)
            decide(.register(profile, restored: restored), into: &unit)
        case .unregister(let devEUI):
            decide(.unregister(devEUI), into: &unit)
            devices.remove(devEUI)
        case .enqueue(let devEUI, let items, let schedule, let mutations, let done):
            decide(items.isEmpty ? .clearQueue(devEUI) : .enqueueAll(items, schedule), into: &unit)
            unit.mutations += mutations
            unit.completions.append { _ in done() }
        case .clearQueue(let devEUI):
            decide(.clearQueue(devEUI), into: &unit)
        case .coverage(let coverage, let isOpen):
            decide(.coverage(coverage, isOpen: isOpen), into: &unit)
        case .transmissionAccepted(let id):
            decide(.transmissionAccepted(id), into: &unit)
        case .transmissionResult(let id, let result):
            decide(.transmissionResult(id, result), into: &unit)
        case .registerGroup, .unregisterGroup, .enqueueMulticast, .groupState, .multicastResult:
            processGroup(command, into: &unit)
        case .drain(let done):
            drains.append(done)
        case .setCounters(let devEUI, let up, let down, let mutations, let done):
            decide(.setCounters(devEUI, up: up, down: down), into: &unit)
            unit.mutations += mutations
            unit.completions.append { _ in done() }
        case .inspect(let look):
            look(server)
        case .addresses(let reply):
            var addresses: [EUI64: DevAddr] = [:]
            for entry in devices.all where !entry.isPersonalised {
                addresses[entry.devEUI] = server.address(of: entry.devEUI)
            }
            reply(addresses)
        }
    }

    mutating func decide(_ event: Event, into unit: inout CommitUnit) {
        apply(server.handle(event, at: house.now(), random: &random), origin: nil, frame: nil, into: &unit)
    }

    /// Whether the frame's devices may live in another shard.
    private static func isUnsolved(_ effects: [Effect]) -> Bool {
        guard case .reject(_, let refusal)? = effects.last else { return false }
        return refusal.reason == .micFailed || refusal.reason == .unknownDevice
    }

    private mutating func apply(
        _ effects: [Effect],
        origin: UpstreamOrigin?,
        frame: UpstreamFrame?,
        into unit: inout CommitUnit,
    ) {
        for effect in effects {
            switch effect {
            case .store(let devEUI, let change):
                unit.mutations.append(ShardState.mutation(devEUI, change))
            case .uplink(let uplink):
                accept(uplink, into: &unit)
            case .release(let id, let receptions):
                release(id, receptions, into: &unit)
            case .acknowledge(_, let devEUI, let mic):
                guard let origin else { continue }
                house.metrics.acknowledged.add()
                unit.actions.append(
                    .reply(origin, .ack(transactionID: origin.transactionID, devEUI: devEUI, mic: mic))
                )
            case .reject(_, let refusal):
                guard let origin else { continue }
                unit.actions.append(.reply(origin, ShardState.reply(to: origin, refusal)))
                announce(refusal, of: frame, into: &unit)
            case .notice(let refusal):
                announce(refusal, of: frame, into: &unit)
            case .join(let join):
                report(join, into: &unit)
            case .transmit(let transmission):
                unit.actions.append(.transmit(transmission))
            case .downlink(let item, let outcome):
                report(item, outcome, into: &unit)
            case .storeGroup(let address, let change):
                unit.mutations.append(ShardState.mutation(address, change))
            case .multicast(let item, let outcome):
                report(item, outcome, into: &unit)
            }
        }
    }

    private mutating func accept(_ uplink: AcceptedUplink, into unit: inout CommitUnit) {
        guard let entry = devices[uplink.devEUI] else { return }
        house.metrics.uplinks.add()
        let row = house.rows.next()
        let message = house.messages.uplink(uplink, of: entry, row: row)
        let item = OutboxItem(id: row, devEUI: uplink.devEUI, message: .uplink(message))
        unit.mutations.append(item.insertion)
        waiting[uplink.id] = item
    }

    private mutating func release(_ id: UplinkID, _ receptions: [ReceivedRadio], into unit: inout CommitUnit) {
        guard var item = waiting.removeValue(forKey: id) else { return }
        if receptions.count > 1, case .uplink(var message) = item.message {
            message.radio = house.messages.radio(receptions, size: message.radio?.phyPayloadSize ?? 0)
            item.message = .uplink(message)
            item.differsFromRow = true
        }
        unit.actions.append(.publish(item))
    }

    private mutating func report(_ join: AcceptedJoin, into unit: inout CommitUnit) {
        guard let entry = devices[join.devEUI] else { return }
        house.metrics.joins.add()
        house.logger.info("device_joined", ["dev_eui": join.devEUI, "dev_addr": join.devAddr])
        let row = house.rows.next()
        keep(.activation(house.messages.activation(join, of: entry, row: row)), row, join.devEUI, into: &unit)
    }

    private mutating func report(_ item: DownlinkItem, _ outcome: DownlinkOutcome, into unit: inout CommitUnit) {
        let context = DownlinkContext(octets: item.context)
        let identity = devices[item.devEUI]?.identity(devAddr: server.address(of: item.devEUI)) ?? context?.device
        guard let identity else { return }
        let event = house.messages.downlink(
            outcome,
            request: context?.request,
            item: DownlinkSubject(id: item.id, port: item.port, sessionOwner: item.devEUI),
            device: identity,
            at: house.now().wall,
        )
        keep(.downlink(event), house.rows.next(), item.devEUI, into: &unit)
    }

    /// Publishes a message that must survive a crash.
    func keep(_ message: ApplicationMessage, _ row: Int64, _ devEUI: EUI64, into unit: inout CommitUnit) {
        let item = OutboxItem(id: row, devEUI: devEUI, message: message)
        unit.mutations.append(item.insertion)
        unit.actions.append(.publish(item))
    }

    private mutating func announce(_ refusal: Refusal, of frame: UpstreamFrame?, into unit: inout CommitUnit) {
        let candidates = frame?.candidates ?? []
        house.metrics.refused(refusal.reason).add()
        let devEUI = refusal.devEUI ?? (candidates.count == 1 ? candidates.first : nil)
        let entry = devEUI.flatMap { devices[$0] }
        house.logger.warning(
            "frame_refused",
            [
                "reason": refusal.reason.rawValue,
                "dev_eui": devEUI?.hex ?? "-",
                "candidates": candidates.count,
                "error": refusal.message,
            ],
        )
        let now = house.now()
        // Frames that belong to nobody here share one allowance.
        let source = entry?.devEUI ?? EUI64(rawValue: 0)
        guard let heldBack = refusals.admit(source, at: now.monotonic) else { return house.metrics.heldBack.add() }
        var event = house.messages.refusal(refusal, entry: entry, candidates: candidates, at: now.wall)
        // How it was heard helps to find the cause; the RAN keeps the four octets of the MIC apart.
        event.radio = frame.flatMap { house.messages.radio([$0.radio], size: $0.octets.count + 4) }
        event.report.note(heldBack: heldBack)
        unit.actions.append(.announce(.error(event)))
    }

    private static func reply(to origin: UpstreamOrigin, _ refusal: Refusal) -> UpstreamReply {
        let isMICFailure = refusal.reason == .micFailed || refusal.reason == .unknownDevice
        return .reject(
            transactionID: origin.transactionID,
            code: isMICFailure ? .micFailed : .other,
            message: refusal.message,
        )
    }

    private static func mutation(_ devEUI: EUI64, _ change: StateChange) -> StoreMutation {
        switch change {
        case .session(let octets): .putSession(devEUI, octets)
        case .joinState(let octets): .putJoinState(devEUI, octets)
        case .putDownlink(let id, let position, let octets):
            .putDownlink(DownlinkEntry(devEUI: devEUI, id: id, position: position, payload: octets))
        case .deleteDownlink(let id): .deleteDownlink(devEUI, id: id)
        }
    }
}
