// SPDX-License-Identifier: Apache-2.0
internal import CThreads
internal import Glibc
internal import Synchronization

/// One POSIX thread with a name, for blocking C calls and event loops that must not run on Swift's pool.
public final class NamedThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// Starts a thread that runs `body` once and ends.
    ///
    /// - Parameters:
    ///   - name: shown by `ps -L`; 15 bytes are kept.
    ///   - body: runs on the new thread.
    public init(_ name: String, body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, runThread, start.toOpaque())
        precondition(result == 0, "the system refuses a thread: \(result)")
        handle = Mutex(thread)
    }

    /// A thread that nobody joined gives back its stack when it ends.
    deinit {
        let thread = handle.withLock(\.self)
        if let thread { pthread_detach(thread) }
    }

    /// Waits for the thread to end. Blocks the caller: never call it from Swift's pool while the body still works.
    /// Only the first call waits.
    public func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread { pthread_join(thread, nil) }
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    cthreads_set_name(start.name)
    start.body()
    return nil
}
