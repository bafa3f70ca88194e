// SPDX-License-Identifier: Apache-2.0

/// `${NAME}` in a value stands for an environment variable, `${NAME:-text}` for the text where the variable is not set,
/// and `$${` for `${` itself.
enum Substitution {
    struct Failure: Error {
        var message: String
        var hint: String?
    }

    /// Whether anything was put in decides if the value may also be read as a number.
    static func resolve(_ text: String, _ environment: [String: String]) throws(Failure) -> (text: String, Bool) {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return (text, false) }
        var result = ""
        var rest = text[...]
        var isChanged = false
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
                isChanged = true
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    throw Failure(message: "a ${ without its }", hint: "write $${ for the characters ${ themselves")
                }
                result += try value(of: rest[rest.index(dollar, offsetBy: 2)..<end], environment)
                rest = rest[rest.index(after: end)...]
                isChanged = true
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return (result + rest, isChanged)
    }

    private static func value(of reference: Substring, _ environment: [String: String]) throws(Failure) -> String {
        var name = reference
        var fallback: String?
        if let colon = reference.firstIndex(of: ":"), reference[colon...].hasPrefix(":-") {
            name = reference[..<colon]
            fallback = String(reference[colon...].dropFirst(2))
        }
        let isName = name.first.map { !$0.isNumber } == true && name.utf8.allSatisfy(\.isWordCharacter)
        guard isName else {
            throw Failure(
                message: "${\(reference)} does not name an environment variable",
                hint: "write $${ for the characters ${ themselves",
            )
        }
        if let value = environment[String(name)] { return value }
        if let fallback { return fallback }
        throw Failure(
            message: "the environment variable \(name) is not set",
            hint: Spelling.hint(for: String(name), among: environment.keys.sorted()),
        )
    }
}

extension UInt8 {
    /// A letter, a digit or the underscore, of ASCII.
    var isWordCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
