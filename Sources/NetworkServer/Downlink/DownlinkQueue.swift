// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The application downlinks of one device, in the order of their positions.
struct DownlinkQueue: Sendable {
    private(set) var items: [QueuedDownlink] = []

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    /// How many could go now if there were windows enough: what FPending tells about.
    func waitingCount(at now: UnixTime) -> Int {
        items.count { $0.state == .waiting && $0.item.notBefore.map { $0 <= now } ?? true }
    }

    /// The downlink that goes next, if one may go at this moment.
    func nextIndex(at now: UnixTime) -> Int? {
        guard let index = headIndex else { return nil }
        if let notBefore = items[index].item.notBefore, now < notBefore { return nil }
        return index
    }

    /// When the downlink that goes next may go, monotonic nanoseconds; nil when there is none.
    func heldUntil(at now: Moment) -> Int64? {
        guard let index = headIndex else { return nil }
        guard let notBefore = items[index].item.notBefore else { return now.monotonic }
        return now.monotonic(of: notBefore)
    }

    /// What was sent before goes before what never was; an open confirmed downlink holds all others.
    private var headIndex: Int? {
        var first: Int?
        for (index, queued) in items.enumerated() {
            if queued.blocksOthers { return nil }
            guard queued.state == .waiting else { continue }
            if queued.isCurrent { return index }
            if first == nil { first = index }
        }
        return first
    }

    func index(of id: UInt64) -> Int? {
        items.firstIndex { $0.item.id == id }
    }

    subscript(index: Int) -> QueuedDownlink {
        get { items[index] }
        _modify { yield &items[index] }
    }

    /// Adds a new item before or after all others.
    mutating func insert(_ item: DownlinkItem, first: Bool) -> QueuedDownlink {
        let position: Int64 = first ? (items.first?.position ?? 0) - 1 : (items.last?.position ?? 0) + 1
        let queued = QueuedDownlink(item: item, position: position)
        items.insert(queued, at: first ? 0 : items.count)
        return queued
    }

    /// Takes back what the store held.
    mutating func restore(_ queued: QueuedDownlink) {
        let index = items.firstIndex { $0.position > queued.position } ?? items.count
        items.insert(queued, at: index)
    }

    /// Devices that can be spoken to at any time have a limited time to acknowledge, after a restart too.
    mutating func awaitAcknowledgements(until deadline: Int64) {
        for index in items.indices where items[index].state == .unacknowledged(until: nil) {
            items[index].state = .unacknowledged(until: deadline)
        }
    }

    /// Counters begin anew: those of before say nothing.
    mutating func forgetCounters() {
        for index in items.indices { items[index].firstCounter = nil }
    }

    mutating func remove(at index: Int) -> QueuedDownlink {
        items.remove(at: index)
    }

    /// When an item expires or an acknowledgement is overdue, monotonic nanoseconds.
    func deadline(at now: Moment) -> Int64? {
        var next: Int64?
        for queued in items {
            switch queued.state {
            case .unacknowledged(let until?): next = min(next ?? until, until)
            case .waiting, .unacknowledged(nil):
                guard let expiresAt = queued.item.expiresAt else { continue }
                let expiry = now.monotonic(of: expiresAt)
                next = min(next ?? expiry, expiry)
            default: continue
            }
        }
        return next
    }
}

extension Moment {
    /// The monotonic time of a wall time from now on; now for one that has passed.
    func monotonic(of time: UnixTime) -> Int64 {
        let (wait, overflow) = time.nanoseconds.subtractingReportingOverflow(wall.nanoseconds)
        let limited = overflow ? .max / 2 : max(0, min(wait, .max / 2))
        return monotonic + limited
    }
}
