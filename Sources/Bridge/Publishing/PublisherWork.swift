// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import MQTTShim
internal import Observability
internal import PayloadCodec
internal import Store
internal import TTNMessages

/// What the publisher's thread owns.
struct PublisherWork: Sendable {
    let registry: Registry
    let codec: PayloadCodec
    let encoders: MessageEncoders
    let delivery: DeliveryRules
    let store: any Store
    let history: EventHistory
    let publish: @Sendable ([MQTTPublication]) -> Void
    let forget: @Sendable ([Int64]) -> Void
    let logger: Logger
    let metrics: MetricRegistry
    private let acknowledged: Counter

    /// Messages of each row that the broker does not have yet.
    private var open: [Int64: Int] = [:]
    /// Rows that the codec has.
    private var decoding = 0
    private var drains: [@Sendable () -> Void] = []
    private var announcements = 0
    /// Whether the broker took something since this was asked last.
    private var isHeard = false
    /// Rows up to this one were left by an earlier run: whether their messages went out is not known.
    private let lastEarlierRow: Int64

    /// The token of messages that no row waits for.
    private static let noRow: Int64 = 0

    init(
        registry: Registry,
        codec: PayloadCodec,
        encoders: MessageEncoders,
        delivery: DeliveryRules,
        store: any Store,
        history: EventHistory,
        logger: Logger,
        metrics: MetricRegistry,
        lastEarlierRow: Int64,
        publish: @escaping @Sendable ([MQTTPublication]) -> Void,
        forget: @escaping @Sendable ([Int64]) -> Void,
    ) {
        self.registry = registry
        self.codec = codec
        self.encoders = encoders
        self.delivery = delivery
        self.store = store
        self.history = history
        self.logger = logger.named("publisher")
        self.metrics = metrics
        acknowledged = metrics.counter("bridge_publications_total", ("outcome", "acknowledged"))
        self.lastEarlierRow = lastEarlierRow
        self.publish = publish
        self.forget = forget
    }

    mutating func process(_ inputs: [Publisher.Input], publisher: Publisher) {
        var publications: [MQTTPublication] = []
        var done: [Int64] = []
        for input in inputs {
            switch input {
            case .items(let items):
                begin(items, publisher: publisher, into: &publications, done: &done)
            case .announcement(let message):
                note(message)
                announcements += encode(message, with: encoders.all, row: PublisherWork.noRow, into: &publications)
                publisher.announcementsLeft(1)
            case .decoded(let items):
                decoding -= items.count
                for item in items { finish(item, into: &publications, done: &done) }
            case .completed(let completions):
                for completion in completions { settle(completion, done: &done) }
            case .drain(let callback):
                drains.append(callback)
            }
        }
        if !publications.isEmpty { publish(publications) }
        if !done.isEmpty {
            forget(done)
            publisher.leaveMemory(rows: done.count)
        }
        if open.isEmpty, decoding == 0, announcements <= 0, !drains.isEmpty {
            for drain in drains { drain() }
            drains.removeAll()
        }
    }

    /// Whether the broker took something since this was asked last.
    mutating func takeIsHeard() -> Bool {
        defer { isHeard = false }
        return isHeard
    }

    /// Reads rows that an earlier run, or a full memory, left in the store.
    mutating func load(_ rows: [(row: Int64, device: EUI64)], publisher: Publisher) {
        var publications: [MQTTPublication] = []
        var done: [Int64] = []
        var items: [OutboxItem] = []
        let entries: [Int64: OutboxEntry]
        do throws(StoreError) {
            entries = Dictionary(try store.outboxEntries(rows.map(\.row)).map { ($0.id, $0) }) { first, _ in first }
        } catch {
            logger.error("outbox_unreadable", ["reason": error.reason, "error": error.description])
            return publisher.putBack(rows)
        }
        for (row, _) in rows {
            guard let entry = entries[row] else {
                done.append(row)
                continue
            }
            do throws(RecordError) {
                let record = try OutboxRecord(decoding: entry.payload)
                let message = row <= lastEarlierRow ? record.redelivered : record.message
                items.append(OutboxItem(id: row, devEUI: entry.devEUI, message: message))
            } catch {
                logger.error("outbox_row_unreadable", ["row": row, "error": error.description])
                done.append(row)
            }
        }
        begin(items, publisher: publisher, into: &publications, done: &done)
        if !publications.isEmpty { publish(publications) }
        if !done.isEmpty {
            forget(done)
            publisher.leaveMemory(rows: done.count)
        }
    }

    /// Has uplinks decoded where there is a formatter; everything else goes out as it is.
    private mutating func begin(
        _ items: [OutboxItem],
        publisher: Publisher,
        into publications: inout [MQTTPublication],
        done: inout [Int64],
    ) {
        var groups: [String: DecodeGroup] = [:]
        for item in items {
            guard case .uplink(let uplink) = item.message, let call = decodeCall(for: uplink) else {
                send(item, into: &publications, done: &done)
                continue
            }
            groups[call.applicationID, default: DecodeGroup()].append(item, call)
        }
        for group in groups.values {
            decoding += group.items.count
            codec.decode(group.calls) { outcomes in
                publisher.decoded(group.decoded(outcomes))
            }
        }
    }

    private var flavours: CodecFlavours {
        var flavours: CodecFlavours = []
        if encoders.v2 != nil { flavours.insert(.v2) }
        if encoders.v3 != nil { flavours.insert(.v3) }
        return flavours
    }

