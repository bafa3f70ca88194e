// SPDX-License-Identifier: Apache-2.0

/// How an attempt to connect went. The first is made by `connect`, further ones by the client itself.
public enum ConnectionEvent: Sendable, Hashable {
    /// There is a connection.
    case connected
    /// There is none; the client tries again.
    case failed(TTNClientError)
    /// There is one, but the broker refuses a subscription: those messages do not come.
    case notPermitted(TTNClientError)

    /// Whether the connection can be used for everything.
    public var isConnected: Bool { self == .connected }
}

/// The end of a connection.
public struct CloseEvent: Sendable, Hashable {
    /// Whether `close` ended it.
    public var isExpected: Bool
    /// Why it ended when nobody wanted that; the client connects again.
    public var error: TTNClientError?

    public init(isExpected: Bool, error: TTNClientError? = nil) {
        self.isExpected = isExpected
        self.error = error
    }
}
