// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import Observability
internal import Store
internal import TTNMessages

/// How much may wait on disk for a broker that is away.
struct QueueLimits: Sendable {
    /// Octets of payload.
    var bytes = 4096 << 20
    /// From the moment a message came to be.
    var age: Duration = .seconds(7 * 86_400)
}

/// Gives up the oldest rows of the outbox when it has grown too large or too old, and keeps account of them until they
/// can be told of. Owned by the publisher's thread.
struct Shedder: Sendable {
    let limits: QueueLimits
    let store: any Store
    let logger: Logger
    let dropped: Counter
    let now: @Sendable () -> UnixTime

    /// Rows that were given up and that the database still holds, with their sizes.
    private var leaving: [Int64: Int] = [:]
    private var losses: [EUI64: Loss] = [:]
    /// Of devices beyond those that are kept apart.
    private var others = 0
    private var nextAgeCheck: UnixTime?

    /// What a device lost.
    struct Loss: Sendable {
        var count = 0
        var first: UnixTime
        var last: UnixTime
    }

    private static let devicesKeptApart = 4096
    private static let pageRows = 512

    init(
        limits: QueueLimits,
        store: any Store,
        logger: Logger,
        metrics: MetricRegistry,
        now: @escaping @Sendable () -> UnixTime,
    ) {
        self.limits = limits
        self.store = store
        self.logger = logger.named("publisher")
        self.now = now
        dropped = metrics.counter("bridge_outbox_dropped_total")
    }

    /// Rows to remove now; `giveUp` tells whether one still waits on disk alone and takes it from there.
    mutating func shed(_ giveUp: (Int64, EUI64) -> Bool) -> [Int64] {
        let excess = store.outboxBytes - limits.bytes
        let now = now()
        let isAgeDue = nextAgeCheck.map { now >= $0 || now.nanoseconds < $0.nanoseconds - 3_600_000_000_000 } ?? true
        guard excess > 0 || isAgeDue else { return [] }
        let age = limits.age.wholeNanoseconds
        nextAgeCheck = UnixTime(nanoseconds: now.nanoseconds + min(10_000_000_000, age / 4))
        let oldest = UnixTime(nanoseconds: now.nanoseconds - age)
        do throws(StoreError) {
            return try shed(excess, bornBefore: oldest, giveUp)
        } catch {
            logger.error("outbox_unreadable", ["reason": error.reason, "error": error.description])
            return []
        }
    }

    private mutating func shed(
        _ excess: Int,
        bornBefore oldest: UnixTime,
        _ giveUp: (Int64, EUI64) -> Bool,
    ) throws(StoreError) -> [Int64] {
        var excess = excess
        var rows: [Int64] = []
        var stillThere: [Int64: Int] = [:]
        var last: Int64 = 0
        pages: while true {
            let page = try store.outbox(after: last, limit: Self.pageRows)
            guard let end = page.last else { break }
            last = end.id
            for entry in page {
                if let size = leaving[entry.id] {
                    stillThere[entry.id] = size
                    excess -= size
                    continue
                }
                let time = OutboxRecord.time(of: entry.payload)
                let isTooOld = time.map { $0 < oldest } ?? false
                // Rows are in the order of their release: behind a young one there is no old one.
                guard excess > 0 || isTooOld else { break pages }
                guard giveUp(entry.id, entry.devEUI) else { continue }
                excess -= entry.payload.count
                stillThere[entry.id] = entry.payload.count
                rows.append(entry.id)
                note(entry.devEUI, at: time ?? now())
            }
        }
        leaving = stillThere
        guard !rows.isEmpty else { return [] }
        dropped.add(rows.count)
        logger.error(
            "outbox_dropped",
            [
                "messages": rows.count, "held": store.outboxCount,
                "error": "the broker is away for so long that the oldest messages were given up",
            ],
        )
        return rows
    }

    private mutating func note(_ device: EUI64, at time: UnixTime) {
        if losses[device] == nil, losses.count >= Self.devicesKeptApart {
            others += 1
            return
        }
        var loss = losses[device] ?? Loss(first: time, last: time)
        loss.count += 1
        loss.first = min(loss.first, time)
        loss.last = max(loss.last, time)
        losses[device] = loss
    }

    /// What to tell now that somebody listens again: an event for each device, and one for the operator.
    mutating func takeReports(identity: (EUI64) -> DeviceIdentity?) -> [ApplicationMessage] {
        guard !losses.isEmpty else { return [] }
        let now = now()
        var reports: [ApplicationMessage] = []
        var total = others
        for (device, loss) in losses.sorted(by: { $0.key < $1.key }) {
            total += loss.count
            guard let identity = identity(device) else { continue }
            reports.append(.error(report(.device(identity), loss.count, loss.first, loss.last, at: now)))
        }
        let first = losses.values.map(\.first).min() ?? now
        let last = losses.values.map(\.last).max() ?? now
        reports.append(.error(report(.network(), total, first, last, at: now)))
        losses = [:]
        others = 0
        return reports
    }

    private func report(
        _ subject: ErrorEvent.Subject,
        _ count: Int,
        _ first: UnixTime,
        _ last: UnixTime,
        at now: UnixTime,
    ) -> ErrorEvent {
        ErrorEvent(
            subject: subject,
            kind: .uplink,
            report: FailureReport(
                "\(count) messages were given up: the broker was away longer than the queue on disk may hold",
                reason: "queue_overflow",
                figures: [
                    FailureReport.Figure("count", count),
                    FailureReport.Figure("first_at_s", first.nanoseconds / 1_000_000_000),
                    FailureReport.Figure("last_at_s", last.nanoseconds / 1_000_000_000),
                ],
            ),
            time: now,
        )
    }
}

extension OutboxRecord {
    /// When a stored message came to be; nil when it cannot be read.
    static func time(of octets: [UInt8]) -> UnixTime? {
        do throws(RecordError) {
            return try OutboxRecord(decoding: octets).message.time
        } catch {
            return nil
        }
    }
}

extension ApplicationMessage {
    /// When it came to be; nil where that is not kept.
    var time: UnixTime? {
        switch self {
        case .uplink(let uplink): uplink.receivedAt
        case .activation(let event): event.receivedAt
        case .downlink(let event): event.time
        case .invalidation(let event): event.time
        case .error(let event): event.time
        case .device(let event): event.time
        case .service(let event): event.time
        case .application, .location: nil
        }
    }
}
