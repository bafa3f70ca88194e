// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

/// Where an upstream message came from.
struct UpstreamOrigin {
    /// The index of the virtual device that sent it; nil for an injected one.
    var device: Int?
    /// The number of the uplink in the device's report.
    var uplink: Int?
    /// The address it was sent from, for data frames.
    var devAddr: DevAddr?
    var mic: UInt32
    /// The candidates to send; nil makes a list.
    var challenge: [UInt32]?
    /// Nil takes the next one.
    var transactionID: UInt64?
    /// When the frame ended.
    var end: MonotonicTime
    /// Told once how the client replied.
    var answer: (@Sendable (UpstreamReply) -> Void)?
}

/// An upstream message that waits for its reply.
struct PendingUpstream {
    var transactionID: UInt64
    var origin: UpstreamOrigin
    var devEUIs: [EUI64]
    /// The socket it went out on.
    var socket: Int
}

/// The upstream messages that wait for a reply, oldest first.
struct UpstreamLedger {
    private var pending: [UInt64: PendingUpstream] = [:]
    private var deadlines: [(moment: MonotonicTime, transactionID: UInt64)] = []
    private var head = 0

    var count: Int { pending.count }

    /// When the oldest one is overdue, or was before it got its reply.
    var earliestDeadline: MonotonicTime? { head < deadlines.count ? deadlines[head].moment : nil }

    /// Adds a message; deadlines come in order because the time to reply is the same for all.
    mutating func add(_ message: PendingUpstream, deadline: MonotonicTime) {
        pending[message.transactionID] = message
        deadlines.append((deadline, message.transactionID))
    }

    mutating func take(_ transactionID: UInt64) -> PendingUpstream? {
        let taken = pending.removeValue(forKey: transactionID)
        while head < deadlines.count, pending[deadlines[head].transactionID] == nil { advance() }
        return taken
    }

    mutating func popExpired(at now: MonotonicTime) -> PendingUpstream? {
        while let moment = earliestDeadline, moment <= now {
            let transactionID = deadlines[head].transactionID
            advance()
            if let expired = pending.removeValue(forKey: transactionID) { return expired }
        }
        return nil
    }

    mutating func removeAll() -> [PendingUpstream] {
        defer { self = UpstreamLedger() }
        return Array(pending.values)
    }

    private mutating func advance() {
        head += 1
        if head == deadlines.count {
            deadlines.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 65_536, head * 2 > deadlines.count {
            deadlines.removeSubrange(..<head)
            head = 0
        }
    }
}
