// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc
internal import Synchronization

/// An eventfd that ends a `poll`: any thread wakes, one waits.
final class Wakeup: Sendable {
    /// For `poll`; readable after `wake`.
    let descriptor: Int32
    private let isSignalled = Atomic(false)

    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(descriptor >= 0, "the system refuses an eventfd: errno \(errno)")
    }

    deinit { close(descriptor) }

    /// Makes the descriptor readable; costs a system call only the first time after a `clear`.
    func wake() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Makes it unreadable. What was put where the waiter looks before a `wake` is seen by it after `clear`.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        isSignalled.store(false, ordering: .sequentiallyConsistent)
    }
}
