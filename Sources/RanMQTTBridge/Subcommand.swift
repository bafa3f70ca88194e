// SPDX-License-Identifier: Apache-2.0
internal import Configuration
internal import RANClient
internal import TTNClient

/// A command of several words, with its options and its help.
protocol Subcommand: Sendable {
    /// The words that name it, such as `device list`.
    var name: String { get }
    /// What `--help` prints.
    var help: String { get }
    /// How a person calls it, the program's name included.
    var call: String { get }
    /// Reads the words behind the name.
    func arguments(_ words: [String]) throws(UsageError) -> Arguments
}

extension Subcommand {
    /// Whether the words begin with its name.
    func isNamed(by words: [String]) -> Bool { words.starts(with: name.split(separator: " ").map(String.init)) }

    /// Prints its help, or reads its arguments and does `work`; tells on standard error what was wrong.
    func carryOut(_ words: [String], _ work: (Arguments) async throws -> ExitCode) async -> ExitCode {
        let rest = Array(words.dropFirst(name.split(separator: " ").count))
        if rest.contains("--help") || rest.contains("-h") {
            Console.print(help)
            return .success
        }
        do {
            return try await work(try arguments(rest))
        } catch let error as UsageError {
            Console.complain("\(error.message)\ntry: \(call) --help")
            return .usage
        } catch let error as ConfigurationErrors {
            Console.complain(error.description)
            return .configuration
        } catch let error as RANError {
            Console.complain(error.description.printable)
            return ExitCode(error)
        } catch let error as TTNClientError {
            Console.complain(error.description.printable)
            return ExitCode(error)
        } catch {
            Console.complain("\(error)")
            return .failure
        }
    }
}
