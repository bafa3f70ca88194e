// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What other threads may tell a socket's thread: that there is something to send, to rest, to stop. A system call is
/// made only when the thread sleeps.
final class StreamControl: Sendable {
    let wakeSignal = WakeSignal()
    private let hasWork = Atomic<Bool>(false)
    private let isAsleep = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let readingPaused = Atomic<Bool>(false)
    private let draining = Atomic<Bool>(false)

    /// The connection shall end.
    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Nothing shall be read: the reader of the messages is behind.
    var isReadingPaused: Bool { readingPaused.load(ordering: .acquiring) }

    /// Messages shall not be handed over any more, but replies still go out.
    var isDraining: Bool { draining.load(ordering: .acquiring) }

    func stop() {
        stopping.store(true, ordering: .releasing)
        notify()
    }

    func setReadingPaused(_ isPaused: Bool) {
        readingPaused.store(isPaused, ordering: .releasing)
        notify()
    }

    func startDraining() {
        draining.store(true, ordering: .releasing)
        notify()
    }

    /// There is something to look at.
    func notify() {
        hasWork.store(true, ordering: .sequentiallyConsistent)
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { wakeSignal.signal() }
    }

    // The socket's thread only.

    /// Before looking at what there is to do; what comes later will be seen by `prepareSleep`.
    func beginWork() {
        hasWork.store(false, ordering: .sequentiallyConsistent)
    }

    /// Whether the thread may sleep. From then on `notify` signals, until `endSleep`.
    func prepareSleep() -> Bool {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        guard hasWork.load(ordering: .sequentiallyConsistent) else { return true }
        endSleep()
        return false
    }

    func endSleep() {
        isAsleep.store(false, ordering: .sequentiallyConsistent)
    }
}
