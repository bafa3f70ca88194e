// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// A serial executor on one thread of its own, so that an actor that runs on it *is* a thread: for C libraries that
/// block or bind themselves to a thread.
///
/// The thread ends when the executor is released after its last job.
public final class ThreadExecutor: SerialExecutor {
    private let jobs: BoundedQueue<UnownedJob>

    /// Starts the thread.
    ///
    /// - Parameter name: shown by `ps -L`; 15 bytes are kept.
    public init(_ name: String) {
        // Jobs are bounded by the tasks that exist: an executor may not refuse one.
        jobs = BoundedQueue(capacity: Int.max)
        let jobs = jobs
        let executor = Unmanaged.passUnretained(self).toOpaque()
        let identity = ExecutorIdentity(pointer: executor)
        thread.withLock { $0 = NamedThread(name) { runJobs(jobs, identity) } }
    }

    private let thread = Mutex<NamedThread?>(nil)

    deinit { jobs.close() }

    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.push(UnownedJob(job))
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}

/// Carries the executor's address to its own thread.
///
/// `@unchecked Sendable` is sound because: 1. the pointer is only used while a job runs, and a job's actor keeps the
/// executor alive; 2. it is never written through.
private struct ExecutorIdentity: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
}

private func runJobs(_ jobs: BoundedQueue<UnownedJob>, _ identity: ExecutorIdentity) {
    var batch: [UnownedJob] = []
    while jobs.drain(into: &batch) != .closed {
        for job in batch {
            let executor = Unmanaged<ThreadExecutor>.fromOpaque(identity.pointer).takeUnretainedValue()
            job.runSynchronously(on: executor.asUnownedSerialExecutor())
        }
        batch.removeAll(keepingCapacity: true)
    }
}
