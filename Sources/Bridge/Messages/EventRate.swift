// SPDX-License-Identifier: Apache-2.0

/// Limits how many events about refusals one source can cause: who sends garbage costs a counter, not a message each. What
/// was held back is counted and told with the next event that passes.
struct EventRate<Key: Hashable & Sendable>: Sendable {
    /// Events that pass in each window.
    let limit: Int
    /// Nanoseconds.
    let window: Int64
    private var sources: [Key: Source] = [:]
    /// A full table is not searched for quiet sources before then: each search costs all of it.
    private var nextSweep = Int64.min

    private struct Source {
        var start: Int64
        var passed: Int
        var heldBack: Int
    }

    /// Sources that are told apart; beyond that new ones are held back until old ones are quiet.
    private static var mostSources: Int { 65_536 }

    init(limit: Int, window: Duration = .seconds(60)) {
        self.limit = limit
        let (seconds, attoseconds) = window.components
        self.window = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// How many events of the source were held back before this one, or nil when this one must be held back, too.
    ///
    /// - Parameter now: monotonic nanoseconds.
    mutating func admit(_ key: Key, at now: Int64) -> Int? {
        guard var source = sources[key] else {
            if sources.count >= Self.mostSources { forgetQuiet(at: now) }
            guard sources.count < Self.mostSources else { return nil }
            sources[key] = Source(start: now, passed: 1, heldBack: 0)
            return 0
        }
        if now - source.start >= window {
            sources[key] = Source(start: now, passed: 1, heldBack: 0)
            return source.heldBack
        }
        defer { sources[key] = source }
        guard source.passed < limit else {
            source.heldBack += 1
            return nil
        }
        source.passed += 1
        return 0
    }

    private mutating func forgetQuiet(at now: Int64) {
        guard now >= nextSweep else { return }
        nextSweep = now + window / 16
        sources = sources.filter { now - $0.value.start < window }
    }
}
