// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A moment of CLOCK_MONOTONIC in nanoseconds: for deadlines, untouched by steps of the wall clock.
public struct MonotonicTime: Hashable, Sendable, Comparable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The present moment.
    public static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// This moment moved by a duration.
    public func advanced(by duration: Duration) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds + duration.wholeNanoseconds)
    }

    /// The time from another moment to this one.
    public func since(_ other: MonotonicTime) -> Duration {
        .nanoseconds(nanoseconds - other.nanoseconds)
    }

    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }
}

/// The wall clock.
public enum WallClock {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public static var nanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Duration {
    /// The duration in nanoseconds, fractions dropped; good to 292 years.
    public var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
