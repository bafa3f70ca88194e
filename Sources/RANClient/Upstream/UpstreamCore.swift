// SPDX-License-Identifier: Apache-2.0
internal import Observability
internal import Synchronization

/// What an upstream connection's thread and everybody else share: the answers on their way to the socket.
final class UpstreamCore: Sendable {
    private struct State {
        /// The websocket that is open; nil when none is.
        var generation: UInt64?
        var replies: [UpstreamReply] = []
    }

    let name: String
    let control = StreamControl()
    let metrics: RANMetrics
    private let state = Mutex(State())

    init(name: String, metrics: RANMetrics) {
        self.name = name
        self.metrics = metrics
    }

    /// From any thread.
    func send(_ replies: [UpstreamReply], generation: UInt64) {
        guard !replies.isEmpty else { return }
        let isAccepted = state.withLock { state in
            guard state.generation == generation else { return false }
            state.replies.append(contentsOf: replies)
            return true
        }
        if isAccepted { control.notify() } else { metrics.droppedReplies.add(replies.count) }
    }

    /// Answers that wait for the socket.
    var replyCount: Int { state.withLock { $0.replies.count } }

    // The socket's thread only.

    func opened(_ generation: UInt64) {
        state.withLock { $0 = State(generation: generation) }
    }

    func closed() {
        let dropped = state.withLock { state in
            defer { state = State() }
            return state.replies.count
        }
        metrics.droppedReplies.add(dropped)
    }

    /// Moves the waiting answers into `replies`, which must be empty and whose memory is used for the next ones.
    func takeReplies(into replies: inout [UpstreamReply]) {
        state.withLock { swap(&$0.replies, &replies) }
    }
}
