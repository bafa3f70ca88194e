// SPDX-License-Identifier: Apache-2.0

/// One entry of the list that the RAN sends with `ValidationFailed`.
public struct ValidationProblem: Hashable, Sendable, CustomStringConvertible {
    /// The path to the member that was wrong, such as `body.DevEUI`.
    public let location: String
    /// What was wrong with it, in the server's words.
    public let message: String
    /// The server's word for the kind of fault.
    public let kind: String

    /// An entry from its parts.
    public init(location: String, message: String, kind: String) {
        self.location = location
        self.message = message
        self.kind = kind
    }

    public var description: String { "\(location): \(message)" }
}
