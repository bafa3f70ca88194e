// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability

/// Makes frames of requests and events of what a downstream websocket answers. Lives on the socket's thread.
final class DownstreamDriver<Codec: DownstreamCodec>: StreamDriver {
    private let core: DownstreamCore
    private var codec: Codec
    private var pending: PendingRequests
    private let logger: Logger?
    private let handler: @Sendable (DownstreamEvent) -> Void

    init(
        core: DownstreamCore,
        codec: Codec,
        pending: PendingRequests,
        logger: Logger?,
        handler: @escaping @Sendable (DownstreamEvent) -> Void,
    ) {
        self.core = core
        self.codec = codec
        self.pending = pending
        self.logger = logger
        self.handler = handler
    }

    func opened(generation: UInt64) {
        core.opened()
    }

    func received(_ message: UnsafeRawBufferPointer) {
        switch codec.decode(message) {
        case .message(let answer): answered(answer)
        case .bad(let reason, let transactionID):
            core.metrics.badFrames.add()
            logger?.warning(
                "bad_frame",
                [
                    "connection": core.name, "reason": reason, "bytes": message.count,
                    "transaction_id": transactionID.map(String.init) ?? "unreadable",
                ]
            )
        }
    }

    func skipped(byteCount: Int) {
        core.metrics.badFrames.add()
        logger?.warning(
            "bad_frame",
            ["connection": core.name, "reason": "the message is too large", "bytes": byteCount]
        )
    }

    func roundEnded() {}

    func fill(_ outgoing: inout OutgoingFrames) {
        let requests = core.takeRequests()
        guard !requests.isEmpty else { return }
        let now = MonotonicTime.now
        for request in requests {
            codec.encode(request, into: &outgoing)
            pending.written(request.transactionID, at: now)
        }
        core.metrics.downstreamRequests.add(requests.count)
    }

    /// `send` has a bound of its own.
    var isBacklogged: Bool { false }

    func expire(at now: MonotonicTime) -> MonotonicTime? {
        let (acks, results) = pending.expired(at: now)
        unanswered(acks, .timedOut("the ack of a downstream request within \(pending.ackTimeout)"))
        unanswered(results, .timedOut("the result of a downstream request within \(pending.resultTimeout)"))
        return pending.nextDeadline
    }

    func disconnected(_ error: RANError) {
        let isStopped = core.control.isStopping
        let waiting = core.closed(isStopped: isStopped).map(\.transactionID)
        if !waiting.isEmpty { handler(.notSent(transactionIDs: waiting, error)) }
        unanswered(isStopped ? pending.stopped() : pending.disconnected(), error)
    }

    private func answered(_ answer: DownstreamAnswer) {
        let isExpected: Bool
        let event: DownstreamEvent
        switch answer {
        case .ack(let transactionID, let mailboxID):
            core.metrics.downstreamAcks.add()
            isExpected = pending.acked(transactionID, at: .now)
            event = .ack(transactionID: transactionID, mailboxID: mailboxID)
        case .result(let transactionID, _, let code, let message):
            core.metrics.downstreamResults.add()
            isExpected = pending.ended(transactionID)
            event = .result(transactionID: transactionID, code: code, message: message)
        case .multicastResult(let transactionID, let results):
            core.metrics.downstreamResults.add()
            isExpected = pending.ended(transactionID)
            event = .multicastResult(transactionID: transactionID, results: results)
        }
        guard isExpected else {
            core.metrics.downstreamUnexpected.add()
            logger?.debug(
                "unexpected_answer",
                ["connection": core.name, "transaction_id": answer.transactionID]
            )
            return
        }
        handler(event)
    }

    private func unanswered(_ transactionIDs: [UInt64], _ error: RANError) {
        guard !transactionIDs.isEmpty else { return }
        core.metrics.downstreamUnanswered.add(transactionIDs.count)
        handler(.unanswered(transactionIDs: transactionIDs, error))
    }
}
