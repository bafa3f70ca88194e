// SPDX-License-Identifier: Apache-2.0
internal import CCurl
internal import Glibc

/// Wakes a thread that polls: a descriptor that becomes readable until it is cleared.
final class WakeSignal: Sendable {
    let descriptor: Int32

    init() {
        descriptor = ccurl_wake_descriptor()
        precondition(descriptor >= 0, "the system refuses an eventfd: \(errno)")
    }

    deinit { close(descriptor) }

    /// From any thread; many signals before the next `clear` are one.
    func signal() {
        var one: UInt64 = 1
        // Fails only when the counter is full, and then it is readable anyway.
        _ = write(descriptor, &one, 8)
    }

    /// Sleeps until signalled, and clears the signal, or until the time is over.
    func wait(milliseconds: Int) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&entry, 1, Int32(clamping: milliseconds)) > 0 { clear() }
    }

    /// Before looking at what was signalled.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
