// SPDX-License-Identifier: Apache-2.0

/// Why a formatter gave no result for one message.
public struct CodecFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Kind: String, Sendable, CaseIterable {
        /// The script threw.
        case exception
        /// The script ran longer than it may.
        case timeout
        /// The script took more memory than it may, or its process ended.
        case memory
        /// The script does not parse.
        case syntax
        /// A result or an input has a wrong type, is not JSON or is too large.
        case type
        /// The script lacks the function, or says itself that the input is wrong.
        case script
    }

    public let kind: Kind
    /// A stable word for logs, metrics and events (ttn-mqtt D.3): `script_timeout`, `output`, `output_errors`…
    public let reason: String
    /// The sentence as the network of the call's flavour spells it.
    public let message: String
    /// The line of the script, from 1, where the engine knows it.
    public let line: Int?
    /// The column of that line, from 1.
    public let column: Int?

    public init(kind: Kind, reason: String, message: String, line: Int? = nil, column: Int? = nil) {
        self.kind = kind
        self.reason = reason
        self.message = message
        self.line = line
        self.column = column
    }

    public var description: String {
        guard let line else { return message }
        return "\(message) (line \(line)\(column.map { ", column \($0)" } ?? ""))"
    }
}
