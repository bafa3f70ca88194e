// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore

/// Decides, inside the virtual machine, whether a script has run too long: each function of the v2 pipeline has a limit
/// of its own.
final class Watchdog {
    let page: SharedPage
    let group: OpaquePointer
    let seconds: Double
    var hasFired = false
    var step: UInt8 = 0

    init(page: SharedPage, group: OpaquePointer, seconds: Double) {
        self.page = page
        self.group = group
        self.seconds = seconds
    }

    func begin() {
        hasFired = false
        step = page.step &+ 1
    }
}

func shouldTerminate(_ context: OpaquePointer, _ user: UnsafeMutableRawPointer?) -> Bool {
    guard let user else { return true }
    let watchdog = Unmanaged<Watchdog>.fromOpaque(user).takeUnretainedValue()
    let step = watchdog.page.step
    if step != watchdog.step, step != watchdog.step &- 1 {
        // Another function began since: it gets a limit of its own. The callback is asked once a limit, so it is set anew.
        watchdog.step = step
        _ = cjsc_set_time_limit(watchdog.group, watchdog.seconds, shouldTerminate, user)
        return false
    }
    watchdog.hasFired = true
    return true
}
