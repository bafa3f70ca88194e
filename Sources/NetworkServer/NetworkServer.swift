// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Decides for one shard of the devices: what frames mean, what is answered, what is kept.
///
/// A value that does nothing by itself: the same configuration, events, moments and random numbers give the same effects.
/// A device belongs to exactly one shard; the shell passes a frame to the shards of its candidates one after the other,
/// and rejects it only when none solves it.
public struct NetworkServer: Sendable {
    var devices = DeviceTable()
    var desk: Desk
    var agenda = Agenda()
    var groups = GroupTable()
    var groupAgenda = Agenda()

    /// `firstTransaction` begins the transaction and uplink numbers; give one that no earlier run reached, such as the wall
    /// clock's nanoseconds, and the same one to all shards.
    public init(configuration: NetworkConfiguration, shard: ShardPlace, firstTransaction: UInt64) {
        desk = Desk(configuration: configuration, place: shard, firstTransaction: firstTransaction)
    }

    /// The effects of an event, in the order in which they are to be carried out once the stored ones are durable.
    public mutating func handle(
        _ event: Event,
        at now: Moment,
        random: inout some RandomNumberGenerator,
    ) -> [Effect] {
        desk.begin(at: now)
        switch event {
        case .register(let profile, let restored): register(profile, restored)
        case .unregister(let devEUI): unregister(devEUI)
        case .setCounters(let devEUI, let up, let down): setCounters(of: devEUI, up: up, down: down)
        case .upstream(let frame): receive(frame, random: &random)
        case .enqueue(let item, let schedule): enqueue([item], schedule)
        case .enqueueAll(let items, let schedule): enqueue(items, schedule)
        case .clearQueue(let devEUI): withDevice(devEUI) { $0.clearQueue(.replaced, &$1) }
        case .registerGroup(let group, let restored): register(group, restored)
        case .unregisterGroup(let address): unregister(group: address)
        case .enqueueMulticast(let items, let schedule): enqueue(items, schedule)
        case .clearGroupQueue(let address): clearQueue(ofGroup: address)
        case .coverage(let coverage, let isOpen): note(coverage, isOpen: isOpen)
        case .transmissionAccepted(let id): if desk.slot(of: id) == nil { desk.tally.resultsUnknown += 1 }
        case .transmissionResult(let id, let result): handle(result, of: id)
        case .timer: handleTimer()
        }
        return desk.takeEffects()
    }

    /// When the next `.timer` is wanted, monotonic nanoseconds; nil while nothing is under way.
    public var nextDeadline: Int64? {
        guard let device = agenda.first, let group = groupAgenda.first else { return agenda.first ?? groupAgenda.first }
        return min(device, group)
    }

    /// What was counted so far.
    public var tally: Tally { desk.tally }

    /// How many devices are registered here.
    public var deviceCount: Int { devices.count }

    /// Decides about one device and brings its deadline up to date.
    mutating func withSlot<Result>(_ slot: Int, _ decide: (inout Device, inout Desk) -> Result) -> Result {
        let (result, deadline) = Self.visit(&devices[slot], &desk, decide)
        agenda.set(slot, to: deadline)
        return result
    }

    private static func visit<Result>(
        _ device: inout Device,
        _ desk: inout Desk,
        _ decide: (inout Device, inout Desk) -> Result,
    ) -> (Result, deadline: Int64?) {
        let result = decide(&device, &desk)
        device.settle(&desk)
        return (result, device.nextDeadline(desk))
    }

    private mutating func withDevice(_ devEUI: EUI64, _ decide: (inout Device, inout Desk) -> Void) {
        if let slot = devices.slot(of: devEUI) { withSlot(slot, decide) }
    }

    private mutating func enqueue(_ items: [DownlinkItem], _ schedule: DownlinkSchedule) {
        guard let devEUI = items.first?.devEUI else { return }
        precondition(items.allSatisfy { $0.devEUI == devEUI }, "the items of one request are for one device")
        guard let slot = devices.slot(of: devEUI) else {
            desk.effects += items.map { .downlink($0, .failed(.unknownDevice)) }
            return
        }
        withSlot(slot) { $0.enqueue(items, schedule, &$1) }
    }

    private mutating func handle(_ result: TransmissionResult, of id: TransactionID) {
        guard let slot = desk.slot(of: id) else {
            desk.tally.resultsUnknown += 1
            return
        }
        if let place = GroupTable.place(of: slot) {
            withGroup(place) { $0.handle(result, of: id, &$1) }
        } else {
            withSlot(slot) { $0.handle(result, of: id, &$1) }
        }
    }

    /// What waited for a coverage is due when it opens.
    private mutating func note(_ coverage: Int, isOpen: Bool) {
        desk.note(coverage, isOpen: isOpen)
        guard isOpen else { return }
        for slot in devices.slots where devices.read(slot, { !$0.queue.isEmpty }) {
            agenda.set(slot, to: devices[slot].nextDeadline(desk))
        }
        for place in groups.occupied { withGroup(place) { _, _ in } }
    }

    /// The most devices that one `.timer` serves: the rest keeps its deadline and comes with the next one.
    private static let devicesPerTimer = 1024

    private mutating func handleTimer() {
        while let place = groupAgenda.popDue(at: desk.now.monotonic) {
            withGroup(place) { $0.handleTimer(&$1) }
        }
        for _ in 0..<Self.devicesPerTimer {
            guard let slot = agenda.popDue(at: desk.now.monotonic) else { return }
            withSlot(slot) { $0.handleTimer(&$1) }
        }
    }
}
