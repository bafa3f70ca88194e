// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// What is to happen when: a binary heap, earliest first, equal moments in order of insertion.
struct TimerQueue<Event> {
    private struct Entry {
        var moment: MonotonicTime
        var sequence: UInt64
        var event: Event

        func isBefore(_ other: Entry) -> Bool {
            moment == other.moment ? sequence < other.sequence : moment < other.moment
        }
    }

    private var entries: [Entry] = []
    private var nextSequence: UInt64 = 0

    /// The moment of the earliest event.
    var earliest: MonotonicTime? { entries.first?.moment }

    mutating func schedule(_ event: Event, at moment: MonotonicTime) {
        entries.append(Entry(moment: moment, sequence: nextSequence, event: event))
        nextSequence += 1
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].isBefore(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest event if its moment has come.
    mutating func popDue(at now: MonotonicTime) -> (event: Event, moment: MonotonicTime)? {
        guard let first = entries.first, first.moment <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return (first.event, first.moment)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) {
                least = child
            }
            guard least != parent else { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
