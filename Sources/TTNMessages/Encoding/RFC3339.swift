// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Moments as text: RFC 3339 in UTC.
public enum RFC3339 {
    /// How many decimals of a second are written.
    public enum Decimals: Sendable {
        /// As few as say it: v2's way.
        case trimmed
        /// None, 3, 6 or 9: v3's way.
        case inThrees
    }

    /// `2020-03-01T08:15:00.25Z`.
    public static func text(_ time: UnixTime, _ decimals: Decimals) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
            String(decoding: UnsafeBufferPointer(rebasing: buffer[..<write(time, decimals, to: buffer)]), as: UTF8.self)
        }
    }

    /// Reads a date and time with up to 9 decimals and `Z` or an offset; nil for anything else, leap seconds included.
    public static func time(_ text: String) -> UnixTime? {
        var reader = Reader(characters: Array(text.utf8))
        return reader.time()
    }

    static let capacity = 32

    /// Writes into a buffer of at least `capacity` octets and returns how many were written.
    static func write(_ time: UnixTime, _ decimals: Decimals, to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let seconds = time.seconds
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let ofDay = seconds - days * 86_400
        let (year, month, day) = civil(fromDays: days)
        var text = DigitBuffer(buffer: buffer)
        text.number(year, digits: 4)
        text.character("-")
        text.number(month, digits: 2)
        text.character("-")
        text.number(day, digits: 2)
        text.character("T")
        text.number(ofDay / 3600, digits: 2)
        text.character(":")
        text.number(ofDay / 60 % 60, digits: 2)
        text.character(":")
        text.number(ofDay % 60, digits: 2)
        text.fraction(time.nanoseconds - seconds * 1_000_000_000, decimals)
        text.character("Z")
        return text.count
    }

    /// Days since 1970-01-01 to a date of the Gregorian calendar, by eras of 400 years that begin on 1 March.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func daysIn(month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Reader {
        let characters: [UInt8]
        var index = 0

        mutating func time() -> UnixTime? {
            guard let year = number(digits: 4), take("-"), let month = number(digits: 2), take("-"),
                let day = number(digits: 2), take("T") || take("t"),
                let hour = number(digits: 2), take(":"), let minute = number(digits: 2), take(":"),
                let second = number(digits: 2), let fraction = fraction(), let offset = offset(),
                index == characters.count,
                (1678...2261).contains(year), (1...12).contains(month),
                (1...RFC3339.daysIn(month: month, year: year)).contains(day),
                hour < 24, minute < 60, second < 60
            else { return nil }
            let days = RFC3339.days(year: year, month: month, day: day)
            let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
            return UnixTime(nanoseconds: seconds * 1_000_000_000 + fraction)
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard index < characters.count, characters[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        private mutating func digit() -> Int64? {
            guard index < characters.count, (0x30...0x39).contains(characters[index]) else { return nil }
            index += 1
            return Int64(characters[index - 1] - 0x30)
        }

        private mutating func number(digits: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        private mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            var value: Int64 = 0
            var digits = 0
            while digits < 9, let digit = digit() {
                value = value * 10 + digit
                digits += 1
            }
            guard digits > 0 else { return nil }
            for _ in digits..<9 { value *= 10 }
            return value
        }

        private mutating func offset() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let isEast = take("+")
            guard isEast || take("-"), let hours = number(digits: 2), take(":"), let minutes = number(digits: 2),
                hours < 24, minutes < 60
            else { return nil }
            return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
        }
    }
}

/// Digits written from the left into borrowed memory.
struct DigitBuffer {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    mutating func character(_ character: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: character)
        count += 1
    }

    mutating func number(_ value: Int64, digits: Int) {
        var rest = value
        for index in stride(from: count + digits - 1, through: count, by: -1) {
            buffer[index] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
            rest /= 10
        }
        count += digits
    }

    /// Writes a decimal point and decimals of a second, or nothing for zero.
    mutating func fraction(_ nanoseconds: Int64, _ decimals: RFC3339.Decimals) {
        guard nanoseconds > 0 else { return }
        var digits = 9
        var value = nanoseconds
        switch decimals {
        case .trimmed:
            while value % 10 == 0 {
                value /= 10
                digits -= 1
            }
        case .inThrees:
            while value % 1000 == 0 {
                value /= 1000
                digits -= 3
            }
        }
        character(".")
        number(value, digits: digits)
    }
}
