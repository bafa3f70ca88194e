// SPDX-License-Identifier: Apache-2.0
internal import PayloadCodec

/// Finds the subcommand and runs it.
enum Program {
    static let version = "0.1.0"

    static func run(_ words: [String]) async -> ExitCode {
        guard let name = words.first else {
            Console.complain("no command given\n\n\(help)")
            return .usage
        }
        let rest = Array(words.dropFirst())
        if ManagementCommand.takes(words) { return await ManagementCommand.run(words) }
        do throws(UsageError) {
            switch name {
            case "run": return try await RunCommand.run(rest)
            case "check": return try CheckCommand.run(rest)
            case "config": return try ConfigCommand.run(rest)
            case "watch": return try await WatchCommand.run(rest)
            case "ran": return await RANCommand.run(rest)
            case "codec": return ExitCode(rawValue: await CodecCommand.main(arguments: rest))
            case "version", "--version":
                Console.print("ran-mqtt-bridge \(version)")
                return .success
            case "help", "--help", "-h":
                Console.print(help)
                return .success
            default: throw UsageError("unknown command '\(name)'")
            }
        } catch {
            Console.complain("\(error.message)\n\n\(help)")
            return .usage
        }
    }

    private static let help = """
        usage: ran-mqtt-bridge COMMAND [options]

          run --config FILE      join the RAN and the broker; runs in the foreground until SIGTERM
          check --config FILE    say all that is wrong with a configuration
          config                 print a full configuration with every key explained
          watch --url URL        print the uplinks on a broker as readable lines
          app|device|key|group … manage a running bridge over its broker; `device help` explains each
          ran status|plan|apply  see and confirm what a running bridge changes in the RAN's routing table
          ran devices|groups|listen|send
                                 speak to a coverage of the RAN by hand; `ran help` explains each
          codec run|batch|test|check|bench
                                 try payload formatters; `codec help` explains each
          version                print the version

        examples:
          ran-mqtt-bridge config > bridge.yaml
          ran-mqtt-bridge check --config bridge.yaml
          ran-mqtt-bridge run --config bridge.yaml
          ran-mqtt-bridge watch --url mqtt://127.0.0.1:1883
          ran-mqtt-bridge device import meters devices.csv --config bridge.yaml
          ran-mqtt-bridge ran devices list --config bridge.yaml
          ran-mqtt-bridge codec run --file decoder.js --port 2 0167010F

        exit codes: 0 done, 1 failed, 2 wrong command line, 78 wrong configuration; `ran`, `app`… have more, their `help` names them
        """
}
