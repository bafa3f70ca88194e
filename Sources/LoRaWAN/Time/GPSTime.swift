// SPDX-License-Identifier: Apache-2.0

/// A moment of GPS time: nanoseconds since 1980-01-06T00:00:00Z, leap seconds counted.
///
/// LoRaWAN tells devices this time (DeviceTimeAns, beacons, TS003).
public struct GPSTime: Hashable, Sendable, Comparable {
    /// Nanoseconds since the GPS epoch.
    public var nanoseconds: Int64

    /// A moment from nanoseconds since the GPS epoch.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A moment from whole GPS seconds and 256ths of a second.
    public init(seconds: UInt32, fraction: UInt8 = 0) {
        nanoseconds = Int64(seconds) * 1_000_000_000 + Int64(fraction) * 3_906_250
    }

    /// The same moment as a moment of the wall clock.
    public init(_ time: UnixTime) {
        let leapSeconds = LeapSeconds.count(before: time)
        nanoseconds = time.nanoseconds - (LeapSeconds.gpsEpoch - Int64(leapSeconds)) * 1_000_000_000
    }

    /// The same moment of the wall clock; an inserted leap second shows as the second after it.
    public var unixTime: UnixTime {
        let leapSeconds = LeapSeconds.count(before: self)
        return UnixTime(nanoseconds: nanoseconds + (LeapSeconds.gpsEpoch - Int64(leapSeconds)) * 1_000_000_000)
    }

    /// Whole seconds, rounded down, in the 32 bits the air has: good until 2116.
    public var seconds: UInt32 {
        UInt32(truncatingIfNeeded: nanoseconds.flooringQuotient(dividingBy: 1_000_000_000))
    }

    /// The rest of the second in 256ths, rounded down.
    public var fraction: UInt8 {
        let second = nanoseconds.flooringQuotient(dividingBy: 1_000_000_000)
        return UInt8((nanoseconds - second * 1_000_000_000) / 3_906_250)
    }

    /// Earlier first.
    public static func < (left: GPSTime, right: GPSTime) -> Bool { left.nanoseconds < right.nanoseconds }
}
