// SPDX-License-Identifier: Apache-2.0

/// One thing that can be asked of a running bridge, and its help.
struct ManagementSubcommand: Subcommand {
    /// What it does to the bridge.
    enum Effect: Sendable {
        /// It only looks.
        case looks
        /// It changes something: `--dry-run` shows the request in place of making it.
        case changes
        /// It destroys something: it asks first, unless `--yes` is given.
        case destroys
    }

    /// The words that name it, such as `device list`.
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
    /// Options that take none, beyond those that all share.
    var flags: Set<String> = []
    var effect = Effect.looks
    let run: @Sendable (ManagementCall) async throws -> ExitCode

    var call: String { "ran-mqtt-bridge \(name)" }

    var help: String {
        let parts = [
            "usage: \(call) \(usage)",
            summary,
            details,
            effect == .looks ? "" : "  --dry-run             show what would be asked, and ask nothing",
            effect == .destroys ? "  --yes                 do not ask me first; needed where there is no terminal" : "",
            ManagementAccess.help,
            "example:\n  \(call) \(example)",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    func arguments(_ words: [String]) throws(UsageError) -> Arguments {
        var flags = flags.union(["--json"])
        if effect != .looks { flags.insert("--dry-run") }
        if effect == .destroys { flags.insert("--yes") }
        return try Arguments(words, options: options.union(ManagementAccess.options), flags: flags)
    }
}
