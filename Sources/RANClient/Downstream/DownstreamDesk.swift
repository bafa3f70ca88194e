// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Hands events to the tasks that wait for them, and the rest to the sequence.
final class DownstreamDesk: Sendable {
    private struct Waiter {
        var mailboxID: UInt64?
        let continuation: CheckedContinuation<Result<DownstreamOutcome, RANError>, Never>
    }

    private struct State {
        var waiters: [UInt64: Waiter] = [:]
        var isRead = false
        /// Events that came before anybody read, the latest.
        var early: [DownstreamEvent] = []
    }

    let events: BackPressureBuffer<DownstreamEvent>
    private let state = Mutex(State())

    init(capacity: Int) {
        events = BackPressureBuffer(capacity: capacity)
    }

    /// Somebody iterates: from then on no event is dropped.
    func beginReading() {
        state.withLock { state in
            guard !state.isRead else { return }
            state.isRead = true
            events.push(contentsOf: state.early)
            state.early = []
        }
    }

    /// Sends by `send`, and waits for what becomes of it.
    func outcome(
        of transactionID: UInt64,
        send: @escaping @Sendable () throws(RANError) -> Void,
    ) async throws(RANError) -> DownstreamOutcome {
        let result: Result<DownstreamOutcome, RANError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNew = state.withLock { state in
                    guard state.waiters[transactionID] == nil else { return false }
                    state.waiters[transactionID] = Waiter(continuation: continuation)
                    return true
                }
                guard isNew else {
                    let error = RANError.invalidParameter(name: "transactionID", problem: "is in use")
                    continuation.resume(returning: .failure(error))
                    return
                }
                // The answer may come before this returns.
                do throws(RANError) {
                    if Task.isCancelled { throw .cancelled }
                    try send()
                } catch {
                    end(transactionID, .failure(error))
                }
            }
        } onCancel: {
            end(transactionID, .failure(.cancelled))
        }
        return try result.get()
    }

    /// On the socket's thread.
    func handle(_ event: DownstreamEvent) {
        switch event {
        case .ack(let transactionID, let mailboxID):
            let isAwaited = state.withLock { state in
                guard state.waiters[transactionID] != nil else { return false }
                state.waiters[transactionID]?.mailboxID = mailboxID
                return true
            }
            if !isAwaited { publish(event) }
        case .result(let transactionID, let code, let message):
            if !end(transactionID, .success(.single(code: code, message: message))) { publish(event) }
        case .multicastResult(let transactionID, let results):
            if !end(transactionID, .success(.multicast(results))) { publish(event) }
        case .notSent(let transactionIDs, let error):
            let rest = transactionIDs.filter { !end($0, .failure(error)) }
            if !rest.isEmpty { publish(.notSent(transactionIDs: rest, error)) }
        case .unanswered(let transactionIDs, let error):
            let rest = transactionIDs.filter { !end($0, .failure(error)) }
            if !rest.isEmpty { publish(.unanswered(transactionIDs: rest, error)) }
        }
    }

    /// False when nobody waits for that transaction.
    @discardableResult
    private func end(_ transactionID: UInt64, _ result: Result<DownstreamOutcome.Result, RANError>) -> Bool {
        guard let waiter = state.withLock({ $0.waiters.removeValue(forKey: transactionID) }) else { return false }
        waiter.continuation.resume(
            returning: result.map { result in
                DownstreamOutcome(transactionID: transactionID, mailboxID: waiter.mailboxID, result: result)
            }
        )
        return true
    }

    private func publish(_ event: DownstreamEvent) {
        state.withLock { state in
            guard !state.isRead else { return events.push(contentsOf: [event]) }
            if state.early.count == events.capacity { state.early.removeFirst() }
            state.early.append(event)
        }
    }
}
