// SPDX-License-Identifier: Apache-2.0
internal import RANClient

/// `ran`: a coverage by hand, with or without a bridge.
enum RANCommand {
    static let all: [RANSubcommand] = [
        .devicesList, .devicesAdd, .devicesUpdate, .devicesRemove, .devicesRemoveAll,
        .groupsList, .groupsCreate, .groupsUpdate, .groupsDelete, .groupsAddDevice, .groupsRemoveDevice,
        .listen, .send,
    ]

    /// Finds the command and runs it; tells on standard error what was wrong.
    static func run(_ words: [String]) async -> ExitCode {
        guard let command = all.first(where: { $0.isNamed(by: words) }) else { return explain(words) }
        return await command.carryOut(words) { arguments in
            let access = try RANAccess.find(arguments, environment: ProcessEnvironment.all)
            let client = RANClient(endpoint: access.endpoint)
            defer { client.close() }
            return try await command.run(RANCall(arguments: arguments, access: access, client: client))
        }
    }

    /// Help for no command, a part of one, or an unknown one.
    private static func explain(_ words: [String]) -> ExitCode {
        let group = words.first { !$0.hasPrefix("-") }
        let asksForHelp = words.contains("--help") || words.contains("-h") || group == "help"
        let matching = all.filter { command in group.map { command.name.hasPrefix($0 + " ") } ?? true }
        let help = overview(matching.isEmpty ? all : matching)
        if asksForHelp {
            Console.print(help)
            return .success
        }
        let said = words.prefix { !$0.hasPrefix("-") }.joined(separator: " ")
        Console.complain((said.isEmpty ? "which ran command?" : "'ran \(said)' is no command") + "\n\n" + help)
        return .usage
    }

    private static func overview(_ commands: [RANSubcommand]) -> String {
        let lines = commands.map { command in
            let call = "  ran \(command.name) \(command.usage)"
            return call + "\n      \(command.summary)"
        }
        return """
            usage: ran-mqtt-bridge ran COMMAND [options]; --help behind a command explains it

            \(lines.joined(separator: "\n"))

            What a running bridge does to its own table: ran-mqtt-bridge ran status, ran plan and ran apply.

            \(RANAccess.help)

            example:
              RAN_API_URL=https://eu.cloud.everynet.io/api/v1.0 RAN_API_TOKEN=… ran-mqtt-bridge ran \
            \(commands.first?.name ?? "") \(commands.first?.example ?? "")

            exit codes: 0 done; 1 refused or failed; 2 wrong command line, or no terminal to confirm on; 3 a device or
            group is not there; 4 it is there already; 5 the RAN could not send the frame; 69 the RAN cannot be reached
            or failed, try later; 77 the token is not accepted; 78 wrong configuration
            """
    }
}
