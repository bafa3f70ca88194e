// SPDX-License-Identifier: Apache-2.0

/// What became of a load.
public struct LoadOutcome: Hashable, Sendable {
    public var sent = 0
    public var acked = 0
    /// Acks with a wrong MIC, rejects, and replies that could not be read.
    public var refused = 0

    public init() {}
}
