// SPDX-License-Identifier: Apache-2.0

/// The words after a subcommand, sorted into options and the rest.
struct Arguments {
    /// The last value of each option.
    private(set) var options: [String: String] = [:]
    /// All values of each option, for those that may be repeated.
    private(set) var all: [String: [String]] = [:]
    private(set) var flags: Set<String> = []
    private(set) var positional: [String] = []

    /// - Parameters:
    ///   - options: names that take a value, with their dashes.
    ///   - flags: names that take none.
    init(_ words: [String], options known: Set<String>, flags knownFlags: Set<String> = []) throws(UsageError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if word.hasPrefix("--"), let name = parts.first, known.contains(name) {
                guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                    throw UsageError("\(name) needs a value")
                }
                options[name] = value
                all[name, default: []].append(value)
            } else if knownFlags.contains(word) {
                flags.insert(word)
            } else if word.hasPrefix("-"), word != "-" {
                let names = (known.union(knownFlags)).sorted().joined(separator: ", ")
                throw UsageError("unknown option \(word); there are \(names.isEmpty ? "none" : names)")
            } else {
                positional.append(word)
            }
        }
    }

    /// The value of an option that must be there.
    func required(_ name: String) throws(UsageError) -> String {
        guard let value = options[name] else { throw UsageError("\(name) is missing") }
        return value
    }
}

/// A command line that cannot be meant.
struct UsageError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
