// SPDX-License-Identifier: Apache-2.0

/// A failure as the harness reports it, before it is put into the words of a network.
struct EnvelopeProblem: Sendable {
    /// What went wrong. The raw value is the harness's letter.
    enum Code: Character, Sendable {
        case threw = "t"
        case outOfMemory = "m"
        case timeout = "T"
        case syntax = "s"
        case missingFunction = "f"
        case notAnObject = "o"
        case notABoolean = "b"
        case notAnArray = "a"
        case notIntegers = "i"
        case outOfRange = "r"
        case badPort = "p"
        case notFinite = "n"
        case notJSON = "c"
        case tooLarge = "l"
        case noOutput = "u"
        case ownErrors = "e"
        case badInput = "j"
        case engine = "k"
        /// A worker that took too much memory or crashed.
        case died = "d"
        /// Refused before it ran: the application's queue is full.
        case refused = "q"
        /// No worker could be had.
        case unavailable = "w"
        /// The repository has no formatter of the name.
        case unknownFormatter = "z"
    }

    let code: Code
    let function: ScriptFunction
    let line: Int?
    let column: Int?
    let text: String
}
