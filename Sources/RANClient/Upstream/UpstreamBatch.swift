// SPDX-License-Identifier: Apache-2.0

/// The upstream messages of one round of reading, and the way back for their answers.
public struct UpstreamBatch: Sendable {
    /// The websocket that delivered them.
    public let source: UpstreamSource
    /// In order of arrival, at least one.
    public let messages: [UpstreamMessage]
}

/// One websocket of one upstream connection: answers to its messages must go back through it.
public struct UpstreamSource: Sendable {
    let core: UpstreamCore
    /// Counts the websockets of the connection from 1.
    public let generation: UInt64

    /// The name of the connection.
    public var connection: String { core.name }

    /// Queues answers; never blocks. When the websocket is gone they are counted and dropped: the RAN delivers its
    /// messages again.
    public func send(_ replies: [UpstreamReply]) {
        core.send(replies, generation: generation)
    }
}

extension UpstreamSource: Hashable {
    public static func == (left: UpstreamSource, right: UpstreamSource) -> Bool {
        left.core === right.core && left.generation == right.generation
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(core))
        hasher.combine(generation)
    }
}
