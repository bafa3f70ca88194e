// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

extension UnixTime {
    /// Reads ISO 8601 as the RAN writes it: UTC without a zone, with or without a fraction of a second, such as
    /// `2022-05-30T10:06:44.726471`. `Z` and `+00:00` at the end are accepted too.
    init?(ran text: String) {
        var rest = text[...]
        for zone in ["Z", "+00:00"] where rest.hasSuffix(zone) { rest = rest.dropLast(zone.count) }
        guard rest.utf8.count >= 19 else { return nil }
        let characters = Array(rest.utf8)
        func number(_ range: Range<Int>) -> Int64? { Int64(decimal: characters[range]) }
        guard characters[4] == UInt8(ascii: "-"), characters[7] == UInt8(ascii: "-"),
            characters[10] == UInt8(ascii: "T") || characters[10] == UInt8(ascii: " "),
            characters[13] == UInt8(ascii: ":"), characters[16] == UInt8(ascii: ":"),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60,
            let fraction = UnixTime.nanoseconds(fraction: characters[19...])
        else { return nil }
        let days = UnixTime.days(year: year, month: month, day: day)
        self.init(nanoseconds: ((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + fraction)
    }

    private static func nanoseconds(fraction: ArraySlice<UInt8>) -> Int64? {
        guard let point = fraction.first else { return 0 }
        let digits = Array(fraction.dropFirst().prefix(9))
        guard point == UInt8(ascii: "."), let value = Int64(decimal: digits[...]) else { return nil }
        return (digits.count..<9).reduce(value) { scaled, _ in scaled * 10 }
    }

    /// Days since 1970-01-01 in the Gregorian calendar. Years begin in March here, so that a leap day is the last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    /// Decimal digits only, at least one.
    fileprivate init?(decimal digits: ArraySlice<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        self = value
    }
}
