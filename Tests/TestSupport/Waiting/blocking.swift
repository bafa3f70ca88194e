// SPDX-License-Identifier: Apache-2.0
import Concurrency

/// Runs a blocking call on a thread of its own, off Swift's pool.
public func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        _ = NamedThread("test-blocking") { continuation.resume(with: Result(catching: body)) }
    }
}
