// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Names one uplink or event over all its messages, in the form of a ULID: 48 bits of milliseconds and 80 bits that no
/// other row has.
enum CorrelationID {
    /// `<prefix>:<26 characters>`, sortable by time.
    static func text(prefix: StaticString, time: UnixTime, row: Int64) -> String {
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        var high = UInt64(truncatingIfNeeded: time.milliseconds) << 16
        high |= UInt64(truncatingIfNeeded: time.nanoseconds) & 0xFFFF
        var low = UInt64(truncatingIfNeeded: row)
        var characters = [UInt8](repeating: 0, count: 26)
        for index in stride(from: 25, through: 0, by: -1) {
            characters[index] = digits[Int(low & 31)]
            low = low >> 5 | high << 59
            high >>= 5
        }
        return "\(prefix):" + String(decoding: characters, as: UTF8.self)
    }
}
