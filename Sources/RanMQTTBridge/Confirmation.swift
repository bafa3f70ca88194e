// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Asks a person before something is destroyed.
enum Confirmation {
    /// Whether to go on.
    ///
    /// - Parameters:
    ///   - question: what would happen, as a sentence.
    ///   - isGiven: `--yes` was given: nobody is asked.
    /// - Throws: without a terminal to ask on, and for standard input at its end.
    static func ask(_ question: String, isGiven: Bool) throws(UsageError) -> Bool {
        if isGiven { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw UsageError("\(question) Nothing was done: there is no terminal to ask on; say --yes")
        }
        Console.ask("\(question) Type yes to go on: ")
        guard let answer = readLine() else { throw UsageError("no answer; nothing was done") }
        return answer == "yes"
    }
}
