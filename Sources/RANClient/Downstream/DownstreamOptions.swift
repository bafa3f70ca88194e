// SPDX-License-Identifier: Apache-2.0

/// How a downstream connection behaves.
public struct DownstreamOptions: Sendable, Hashable {
    /// What all stream connections share.
    public var stream = StreamOptions()
    /// How deadlines are written.
    public var deadlineForm = DeadlineForm.nowAsOne
    /// How long a written request waits for its ack.
    public var ackTimeout: Duration = .seconds(10)
    /// How long an acked request waits for its result; a class C deadline may be 512 s ahead.
    public var resultTimeout: Duration = .seconds(600)
    /// How many requests may wait for the socket.
    public var queueLimit = 10_000

    /// The defaults, to be changed.
    public init() {}
}
