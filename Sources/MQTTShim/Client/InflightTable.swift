// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// Publications inside libmosquitto by message id. The library counts ids through 16 bits without looking whether one
/// is still in use, so this table says when the next one would be.
struct InflightTable {
    struct Entry {
        var queued: QueuedPublication
        var since: MonotonicTime
    }

    private var entries: [UInt16: Entry] = [:]
    private var lastMessageID: UInt16 = 0

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// Whether the id that the library gives next is free.
    var nextIsFree: Bool { entries.isEmpty || entries[lastMessageID == .max ? 1 : lastMessageID + 1] == nil }

    /// The moment the oldest entry that waits for the broker was handed over.
    var oldest: MonotonicTime? { entries.values.lazy.map(\.since).min() }

    /// An id that the library gave to something else.
    mutating func noteUse(of messageID: UInt16) { lastMessageID = messageID }

    mutating func insert(_ queued: QueuedPublication, as messageID: UInt16, at now: MonotonicTime) {
        lastMessageID = messageID
        entries[messageID] = Entry(queued: queued, since: now)
    }

    /// Takes an entry out: a second completion of the same message finds none.
    mutating func remove(_ messageID: UInt16) -> QueuedPublication? {
        entries.removeValue(forKey: messageID)?.queued
    }

    /// Takes out those of QoS 0, which the library forgets with the connection, in the order they were handed over.
    mutating func removeUnwritten() -> [QueuedPublication] {
        let ids = entries.filter { $0.value.queued.publication.qos == .atMostOnce }
            .sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
            .map(\.key)
        return ids.compactMap { remove($0) }
    }

    /// The clock of every entry starts over, after a reconnect.
    mutating func restartClocks(at now: MonotonicTime) {
        for id in entries.keys { entries[id]?.since = now }
    }

    mutating func removeAll() -> [QueuedPublication] {
        defer { entries = [:] }
        return entries.values.map(\.queued)
    }
}
