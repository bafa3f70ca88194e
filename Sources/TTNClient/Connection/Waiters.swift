// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Tasks that wait for something from the client's thread. Each is resumed exactly once: by what it waits for, by its
/// time-out, by cancellation or by the end of the client.
final class Waiters<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, TTNClientError>

    private struct State {
        var continuations: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var lastID: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// A name for one wait.
    func makeID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Waits for `settle` of that id.
    ///
    /// - Parameters:
    ///   - what: named by the time-out's error.
    ///   - begin: runs once the wait can be settled; what it starts may settle it before it returns.
    func wait(
        _ id: UInt64,
        for what: String,
        within limit: Duration,
        begin: @Sendable () -> Void = {},
    ) async throws(TTNClientError) -> Value {
        // Unstructured because whoever comes first ends it; it ends with this function.
        let timer = Task {
            try await Task.sleep(for: limit)
            settle(id, .failure(.timedOut(waitingFor: what, limit: limit)))
        }
        defer { timer.cancel() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
                let isWaiting = state.withLock { state in
                    if !state.isClosed { state.continuations[id] = continuation }
                    return !state.isClosed
                }
                guard isWaiting else { return continuation.resume(returning: .failure(.closed)) }
                // A cancellation before this point found nothing to settle.
                guard !Task.isCancelled else { return settle(id, .failure(.cancelled)) }
                begin()
            }
        } onCancel: {
            settle(id, .failure(.cancelled))
        }
        return try outcome.get()
    }

    /// Ends a wait; a wait that has ended stays as it did.
    func settle(_ id: UInt64, _ outcome: Outcome) {
        let continuation = state.withLock { $0.continuations.removeValue(forKey: id) }
        continuation?.resume(returning: outcome)
    }

    /// Ends every wait.
    func settleAll(_ outcome: Outcome) {
        let continuations = state.withLock { state in
            defer { state.continuations = [:] }
            return state.continuations.values
        }
        for continuation in continuations { continuation.resume(returning: outcome) }
    }

    /// Ends every wait, and those to come, with `closed`.
    func close() {
        state.withLock { $0.isClosed = true }
        settleAll(.failure(.closed))
    }
}
