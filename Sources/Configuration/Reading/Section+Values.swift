// SPDX-License-Identifier: Apache-2.0

extension Section {
    /// A text, whatever it looks like.
    func text(_ key: String, expected: String = "a text") -> String? {
        scalar(key, expected: expected)?.text
    }

    /// A text that is kept as it is, `${…}` included: a program of its own.
    func script(_ key: String) -> String? {
        scalar(key, expected: "JavaScript", resolves: false)?.text
    }

    /// A text that errors and descriptions do not show.
    func secret(_ key: String, expected: String) -> Secret? {
        guard let text = scalar(key, expected: expected)?.text else { return nil }
        guard !text.isEmpty else {
            refuse(key, "found an empty text; expected \(expected)")
            return nil
        }
        return Secret(text)
    }

    /// A value of any type that is written as text.
    ///
    /// - Parameter isSecret: then an error tells the length of what was found and not the text.
    func value<Value>(
        _ key: String,
        expected: String,
        isSecret: Bool = false,
        hint: (String) -> String? = { _ in nil },
        _ parse: (String) -> Value?,
    ) -> Value? {
        guard let text = scalar(key, expected: expected)?.text else { return nil }
        if let value = parse(text) { return value }
        let found = isSecret ? "a text of \(text.count) characters" : "\"\(text.prefix(80))\""
        refuse(key, "found \(found); expected \(expected)", hint: hint(text))
        return nil
    }

    /// One of several words.
    func choice<Value>(_ key: String, among choices: KeyValuePairs<String, Value>) -> Value? {
        let words = choices.map(\.key)
        return value(
            key,
            expected: words.joined(separator: ", "),
            hint: { Spelling.hint(for: $0.lowercased(), among: words) },
            { text in choices.first { $0.key == text }?.value },
        )
    }

    /// Several of several words, each once, at least one.
    func choices<Value>(_ key: String, among choices: KeyValuePairs<String, Value>) -> [Value]? {
        let words = choices.map(\.key).joined(separator: ", ")
        guard let scalars = scalars(key, expected: words) else { return nil }
        var values: [Value] = []
        var seen: Set<String> = []
        for scalar in scalars {
            guard let choice = choices.first(where: { $0.key == scalar.text }) else {
                refuse(
                    key,
                    "found \"\(scalar.text)\"; expected a list of \(words)",
                    hint: Spelling.hint(for: scalar.text.lowercased(), among: choices.map(\.key)),
                )
                continue
            }
            if seen.insert(choice.key).inserted {
                values.append(choice.value)
            } else {
                refuse(key, "\(choice.key) is given twice")
            }
        }
        if scalars.isEmpty { refuse(key, "found an empty list; expected one or several of \(words)") }
        return values
    }

    /// A whole number in a range.
    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return number(key, expected: expected) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// A list of whole numbers in a range, each once, at least one.
    func integers(_ key: String, in range: ClosedRange<Int>) -> [Int]? {
        let expected = "whole numbers from \(range.lowerBound) to \(range.upperBound)"
        guard let scalars = scalars(key, expected: expected) else { return nil }
        var numbers: [Int] = []
        for scalar in scalars {
            guard scalar.isPlain, let number = Int(scalar.text), range.contains(number) else {
                refuse(key, "found \(scalar.text.prefix(80)); expected a list of \(expected)")
                continue
            }
            if numbers.contains(number) { refuse(key, "\(number) is given twice") } else { numbers.append(number) }
        }
        if scalars.isEmpty { refuse(key, "found an empty list; expected a list of \(expected)") }
        return numbers
    }

    /// Any number in a range.
    func double(_ key: String, in range: ClosedRange<Double>) -> Double? {
        let expected = "a number from \(range.lowerBound.plain) to \(range.upperBound.plain)"
        return number(key, expected: expected) { text in
            Double(text).flatMap { $0.isFinite && range.contains($0) ? $0 : nil }
        }
    }

    /// A truth value.
    func boolean(_ key: String) -> Bool? {
        number(key, expected: "true or false") { text in
            switch text.lowercased() {
            case "true", "yes", "on": true
            case "false", "no", "off": false
            default: nil
            }
        }
    }

    /// A span of time in milliseconds.
    func milliseconds(_ key: String, in range: ClosedRange<Int>) -> Duration? {
        integer(key, in: range).map { .milliseconds($0) }
    }

    /// A span of time in seconds.
    func seconds(_ key: String, in range: ClosedRange<Int>) -> Duration? {
        integer(key, in: range).map { .seconds($0) }
    }

    private func number<Value>(_ key: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let scalar = scalar(key, expected: expected) else { return nil }
        guard scalar.isPlain else {
            let isAlmost = parse(scalar.text) != nil
            refuse(
                key,
                "found the text \"\(scalar.text.prefix(80))\"; expected \(expected)",
                hint: isAlmost ? "write it without quotes" : nil,
            )
            return nil
        }
        if let value = parse(scalar.text) { return value }
        refuse(key, "found \(scalar.text.prefix(80)); expected \(expected)")
        return nil
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var plain: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}
