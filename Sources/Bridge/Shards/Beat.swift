// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// The beat that busy threads keep: they wake once a beat for all that came since. One that wakes for a few messages finds
/// its code and data pushed out of the processor's caches, and fetching them costs more than the messages do.
///
/// Timers wait for the beat, too: a merge window ends up to one beat late.
enum Beat {
    private static let period: Int64 = 5_000_000

    /// The beat at or after a moment, in monotonic nanoseconds.
    static func notBefore(_ nanoseconds: Int64) -> Int64 {
        nanoseconds < .max - period ? (nanoseconds + period - 1) / period * period : nanoseconds
    }

    /// The first beat after a moment.
    static func next(after moment: MonotonicTime) -> MonotonicTime {
        MonotonicTime(nanoseconds: notBefore(moment.nanoseconds + 1))
    }
}
