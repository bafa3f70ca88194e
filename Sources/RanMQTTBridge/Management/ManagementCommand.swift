// SPDX-License-Identifier: Apache-2.0
internal import TTNClient

/// `app`, `device`, `key`, `group` and `ran plan`: a running bridge is managed over its broker.
enum ManagementCommand {
    /// The first words that are these commands' alone.
    private static let nouns = ["app", "device", "key", "group"]

    static let all: [ManagementSubcommand] = [
        .appList, .appAdd, .appGet, .appSetFormat, .appSetFunctions, .appRemove,
        .deviceList, .deviceGet, .deviceAdd, .deviceUpdate, .deviceRemove, .deviceImport, .deviceExport,
        .deviceQueue, .deviceClearQueue, .deviceEvents, .deviceSimulate,
        .keyList, .keyAdd, .keyRemove,
        .groupList, .groupAdd, .groupUpdate, .groupRemove, .groupAddDevice, .groupRemoveDevice, .groupSend,
        .ranStatus, .ranPlan, .ranApply,
    ]

    /// Whether these words are for a running bridge; other `ran` commands speak to the RAN itself.
    static func takes(_ words: [String]) -> Bool {
        guard let noun = words.first else { return false }
        return nouns.contains(noun) || noun == "ran" && words.count > 1 && all.contains { $0.name == "ran \(words[1])" }
    }

    /// Finds the command and runs it; tells on standard error what was wrong.
    static func run(_ words: [String]) async -> ExitCode {
        guard let command = all.first(where: { $0.isNamed(by: words) }) else { return explain(words) }
        return await command.carryOut(words) { arguments in
            let access = try ManagementAccess.find(arguments, environment: ProcessEnvironment.all)
            let channel = try access.channel()
            let outcome = await Result { () async throws in
                try await command.run(ManagementCall(arguments: arguments, access: access, channel: channel))
            }
            await channel.close()
            return try outcome.get()
        }
    }

    /// Help for a noun alone, or for an unknown command.
    private static func explain(_ words: [String]) -> ExitCode {
        let noun = words.first ?? ""
        let help = overview(noun)
        if words.contains(where: { ["--help", "-h", "help"].contains($0) }) {
            Console.print(help)
            return .success
        }
        let said = words.prefix { !$0.hasPrefix("-") }.joined(separator: " ")
        Console.complain((words.count < 2 ? "which \(noun) command?" : "'\(said)' is no command") + "\n\n" + help)
        return .usage
    }

    private static func overview(_ noun: String) -> String {
        let commands = all.filter { $0.name.hasPrefix(noun + " ") }
        let lines = commands.map { "  \($0.name) \($0.usage)\n      \($0.summary)" }
        return """
            usage: ran-mqtt-bridge \(noun) COMMAND [options]; --help behind a command explains it

            \(lines.joined(separator: "\n"))

            \(ManagementAccess.help)

            example:
              MQTT_URL=mqtts://broker.example MQTT_USERNAME=admin MQTT_PASSWORD=… ran-mqtt-bridge \
            \(commands.first?.name ?? "") \(commands.first?.example ?? "")

            exit codes: 0 done; 1 refused or failed; 2 wrong command line, or no terminal to confirm on; 3 what was named
            is not there; 4 it is there already; 69 no broker, no bridge or no answer: try later; 77 not permitted;
            78 wrong configuration
            """
    }
}

extension Result where Failure == any Error, Success: Sendable {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
