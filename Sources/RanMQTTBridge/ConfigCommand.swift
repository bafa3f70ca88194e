// SPDX-License-Identifier: Apache-2.0
internal import Configuration

/// `config`: prints a full configuration that explains itself; `--markdown` prints its keys as a table.
enum ConfigCommand {
    static func run(_ words: [String]) throws(UsageError) -> ExitCode {
        let arguments = try Arguments(words, options: [], flags: ["--markdown"])
        let isTable = arguments.flags.contains("--markdown")
        Console.write(isTable ? ConfigurationManual.markdown() : ConfigurationManual.yaml())
        return .success
    }
}
