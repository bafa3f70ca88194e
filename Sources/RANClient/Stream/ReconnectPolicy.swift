// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// How long a connection waits before it tries again: twice as long after each failure, with jitter, so that many
/// clients do not come back at the same moment.
public struct ReconnectPolicy: Sendable, Hashable {
    /// The shortest pause.
    public let minimum: Duration
    /// The longest pause.
    public let maximum: Duration

    /// - Precondition: `minimum` is above zero and not above `maximum`.
    public init(minimum: Duration = .seconds(1), maximum: Duration = .seconds(30)) {
        precondition(minimum > .zero && minimum <= maximum, "pauses must grow from a minimum above zero")
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// The pauses of one connection.
struct Backoff {
    private let policy: ReconnectPolicy
    private var ceiling: Duration

    init(_ policy: ReconnectPolicy) {
        self.policy = policy
        ceiling = policy.minimum * 2
    }

    /// Draws the next pause from the upper half below a ceiling that doubles, and never leaves the policy's bounds.
    mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        let top = min(ceiling, policy.maximum)
        let bottom = max(policy.minimum, top / 2)
        ceiling = min(ceiling * 2, policy.maximum)
        guard bottom < top else { return top }
        return .nanoseconds(Int64.random(in: bottom.wholeNanoseconds...top.wholeNanoseconds, using: &random))
    }

    /// Starts over after a connection that worked.
    mutating func reset() {
        ceiling = policy.minimum * 2
    }
}
