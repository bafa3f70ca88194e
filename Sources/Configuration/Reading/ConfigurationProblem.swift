// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with a configuration, in words, and where.
public struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// Where a value was given.
    public enum Place: Hashable, Sendable {
        /// A place in the file, both figures from 1.
        case file(String, line: Int, column: Int)
        /// The file as a whole.
        case wholeFile(String)
        /// An environment variable.
        case environment(String)
    }

    public var place: Place
    /// The key, such as `coverages[0].url`; empty when it is about none.
    public var key: String
    /// What was found and what was expected. Never a secret.
    public var message: String
    /// What was probably meant.
    public var hint: String?

    public var description: String {
        let start =
            switch place {
            case .file(let file, let line, let column): "\(file):\(line):\(column): "
            case .wholeFile(let file): "\(file): "
            case .environment(let name): "environment variable \(name): "
            }
        return start + (key.isEmpty ? "" : "\(key): ") + message + (hint.map { "; \($0)" } ?? "")
    }
}

/// Everything that is wrong with a configuration, in the order of the file.
public struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// Never empty.
    public let problems: [ConfigurationProblem]

    /// One line a problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
