// SPDX-License-Identifier: Apache-2.0

/// A moment of the wall clock: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct UnixTime: Hashable, Sendable, Comparable {
    /// Nanoseconds since the epoch; good from 1678 to 2262.
    public var nanoseconds: Int64

    /// A moment from nanoseconds since the epoch.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A moment from whole milliseconds.
    public init(milliseconds: Int64) {
        nanoseconds = milliseconds * 1_000_000
    }

    /// Whole milliseconds since the epoch, rounded down.
    public var milliseconds: Int64 { nanoseconds.flooringQuotient(dividingBy: 1_000_000) }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 { nanoseconds.flooringQuotient(dividingBy: 1_000_000_000) }

    /// Earlier first.
    public static func < (left: UnixTime, right: UnixTime) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Int64 {
    func flooringQuotient(dividingBy divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
