// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Store

/// The numbers of one run: rows of the outbox, downlinks and transactions are named by numbers that no other run uses,
/// also when the clock goes back between the runs.
enum NumberRange {
    private static let setting = "next_run_begins_at"
    /// More than a run can use up: a number for each microsecond of an hour, and the clock goes on beyond that.
    private static let reserve: Int64 = 1 << 32

    /// Reserves a range and tells the number before its first; durable when it returns.
    ///
    /// - Parameters:
    ///   - wall: the present, which the numbers follow when it goes forward.
    ///   - last: the highest number in use.
    static func reserve(in store: any Store, at wall: UnixTime, above last: Int64) throws(StoreError) -> Int64 {
        let known = try store.setting(setting).map { octets in
            octets.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        }
        let first = max(wall.nanoseconds / 1000, known ?? 0, last)
        let next = first + reserve
        let octets = (0..<8).map { UInt8(truncatingIfNeeded: next >> Int64(56 - 8 * $0)) }
        try store.commit([.putSetting(setting, octets)])
        return first
    }
}
