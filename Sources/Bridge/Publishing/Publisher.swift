// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import MQTTShim
internal import Observability
internal import PayloadCodec
internal import Store
internal import Synchronization
internal import TTNMessages

/// Brings messages from the outbox to the broker: has payloads decoded, encodes each format, publishes, and forgets a row
/// when the broker has all of its messages.
///
/// One thread owns the work. What it may hold is bounded by a `Backlog`: rows beyond that stay in the store and are
/// loaded when there is room.
final class Publisher: Sendable {
    enum Input: Sendable {
        case items([OutboxItem])
        case announcement(ApplicationMessage)
        case decoded([DecodedItem])
        case completed([MQTTCompletion])
        case drain(@Sendable () -> Void)
    }

    /// How long after one batch the next one gathers, unless it is a large one before.
    private static let gathering = Duration.milliseconds(1)
    private static let largeBatch = 64

    private let inputs = BoundedQueue<Input>(capacity: Int.max)
    private let backlog: Mutex<Backlog>
    private let thread = Mutex<NamedThread?>(nil)
    private let announced = Atomic<Int>(0)
    private let announcementLimit: Int
    private let metrics: PublishMetrics

    /// - Parameters:
    ///   - limit: rows in memory at once.
    ///   - behind: rows that an earlier run left, oldest first.
    init(limit: Int, behind: [OutboxHead], metrics: MetricRegistry) {
        backlog = Mutex(Backlog(limit: limit, behind: behind))
        announcementLimit = limit
        self.metrics = PublishMetrics(metrics)
    }

    /// Starts the thread.
    func start(_ work: PublisherWork, shedder: Shedder) {
        let inputs = inputs
        let publisher = NamedThread("publisher") { [self] in
            var work = work
            var shedder = shedder
            var batch: [Input] = []
            loadBehind(&work)
            // While rows wait on disk alone it looks at them now and then, also when nothing happens.
            var next = MonotonicTime.now
            while true {
                inputs.gather(Self.largeBatch, until: next)
                guard inputs.drain(into: &batch, until: nextLook) != .closed else { return }
                next = .now.advanced(by: Self.gathering)
                work.process(batch, publisher: self)
                batch.removeAll(keepingCapacity: true)
                lookAtDisk(&work, &shedder)
                loadBehind(&work)
            }
        }
        thread.withLock { $0 = publisher }
    }

    /// Takes rows whose messages may go out, in order. Never blocks.
    ///
    /// - Returns: rows that stay behind although their message differs from what the store holds of them.
    func submit(_ items: [OutboxItem]) -> [OutboxItem] {
        var kept: [OutboxItem] = []
        var stale: [OutboxItem] = []
        let isFirstBehind = backlog.withLock { backlog in
            let wasBehind = backlog.countBehind > 0
            for item in items {
                if backlog.admit(item.id, of: item.devEUI) {
                    kept.append(item)
                } else if item.differsFromRow {
                    stale.append(item)
                }
            }
            // Inside the lock, so that rows enter the queue in the order in which they were admitted.
            if !kept.isEmpty { inputs.push(.items(kept)) }
            return !wasBehind && backlog.countBehind > 0
        }
        // With nothing behind the thread waits for inputs alone, and a broker that is away gives none.
        if isFirstBehind { inputs.wake() }
        return stale
    }

    /// Takes a message that need not survive. While too many wait it is dropped and counted.
    func announce(_ message: ApplicationMessage) {
        guard announced.load(ordering: .relaxed) < announcementLimit else { return metrics.announcementsDropped.add() }
        announced.add(1, ordering: .relaxed)
        inputs.push(.announcement(message))
    }

    /// Takes what the broker acknowledged.
    func completed(_ completions: [MQTTCompletion]) {
        inputs.push(.completed(completions))
    }

    /// Takes what the codec made of payloads.
    func decoded(_ items: [DecodedItem]) {
        inputs.push(.decoded(items))
    }

    /// Calls back when everything in memory has reached the broker.
    func drain(_ done: @escaping @Sendable () -> Void) {
        inputs.push(.drain(done))
    }

    /// Ends the thread; what has not reached the broker stays in the store.
    func stop() {
        inputs.close()
        thread.withLock { $0 }?.join()
    }

    /// Rows that wait in the store alone.
    var countBehind: Int { backlog.withLock { $0.countBehind } }

    func leaveMemory(rows: Int) {
        backlog.withLock { $0.leave(rows) }
    }

    func announcementsLeft(_ count: Int) {
        announced.subtract(count, ordering: .relaxed)
    }

    private var nextLook: MonotonicTime? {
        countBehind > 0 ? MonotonicTime.now.advanced(by: .seconds(1)) : nil
    }

    /// Gives up what is too much or too old, and tells of it once somebody listens.
    private func lookAtDisk(_ work: inout PublisherWork, _ shedder: inout Shedder) {
        let isHeard = work.takeIsHeard()
        if countBehind > 0 {
            work.forget(shedder.shed { row, device in backlog.withLock { $0.giveUp(row, of: device) } })
        }
        metrics.behind.set(countBehind)
        metrics.rows.set(work.store.outboxCount)
        metrics.bytes.set(work.store.outboxBytes)
        guard isHeard else { return }
        for report in shedder.takeReports(identity: { work.registry.device($0)?.identity(devAddr: nil) }) {
            announce(report)
        }
    }

    /// Notes rows as behind again that could not be read; they are tried again with the next look.
    func putBack(_ rows: [(row: Int64, device: EUI64)]) {
        backlog.withLock { $0.putBack(rows) }
    }

    private func loadBehind(_ work: inout PublisherWork) {
        let rows = backlog.withLock { $0.take(atMost: 512) }
        if !rows.isEmpty { work.load(rows, publisher: self) }
    }
}

/// A row whose payload the codec has seen.
struct DecodedItem: Sendable {
    var item: OutboxItem
    var outcome: DecodeOutcome
    var fieldsOrigin: UplinkMessage.FieldsOrigin
}

private struct PublishMetrics: Sendable {
    let announcementsDropped: Counter
    let behind: Gauge
    let rows: Gauge
    let bytes: Gauge

    init(_ registry: MetricRegistry) {
        behind = registry.gauge("bridge_outbox_behind_messages")
        rows = registry.gauge("bridge_outbox_messages")
        bytes = registry.gauge("bridge_outbox_bytes")
        announcementsDropped = registry.counter("bridge_announcements_dropped_total")
    }
}
