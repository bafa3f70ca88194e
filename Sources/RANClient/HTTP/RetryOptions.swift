// SPDX-License-Identifier: Apache-2.0

/// How often an HTTP call is tried and how long the pauses are. Only transient failures are tried again: 5xx, 429,
/// time-outs and the network.
public struct RetryOptions: Sendable, Hashable {
    /// All attempts, the first included.
    public let attempts: Int
    /// The pauses between them.
    public let pauses: ReconnectPolicy
    /// The longest pause that a server gets with `Retry-After`, as one that limits the rate of calls does.
    public let longestRetryAfter: Duration

    /// - Precondition: at least one attempt.
    public init(
        attempts: Int = 3,
        pauses: ReconnectPolicy = ReconnectPolicy(minimum: .milliseconds(250), maximum: .seconds(5)),
        longestRetryAfter: Duration = .seconds(60),
    ) {
        precondition(attempts >= 1, "a call is made at least once")
        self.attempts = attempts
        self.pauses = pauses
        self.longestRetryAfter = longestRetryAfter
    }
}
