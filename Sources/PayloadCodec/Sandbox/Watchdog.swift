// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Glibc

/// Decides, inside the virtual machine, whether a function has run too long. Many calls share an entry into the virtual
/// machine, so it is asked several times a limit which of them runs.
final class Watchdog {
    let page: SharedPage
    let group: OpaquePointer
    /// Processor time of one function, in nanoseconds.
    private var limit: Int64 = 0
    /// Whether it ended a script since `begin`.
    private(set) var hasFired = false
    // The step that ran at the last look, and the processor time when it began or was first seen.
    private var step: UInt8 = 0
    private var seen: Int64 = 0
    /// Whether the engine's next look comes later than an entry deserves.
    private var isLate = false

    init(page: SharedPage, group: OpaquePointer) {
        self.page = page
        self.group = group
    }

    /// Has the engine ask from now on; false when it cannot.
    ///
    /// - Parameter seconds: processor time of one function.
    func arm(seconds: Double) -> Bool {
        limit = Int64(seconds * 1e9)
        return ask(after: limit / 8)
    }

    private func ask(after nanoseconds: Int64) -> Bool {
        let user = Unmanaged.passUnretained(self).toOpaque()
        return cjsc_set_time_limit(group, Double(nanoseconds) / 1e9, shouldTerminate, user)
    }

    /// Before an entry into the virtual machine.
    func begin() {
        if isLate { isLate = !ask(after: limit / 8) }
        hasFired = false
        step = page.step &+ 1
        seen = Watchdog.processorTime
    }

    /// Whether what runs must end.
    fileprivate func look() -> Bool {
        let now = Watchdog.processorTime
        let current = page.step
        // What a script does before its first function counts with that function.
        if current != step, current != step &- 1 {
            step = current
            seen = now
        }
        hasFired = now - seen >= limit
        // The engine asks once, so it is told anew; seldom, because each time waits for threads of a busy machine.
        if !hasFired { _ = ask(after: max(limit / 16, min(limit / 2, limit - (now - seen)))) }
        isLate = true
        return hasFired
    }

    private static var processorTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

func shouldTerminate(_ context: OpaquePointer, _ user: UnsafeMutableRawPointer?) -> Bool {
    guard let user else { return true }
    return Unmanaged<Watchdog>.fromOpaque(user).takeUnretainedValue().look()
}
