// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Compares two JSON values: the order of members does not matter, 1 equals 1.0.
enum JSONDifference {
    /// Where and how `actual` first differs from `expected`; nil when it does not.
    ///
    /// A catalogue's text `XXXX-XX-XXTXX:XX:XX.XXXZ` stands for any time, `SKIP_NUMBER` for any number; two times are equal
    /// when they are the same instant, however they are written.
    static func first(expected: JSONValue, actual: JSONValue, path: String = "") -> String? {
        let place = path.isEmpty ? "the result" : path
        switch (expected, actual) {
        case (.object(let left), .object(let right)):
            for member in left.members {
                let inner = path.isEmpty ? member.name : path + "." + member.name
                guard let other = right[member.name] else {
                    return "\(inner) is missing, expected \(member.value.jsonText)"
                }
                if let found = first(expected: member.value, actual: other, path: inner) { return found }
            }
            for member in right.members where left[member.name] == nil {
                return
                    "\(path.isEmpty ? member.name : path + "." + member.name) is not expected: \(member.value.jsonText)"
            }
            return nil
        case (.array(let left), .array(let right)):
            for (index, pair) in zip(left, right).enumerated() {
                if let found = first(expected: pair.0, actual: pair.1, path: "\(path)[\(index)]") { return found }
            }
            return left.count == right.count ? nil : "\(place) has \(right.count) elements, expected \(left.count)"
        case (.string("XXXX-XX-XXTXX:XX:XX.XXXZ"), .string): return nil
        case (.string("SKIP_NUMBER"), _) where number(actual) != nil: return nil
        case (.string(let left), .string(let right))
        where left != right && InstantText.milliseconds(left) != nil
            && InstantText.milliseconds(left) == InstantText.milliseconds(right):
            return nil
        default:
            let isEqual = number(expected).map { $0 == number(actual) } ?? (expected == actual)
            return isEqual ? nil : "\(place) is \(actual.jsonText), expected \(expected.jsonText)"
        }
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
