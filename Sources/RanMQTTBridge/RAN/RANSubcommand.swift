// SPDX-License-Identifier: Apache-2.0

/// One of the things `ran` does, and its help.
struct RANSubcommand: Subcommand {
    /// The words that name it, such as `devices list`.
    let name: String
    /// What follows the name.
    let usage: String
    /// One line.
    let summary: String
    /// What its arguments mean, and what to know; may be empty.
    var details = ""
    /// A command line that works, without the program's name.
    let example: String
    /// Options that take a value, beyond those that all share.
    var options: Set<String> = []
    /// Whether it destroys something, and so asks and takes `--yes`.
    var isDestructive = false
    let run: @Sendable (RANCall) async throws -> ExitCode

    var call: String { "ran-mqtt-bridge ran \(name)" }

    var help: String {
        let parts = [
            "usage: \(call) \(usage)",
            summary,
            details,
            isDestructive ? "  --yes                 do not ask; needed where there is no terminal" : "",
            RANAccess.help,
            "example:\n  \(call) \(example)",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    func arguments(_ words: [String]) throws(UsageError) -> Arguments {
        var flags: Set<String> = ["--json", "--allow-plain-text"]
        if isDestructive { flags.insert("--yes") }
        return try Arguments(words, options: options.union(RANAccess.options), flags: flags)
    }
}
