// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// When one websocket must ping, counts as dead, or must be given up after a stop.
struct SessionTimers {
    private let options: StreamOptions
    private var nextPing: MonotonicTime
    private var lastHeard: MonotonicTime
    private var lastProgress: MonotonicTime
    private var bytesSent = 0
    private var stopDeadline: MonotonicTime?

    init(options: StreamOptions, now: MonotonicTime) {
        self.options = options
        nextPing = now.advanced(by: options.pingInterval)
        lastHeard = now
        lastProgress = now
    }

    /// Something came, or nothing was looked for.
    mutating func heard(at now: MonotonicTime) {
        lastHeard = now
    }

    /// Throws when the connection has to end.
    mutating func check(at now: MonotonicTime, isStopping: Bool, bytesSent: Int, isClear: Bool) throws(RANError) {
        if isClear || bytesSent != self.bytesSent {
            self.bytesSent = bytesSent
            lastProgress = now
        }
        if isStopping {
            let deadline = stopDeadline ?? now.advanced(by: options.closeTimeout)
            stopDeadline = deadline
            if now >= deadline { throw .closed }
        }
        let quiet = min(lastHeard, lastProgress)
        if now.since(quiet) >= options.silenceLimit { throw .silent(options.silenceLimit) }
    }

    /// True once an interval.
    mutating func pingIsDue(at now: MonotonicTime) -> Bool {
        guard now >= nextPing else { return false }
        nextPing = now.advanced(by: options.pingInterval)
        return true
    }

    /// The next moment at which something is due.
    func next(isStopping: Bool, or other: MonotonicTime?) -> MonotonicTime {
        var next = min(nextPing, min(lastHeard, lastProgress).advanced(by: options.silenceLimit))
        if isStopping, let stopDeadline { next = min(next, stopDeadline) }
        if let other { next = min(next, other) }
        return next
    }
}