    private func decodeCall(for uplink: UplinkMessage) -> DecodeCall? {
        guard let devEUI = uplink.device.devEUI, let entry = registry.device(devEUI) else { return nil }
        // Port 0 carries MAC commands, no payload of the application.
        guard let port = uplink.port, port > 0 else { return nil }
        let formatter = entry.formatter
        guard formatter != .none else { return nil }
        return DecodeCall(
            applicationID: uplink.device.applicationID,
            formatter: formatter,
            bytes: uplink.payload,
            port: port,
            receivedAt: uplink.receivedAt.milliseconds,
            flavours: flavours,
        )
    }

    private mutating func finish(
        _ decoded: DecodedItem,
        into publications: inout [MQTTPublication],
        done: inout [Int64],
    ) {
        guard case .uplink(let uplink) = decoded.item.message else { return }
        let outcome = decoded.outcome
        var count = 0
        func tell(_ failures: [FailureReport], with encoder: MessageEncoder?) {
            guard let encoder else { return }
            for failure in failures {
                metrics.counter("bridge_decode_failures_total", ("reason", failure.reason)).add()
                let event = ApplicationMessage.error(error(failure, of: uplink))
                note(event)
                count += encode(event, with: encoder, row: decoded.item.id, into: &publications)
            }
        }
        // Each format hears of its own functions.
        tell(outcome.secondFormatFailures, with: encoders.v2)
        tell(outcome.thirdFormatFailures, with: encoders.v3)
        var shown = uplink
        shown.fields = outcome.fieldsJSON
        shown.fieldsOrigin = decoded.fieldsOrigin
        let message = ApplicationMessage.uplink(shown)
        note(message)
        if outcome.isValid, let encoder = encoders.v2 {
            count += encode(message, with: encoder, row: decoded.item.id, into: &publications)
        }
        if let encoder = encoders.v3 {
            var message = uplink
            message.fields = outcome.decodedJSON
            message.fieldsWarnings = outcome.warnings
            message.normalized = outcome.normalizedJSON
            message.normalizedWarnings = outcome.normalizedWarnings
            count += encode(.uplink(message), with: encoder, row: decoded.item.id, into: &publications)
        }
        expect(count, for: decoded.item.id, done: &done)
    }

    private func error(_ failure: FailureReport, of uplink: UplinkMessage) -> ErrorEvent {
        var report = failure
        report.figures.append(FailureReport.Figure("f_cnt", uplink.counter))
        return ErrorEvent(
            subject: .device(uplink.device),
            kind: .uplink,
            report: report,
            time: uplink.receivedAt,
            correlationIDs: uplink.correlationIDs,
        )
    }

    private mutating func send(
        _ item: OutboxItem,
        into publications: inout [MQTTPublication],
        done: inout [Int64],
    ) {
        note(item.message)
        let count = encode(item.message, with: encoders.all, row: item.id, into: &publications)
        expect(count, for: item.id, done: &done)
    }

    /// Notes what happened, for people who ask.
    private func note(_ message: ApplicationMessage) {
        history.note(message, at: UnixTime(nanoseconds: WallClock.nanoseconds))
    }

    /// Notes how many messages the broker must acknowledge before a row is done with.
    private mutating func expect(_ count: Int, for row: Int64, done: inout [Int64]) {
        if count == 0 { done.append(row) } else { open[row] = count }
    }

    /// Appends the publications of a message; returns how many.
    private func encode(
        _ message: ApplicationMessage,
        with encoder: MessageEncoder,
        row: Int64,
        into publications: inout [MQTTPublication],
    ) -> Int {
        let outgoing = encoder.messages(for: message)
        let coverage = message.coverage
        for message in outgoing {
            publications.append(delivery.publication(of: message, token: UInt64(row), coverage: coverage))
        }
        return outgoing.count
    }

    private mutating func settle(_ completion: MQTTCompletion, done: inout [Int64]) {
        if !completion.outcome.isAccepted {
            logger.error(
                "publish_failed",
                ["outcome": completion.outcome.word, "error": "\(completion.outcome)"],
            )
        }
        if case .acknowledged = completion.outcome {
            acknowledged.add()
        } else {
            metrics.counter("bridge_publications_total", ("outcome", completion.outcome.word)).add()
        }
        if completion.outcome.isAccepted { isHeard = true }
        let row = Int64(completion.token)
        guard row != PublisherWork.noRow else {
            announcements -= 1
            return
        }
        if case .failed(let error) = completion.outcome, error.isTransient {
            // The client stopped: the row stays in the store for the next run.
            open[row] = nil
            return
        }
        guard let left = open[row] else { return }
        if left > 1 {
            open[row] = left - 1
        } else {
            open[row] = nil
            done.append(row)
        }
    }
}

/// Uplinks of one application that go to the codec together.
private struct DecodeGroup {
    var items: [OutboxItem] = []
    var calls: [DecodeCall] = []

    mutating func append(_ item: OutboxItem, _ call: DecodeCall) {
        items.append(item)
        calls.append(call)
    }

    /// What the codec gives back, beside the items.
    func decoded(_ outcomes: [DecodeOutcome]) -> [DecodedItem] {
        zip(zip(items, calls), outcomes).map { asked, outcome in
            DecodedItem(
                item: asked.0,
                outcome: outcome,
                fieldsOrigin: asked.1.formatter == .cayenneLPP ? .cayenneLPP : .script,
            )
        }
    }
}
