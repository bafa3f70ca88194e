// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN
internal import Management
internal import Store
internal import Synchronization

/// The answers of the last five minutes, so that a request that is repeated is answered and not done again.
final class AnswerBook: Sendable {
    /// An answer as it is kept, or how far a request is that is not answered.
    struct Entry: Sendable {
        /// Tells the request from others under the same id.
        var fingerprint: UInt64
        /// The answer, or what the request's method notes of its progress.
        var answer: [UInt8]
        var answeredAt: UnixTime
        /// Whether this is the answer.
        var isFinal: Bool

        var octets: [UInt8] {
            [isFinal ? 1 : 2] + (0..<8).map { UInt8(truncatingIfNeeded: fingerprint >> UInt64(8 * $0)) } + answer
        }

        init(fingerprint: UInt64, answer: [UInt8], answeredAt: UnixTime, isFinal: Bool) {
            self.fingerprint = fingerprint
            self.answer = answer
            self.answeredAt = answeredAt
            self.isFinal = isFinal
        }

        init?(_ record: AnswerRecord) {
            guard record.payload.count >= 9, (1...2).contains(record.payload[0]) else { return nil }
            isFinal = record.payload[0] == 1
            fingerprint = record.payload[1..<9].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            answer = Array(record.payload[9...])
            answeredAt = record.answeredAt
        }
    }

    private struct Key: Hashable {
        var scope: String
        var requestID: String
    }

    private struct Tables {
        var entries: [Key: Entry] = [:]
        /// Oldest first.
        var order: [(key: Key, at: UnixTime)] = []
        var bytes = 0
        /// When the last of those was given that memory had no room for.
        var shedUntil: UnixTime?
    }

    /// How long an answer is good.
    static let lifetime: Duration = .seconds(300)
    /// Octets of answers in memory; what goes beyond is looked up in the store.
    private static let memoryLimit = 32 << 20
    /// The largest answer of a method that only looks that is kept; a larger one is worked out again.
    static let readingLimit = 64 << 10

    private let store: any Store
    private let tables = Mutex(Tables())
    /// What was answered before is in the store alone.
    private let startedAt: UnixTime

    init(store: any Store, startedAt: UnixTime) {
        self.store = store
        self.startedAt = startedAt
    }

    /// What was noted of an earlier request with this id.
    func find(_ scope: String, _ requestID: String, at now: UnixTime) async throws(StoreError) -> Entry? {
        let key = Key(scope: scope, requestID: requestID)
        let (entry, isComplete) = tables.withLock { tables in
            (tables.entries[key], !Self.isGood(max(startedAt, tables.shedUntil ?? startedAt), at: now))
        }
        if let entry { return Self.isGood(entry.answeredAt, at: now) ? entry : nil }
        if isComplete { return nil }
        let store = store
        let record = await runBlocking("answer") { () -> Result<AnswerRecord?, StoreError> in
            do throws(StoreError) {
                return .success(try store.answer(scope: scope, requestID: requestID))
            } catch {
                return .failure(error)
            }
        }
        guard let found = try record.get(), Self.isGood(found.answeredAt, at: now) else { return nil }
        return Entry(found)
    }

    /// Keeps an answer in memory; gives back what makes it durable.
    func note(_ scope: String, _ requestID: String, _ entry: Entry) -> StoreMutation {
        let key = Key(scope: scope, requestID: requestID)
        tables.withLock { tables in
            if let former = tables.entries.updateValue(entry, forKey: key) {
                tables.bytes -= former.answer.count
            } else {
                tables.order.append((key, entry.answeredAt))
            }
            tables.bytes += entry.answer.count
            Self.shrink(&tables, at: entry.answeredAt)
        }
        return .putAnswer(
            AnswerRecord(
                scope: scope,
                requestID: requestID,
                answeredAt: entry.answeredAt,
                payload: entry.octets,
            )
        )
    }

    /// Takes back what was noted for a commit that failed.
    func forget(_ scope: String, _ requestID: String) {
        tables.withLock { tables in
            if let former = tables.entries.removeValue(forKey: Key(scope: scope, requestID: requestID)) {
                tables.bytes -= former.answer.count
                // What was noted of it before may be in the store.
                tables.shedUntil = max(former.answeredAt, tables.shedUntil ?? former.answeredAt)
            }
        }
    }

    /// What no answer is good for any more.
    func expiry(at now: UnixTime) -> StoreMutation { .deleteAnswers(before: Self.horizon(now)) }

    private static func isGood(_ moment: UnixTime, at now: UnixTime) -> Bool { moment >= horizon(now) }

    private static func horizon(_ now: UnixTime) -> UnixTime {
        UnixTime(nanoseconds: now.nanoseconds - lifetime.components.seconds * 1_000_000_000)
    }

    private static func shrink(_ tables: inout Tables, at now: UnixTime) {
        let horizon = horizon(now)
        var removed = 0
        while removed < tables.order.count {
            let oldest = tables.order[removed]
            guard oldest.at < horizon || tables.bytes > memoryLimit else { break }
            removed += 1
            guard let former = tables.entries.removeValue(forKey: oldest.key) else { continue }
            if former.answeredAt > oldest.at, oldest.at < horizon {
                // It was noted anew since.
                tables.entries[oldest.key] = former
                tables.order.append((oldest.key, former.answeredAt))
                continue
            }
            tables.bytes -= former.answer.count
            if former.answeredAt >= horizon {
                tables.shedUntil = max(former.answeredAt, tables.shedUntil ?? former.answeredAt)
            }
        }
        if removed > 0 { tables.order.removeFirst(removed) }
    }
}
