// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A moment as the API writes it: ISO 8601 in UTC without a zone, with a fraction only when there is one.
struct APITime: Hashable {
    let time: UnixTime

    var text: String {
        let seconds = time.seconds
        let days = Int(seconds.flooringDivided(by: 86_400))
        let second = Int(seconds) - days * 86_400
        let date = APITime.date(daysSinceEpoch: days)
        var text = "\(date.year)-\(padded(date.month, 2))-\(padded(date.day, 2))"
        text += "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        let microseconds = Int((time.nanoseconds - seconds * 1_000_000_000) / 1000)
        if microseconds > 0 { text += "." + padded(microseconds, 6) }
        return text
    }

    private func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The civil date of a day count, by eras of 400 years that start on a 1 March.
    static func date(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    fileprivate func flooringDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
