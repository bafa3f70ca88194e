// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

/// How a deadline is written on the wire. The specification says "timestamp" with an example in Unix milliseconds; the
/// official bridges send 1 for "at once".
public enum DeadlineForm: String, Sendable, Hashable, CaseIterable {
    /// 1 for `now`, Unix milliseconds for a moment.
    case nowAsOne = "now_as_1"
    /// Unix milliseconds; `now` is the present moment.
    case unixMilliseconds = "unix_ms"
    /// Unix seconds, rounded up; `now` is the present moment.
    case unixSeconds = "unix_s"

    func number(for deadline: TransmissionDeadline) -> UInt64 {
        let moment: UnixTime
        switch deadline {
        case .now:
            if self == .nowAsOne { return 1 }
            moment = UnixTime(nanoseconds: WallClock.nanoseconds)
        case .until(let time): moment = time
        }
        let milliseconds = UInt64(max(1, moment.milliseconds))
        return self == .unixSeconds ? (milliseconds + 999) / 1000 : milliseconds
    }
}
