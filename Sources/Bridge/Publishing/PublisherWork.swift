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
    /// What was made for each format and coverage: a handful.
    private var properties: [(format: TTNFormat?, coverage: String?, list: MQTTProperties)] = []
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
                announcements += tell(message, with: encoders.all, row: PublisherWork.noRow, into: &publications)
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
        guard case .uplink(var uplink) = decoded.item.message else { return }
        let outcome = decoded.outcome
        // Each format hears of its own functions.
        var count =
            tell(outcome.secondFormatFailures, of: uplink, with: encoders.v2, row: decoded.item.id, into: &publications)
            + tell(
                outcome.thirdFormatFailures,
                of: uplink,
                with: encoders.v3,
                row: decoded.item.id,
                into: &publications
            )
        uplink.fields = outcome.fieldsJSON
        uplink.fieldsOrigin = decoded.fieldsOrigin
        let messages = encoders.v2.flatMap { outcome.isValid ? $0.messages(for: uplink) : nil } ?? []
        if let devEUI = uplink.device.devEUI {
            note(about: devEUI, messages.first ?? encoders.history.messages(for: uplink).first)
        }
        let coverage = uplink.radio?.receptions.first?.gatewayID
        count += append(messages, coverage, row: decoded.item.id, to: &publications)
        if let encoder = encoders.v3 {
            uplink.fields = outcome.decodedJSON
            uplink.fieldsWarnings = outcome.warnings
            uplink.normalized = outcome.normalizedJSON
            uplink.normalizedWarnings = outcome.normalizedWarnings
            count += append(encoder.messages(for: uplink), coverage, row: decoded.item.id, to: &publications)
        }
        expect(count, for: decoded.item.id, done: &done)
    }

    /// Notes what went wrong with an uplink and appends it as events; returns how many publications that are.
    private mutating func tell(
        _ failures: [FailureReport],
        of uplink: UplinkMessage,
        with encoder: MessageEncoder?,
        row: Int64,
        into publications: inout [MQTTPublication],
    ) -> Int {
        guard let encoder else { return 0 }
        var count = 0
        for failure in failures {
            metrics.counter("bridge_decode_failures_total", ("reason", failure.reason)).add()
            count += tell(.error(error(failure, of: uplink)), with: encoder, row: row, into: &publications)
        }
        return count
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
        let count = tell(item.message, with: encoders.all, row: item.id, into: &publications)
        expect(count, for: item.id, done: &done)
    }

    /// Notes what happened, for people who ask.
    private func note(about devEUI: EUI64, _ message: OutgoingMessage?) {
        guard let message else { return }
        history.note(message, about: devEUI, at: UnixTime(nanoseconds: WallClock.nanoseconds))
    }

    /// Notes how many messages the broker must acknowledge before a row is done with.
    private mutating func expect(_ count: Int, for row: Int64, done: inout [Int64]) {
        if count == 0 { done.append(row) } else { open[row] = count }
    }

    /// Notes a message and appends its publications; returns how many.
    private mutating func tell(
        _ message: ApplicationMessage,
        with encoder: MessageEncoder,
        row: Int64,
        into publications: inout [MQTTPublication],
    ) -> Int {
        let messages = encoder.messages(for: message)
        if let devEUI = message.devEUI {
            let shown = messages.first { $0.format == .v2 }
            note(about: devEUI, shown ?? encoders.history.messages(for: message).first)
        }
        return append(messages, message.coverage, row: row, to: &publications)
    }

    /// Appends publications; returns how many.
    private mutating func append(
        _ messages: [OutgoingMessage],
        _ coverage: String?,
        row: Int64,
        to publications: inout [MQTTPublication],
    ) -> Int {
        for message in messages {
            let properties = properties(message.format, coverage)
            publications.append(delivery.publication(of: message, token: UInt64(row), properties: properties))
        }
        return messages.count
    }

    /// Properties are made once a format and coverage.
    private mutating func properties(_ format: TTNFormat?, _ coverage: String?) -> MQTTProperties {
        if let known = properties.first(where: { $0.format == format && $0.coverage == coverage }) { return known.list }
        let list = delivery.properties(format, coverage: coverage)
        properties.append((format, coverage, list))
        return list
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
