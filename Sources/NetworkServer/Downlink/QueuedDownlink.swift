// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// An application downlink in its device's queue.
struct QueuedDownlink: Hashable, Sendable {
    var item: DownlinkItem
    /// Its place; lower goes first.
    var position: Int64
    /// How often it went on the air.
    var transmissions: UInt8 = 0
    /// How often it was handed to the RAN and not sent.
    var failedTries: UInt8 = 0
    /// How many opportunities passed in which the RAN did not send it.
    var missedOpportunities: UInt8 = 0
    /// The low 16 bits of the counter it was first sent under, as long as the service runs.
    var firstCounter: UInt16?
    var state = State.waiting
    /// Gave way to another request while it was with the RAN: not tried again.
    var isReplaced = false

    enum State: Hashable, Sendable {
        case waiting
        /// The RAN has it.
        case inFlight
        /// It was sent; the device must confirm it, until a deadline (monotonic) unless it only speaks when it wants to.
        case unacknowledged(until: Int64?)
    }

    init(item: DownlinkItem, position: Int64) {
        self.item = item
        self.position = position
    }

    /// Confirmed, and sent or being sent: nothing goes past it.
    var blocksOthers: Bool { item.isConfirmed && state != .waiting }

    /// Whether a counter is one of its own; any is where nothing better is known.
    func wasSent(under counter: UInt16?) -> Bool {
        guard let counter, let firstCounter else { return true }
        return counter &- firstCounter < 0x8000
    }

    /// Sent before and to be sent again: goes before what never was.
    var isCurrent: Bool { transmissions > 0 }

    func isExpired(at now: UnixTime) -> Bool {
        item.expiresAt.map { $0 <= now } ?? false
    }
}
