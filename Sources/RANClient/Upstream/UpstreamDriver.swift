// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability

/// Makes batches of what an upstream websocket brings, and frames of the answers. Lives on the socket's thread.
final class UpstreamDriver<Codec: UpstreamCodec>: StreamDriver {
    private let core: UpstreamCore
    private var codec: Codec
    private let logger: Logger?
    private let replyLimit: Int
    private let handler: @Sendable (UpstreamBatch) -> Void

    private var generation: UInt64 = 0
    private var batch: [UpstreamMessage] = []
    private var replies: [UpstreamReply] = []

    init(
        core: UpstreamCore,
        codec: Codec,
        logger: Logger?,
        replyLimit: Int,
        handler: @escaping @Sendable (UpstreamBatch) -> Void,
    ) {
        self.core = core
        self.codec = codec
        self.logger = logger
        self.replyLimit = replyLimit
        self.handler = handler
    }

    func opened(generation: UInt64) {
        self.generation = generation
        core.opened(generation)
    }

    func received(_ message: UnsafeRawBufferPointer) {
        guard !core.control.isDraining, !core.control.isStopping else {
            core.metrics.discardedMessages.add()
            return
        }
        core.metrics.upstreamBytes.add(message.count)
        switch codec.decode(message) {
        case .message(let message): batch.append(message)
        case .bad(let reason, let transactionID):
            refuse(reason, transactionID: transactionID, byteCount: message.count)
        }
    }

    func skipped(byteCount: Int) {
        refuse("the message is too large", transactionID: nil, byteCount: byteCount)
    }

    func roundEnded() {
        guard !batch.isEmpty else { return }
        core.metrics.upstreamMessages.add(batch.count)
        let messages = batch
        batch = []
        handler(UpstreamBatch(source: UpstreamSource(core: core, generation: generation), messages: messages))
    }

    func fill(_ outgoing: inout OutgoingFrames) {
        core.takeReplies(into: &replies)
        guard !replies.isEmpty else { return }
        var acks = 0
        for reply in replies {
            codec.encode(reply, into: &outgoing)
            if case .ack = reply { acks += 1 }
        }
        core.metrics.acks.add(acks)
        core.metrics.rejects.add(replies.count - acks)
        replies.removeAll(keepingCapacity: true)
    }

    var isBacklogged: Bool { core.replyCount >= replyLimit }

    func expire(at now: MonotonicTime) -> MonotonicTime? { nil }

    func disconnected(_ error: RANError) {
        core.closed()
    }

    private func refuse(_ reason: String, transactionID: UInt64?, byteCount: Int) {
        core.metrics.badFrames.add()
        logger?.warning(
            "bad_frame",
            [
                "connection": core.name, "reason": reason, "bytes": byteCount,
                "transaction_id": transactionID.map(String.init) ?? "unreadable",
            ]
        )
        guard let transactionID else { return }
        let reply = UpstreamReply.reject(transactionID: transactionID, code: .other, message: reason)
        core.send([reply], generation: generation)
    }
}
