// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A value that tests wait on: every change wakes those whose condition has come true.
public final class Watched<Value: Sendable>: Sendable {
    private struct Waiter: Sendable {
        var isSatisfied: @Sendable (Value) -> Bool
        var continuation: CheckedContinuation<Value?, Never>
    }

    private struct State {
        var value: Value
        var waiters: [UInt64: Waiter] = [:]
        var lastID: UInt64 = 0
    }

    private let state: Mutex<State>

    public init(_ value: Value) { state = Mutex(State(value: value)) }

    /// The value at this moment.
    public var value: Value { state.withLock { $0.value } }

    /// Changes the value and wakes whom it concerns.
    @discardableResult
    public func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        let (result, ready, value) = state.withLock { state in
            let result = body(&state.value)
            let value = state.value
            let ids = state.waiters.filter { $0.value.isSatisfied(value) }.map(\.key)
            return (result, ids.compactMap { state.waiters.removeValue(forKey: $0) }, value)
        }
        for waiter in ready { waiter.continuation.resume(returning: value) }
        return result
    }

    /// The value as soon as the condition holds.
    ///
    /// - Throws: `WaitTimeout` naming what was waited for and the value it had.
    @discardableResult
    public func wait(
        for what: String,
        within limit: Duration = .seconds(20),
        until condition: @escaping @Sendable (Value) -> Bool,
    ) async throws -> Value {
        let limit = limit * Patience.factor
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        // Unstructured because it must be ended by whoever comes first; it ends when this function does.
        let timer = Task {
            try await Task.sleep(for: limit)
            giveUp(id)
        }
        defer { timer.cancel() }
        let value = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let present = state.withLock { state -> Value? in
                    if condition(state.value) { return state.value }
                    state.waiters[id] = Waiter(isSatisfied: condition, continuation: continuation)
                    return nil
                }
                if let present { continuation.resume(returning: present) }
            }
        } onCancel: {
            giveUp(id)
        }
        guard let value else { throw WaitTimeout(what: what, limit: limit, last: "\(self.value)") }
        return value
    }

    private func giveUp(_ id: UInt64) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.continuation.resume(returning: nil)
    }
}

/// Something that was waited for did not happen.
public struct WaitTimeout: Error, CustomStringConvertible {
    public var what: String
    public var limit: Duration
    /// The last thing seen, shortened.
    public var last: String

    public init(what: String, limit: Duration, last: String) {
        self.what = what
        self.limit = limit
        self.last = last
    }

    public var description: String { "\(what) did not happen within \(limit); last seen: \(last.suffix(2_000))" }
}
