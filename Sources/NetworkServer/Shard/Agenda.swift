// SPDX-License-Identifier: Apache-2.0

/// When each device must be looked at next: a binary heap that knows where each device stands in it.
///
/// One entry a device at most, so it never holds more than there are devices with something under way. Equal deadlines
/// come out in slot order, so that the same events give the same effects.
struct Agenda: Sendable {
    private struct Entry {
        var deadline: Int64
        var slot: Int32

        func isBefore(_ other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : slot < other.slot
        }
    }

    private var heap: [Entry] = []
    /// The index in `heap` for each slot, -1 for none.
    private var places: [Int32] = []

    /// The earliest deadline, monotonic nanoseconds.
    var first: Int64? { heap.first?.deadline }

    /// Takes out the slot whose deadline is earliest if it is not after `now`.
    mutating func popDue(at now: Int64) -> Int? {
        guard let entry = heap.first, entry.deadline <= now else { return nil }
        remove(at: 0)
        return Int(entry.slot)
    }

    /// Sets or, with nil, removes a slot's deadline.
    mutating func set(_ slot: Int, to deadline: Int64?) {
        if slot >= places.count {
            guard deadline != nil else { return }
            places += repeatElement(-1, count: max(slot + 1 - places.count, places.count))
        }
        let place = Int(places[slot])
        guard let deadline else {
            if place >= 0 { remove(at: place) }
            return
        }
        let entry = Entry(deadline: deadline, slot: Int32(slot))
        if place < 0 {
            heap.append(entry)
            rise(from: heap.count - 1)
        } else if heap[place].deadline != deadline {
            heap[place] = entry
            sink(from: rise(from: place))
        }
    }

    private mutating func remove(at index: Int) {
        places[Int(heap[index].slot)] = -1
        let last = heap.removeLast()
        guard index < heap.count else { return }
        heap[index] = last
        sink(from: rise(from: index))
    }

    @discardableResult
    private mutating func rise(from start: Int) -> Int {
        let entry = heap[start]
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            put(heap[parent], at: index)
            index = parent
        }
        put(entry, at: index)
        return index
    }

    private mutating func sink(from start: Int) {
        let entry = heap[start]
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            put(heap[child], at: index)
            index = child
        }
        put(entry, at: index)
    }

    private mutating func put(_ entry: Entry, at index: Int) {
        heap[index] = entry
        places[Int(entry.slot)] = Int32(index)
    }
}
