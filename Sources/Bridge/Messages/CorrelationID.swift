// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Names one uplink or event over all its messages, in the form of a ULID: 48 bits of milliseconds and 80 bits that no
/// other row has.
enum CorrelationID {
    /// `<prefix>:<26 characters>`, sortable by time.
    static func text(prefix: StaticString, time: UnixTime, row: Int64) -> String {
        let digits: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        var high = UInt64(truncatingIfNeeded: time.milliseconds) << 16
        high |= UInt64(truncatingIfNeeded: time.nanoseconds) & 0xFFFF
        var low = UInt64(truncatingIfNeeded: row)
        let start = prefix.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: start + 27) { text in
            _ = text.update(fromContentsOf: UnsafeBufferPointer(start: prefix.utf8Start, count: start))
            text[start] = UInt8(ascii: ":")
            for index in stride(from: start + 26, to: start, by: -1) {
                text[index] = digits.utf8Start[Int(low & 31)]
                low = low >> 5 | high << 59
                high >>= 5
            }
            return start + 27
        }
    }
}
