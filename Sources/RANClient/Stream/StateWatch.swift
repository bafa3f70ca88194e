// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The states of a stream's connections, and tasks that wait for them.
final class StateWatch: Sendable {
    /// Nil: wait on.
    typealias Verdict = @Sendable ([ConnectionState]) -> Result<Void, RANError>?

    private struct Watch {
        var states: [ConnectionState]
        var waiters: [UInt64: (verdict: Verdict, continuation: CheckedContinuation<Result<Void, RANError>, Never>)] =
            [:]
        var lastID: UInt64 = 0
    }

    private let watch: Mutex<Watch>

    init(connections: Int) {
        watch = Mutex(Watch(states: Array(repeating: .connecting, count: connections)))
    }

    func update(_ connection: Int, _ state: ConnectionState) {
        let ended = watch.withLock { watch in
            watch.states[connection] = state
            var ended: [(CheckedContinuation<Result<Void, RANError>, Never>, Result<Void, RANError>)] = []
            for (id, waiter) in watch.waiters {
                guard let result = waiter.verdict(watch.states) else { continue }
                watch.waiters[id] = nil
                ended.append((waiter.continuation, result))
            }
            return ended
        }
        for (continuation, result) in ended { continuation.resume(returning: result) }
    }

    /// Waits until every connection is open.
    ///
    /// - Parameter isPatient: transient failures are waited out; else they are thrown.
    /// - Throws: what keeps a connection from being opened when time alone will not help, `.closed` after a stop,
    ///   `.cancelled`.
    func waitUntilConnected(isPatient: Bool) async throws(RANError) {
        try await wait { states in
            for state in states {
                if case .disconnected(let error, _) = state, !isPatient || !error.isTransient { return .failure(error) }
                if state == .stopped { return .failure(.closed) }
            }
            return states.allSatisfy { $0 == .connected } ? .success(()) : nil
        }.get()
    }

    /// Waits until every connection has ended, even when the task is cancelled.
    func waitUntilStopped() async {
        // What follows the end of a scope must not run before its threads are through: a cancellation does not count.
        _ = await wait(endsByCancellation: false) { states in
            states.allSatisfy { $0 == .stopped } ? .success(()) : nil
        }
    }

    private func wait(
        endsByCancellation: Bool = true,
        until verdict: @escaping Verdict,
    ) async -> Result<Void, RANError> {
        let id = watch.withLock { watch in
            watch.lastID += 1
            return watch.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result = watch.withLock { watch -> Result<Void, RANError>? in
                    if let result = verdict(watch.states) { return result }
                    if endsByCancellation, Task.isCancelled { return .failure(.cancelled) }
                    watch.waiters[id] = (verdict, continuation)
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            guard endsByCancellation else { return }
            let waiter = watch.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume(returning: .failure(.cancelled))
        }
    }
}
