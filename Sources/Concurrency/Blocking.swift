// SPDX-License-Identifier: Apache-2.0

/// Runs blocking work on a thread of its own and waits for it without holding one of Swift's pool.
///
/// - Parameters:
///   - name: of the thread; 15 bytes are kept.
///   - work: runs once.
public func runBlocking<Value: Sendable>(
    _ name: String,
    _ work: @escaping @Sendable () -> Value,
) async -> Value {
    await withCheckedContinuation { continuation in
        // The thread ends by itself after resuming; nobody needs to join it.
        _ = NamedThread(name) { continuation.resume(returning: work()) }
    }
}
