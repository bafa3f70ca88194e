// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// When one websocket must ping, counts as dead, or must be given up after a stop. Looked at in every round, hence plain
/// nanoseconds inside.
struct SessionTimers {
    private let pingInterval: Int64
    private let silenceLimit: Int64
    private let closeTimeout: Int64
    private var nextPing: Int64
    private var lastHeard: Int64
    private var lastProgress: Int64
    private var bytesSent = 0
    private var stopDeadline: Int64?

    init(options: StreamOptions, now: MonotonicTime) {
        pingInterval = options.pingInterval.wholeNanoseconds
        silenceLimit = options.silenceLimit.wholeNanoseconds
        closeTimeout = options.closeTimeout.wholeNanoseconds
        nextPing = now.nanoseconds + pingInterval
        lastHeard = now.nanoseconds
        lastProgress = now.nanoseconds
    }

    /// Something came, or nothing was looked for.
    mutating func heard(at now: MonotonicTime) {
        lastHeard = now.nanoseconds
    }

    /// Throws when the connection has to end.
    mutating func check(at now: MonotonicTime, isStopping: Bool, bytesSent: Int, isClear: Bool) throws(RANError) {
        if isClear || bytesSent != self.bytesSent {
            self.bytesSent = bytesSent
            lastProgress = now.nanoseconds
        }
        if isStopping {
            let deadline = stopDeadline ?? now.nanoseconds + closeTimeout
            stopDeadline = deadline
            if now.nanoseconds >= deadline { throw .closed }
        }
        if now.nanoseconds - min(lastHeard, lastProgress) >= silenceLimit { throw .silent(.nanoseconds(silenceLimit)) }
    }

    /// True once an interval.
    mutating func pingIsDue(at now: MonotonicTime) -> Bool {
        guard now.nanoseconds >= nextPing else { return false }
        nextPing = now.nanoseconds + pingInterval
        return true
    }

    /// How long the thread may sleep, in milliseconds, rounded up.
    ///
    /// - Parameter other: a moment at which something else is due.
    func rest(at now: MonotonicTime, until other: MonotonicTime?) -> Int {
        var next = min(nextPing, min(lastHeard, lastProgress) + silenceLimit)
        if let stopDeadline { next = min(next, stopDeadline) }
        if let other { next = min(next, other.nanoseconds) }
        return Int(clamping: max(0, (next - now.nanoseconds + 999_999) / 1_000_000))
    }
}
