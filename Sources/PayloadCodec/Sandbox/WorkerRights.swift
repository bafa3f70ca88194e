// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Glibc

/// What a worker process gives up, each for good.
enum WorkerRights {
    /// Before anything of a formatter is seen: the identity of root, privileges to gain, files to write, cores to dump; the
    /// worker ends with its parent, and is the first to go when the machine runs out of memory. False when the kernel
    /// refuses what must be.
    static func giveUp() -> Bool {
        putFirstInLineForMemory()
        if geteuid() == 0 {
            // Without the capability to change it the identity stays; everything else goes all the same.
            _ = setgroups(0, nil)
            _ = setgid(nobody)
            _ = setuid(nobody)
        }
        // After the identity: a change of it forgets the signal that follows the parent's end.
        guard cjsc_die_with_parent() == 0 else { return false }
        limit(RLIMIT_CORE, 0)
        limit(RLIMIT_FSIZE, 0)
        limit(RLIMIT_NOFILE, 32)
        return true
    }

    /// Once the engine runs, which takes a while with little time: the share of the processors. From here on the calling
    /// thread, where scripts run, does so when nobody else on the machine wants to; the engine's other threads choose for
    /// themselves and keep the niceness that the parent gave. Where the kernel has no such policy, so does this one.
    static func yieldToAll() {
        var none = sched_param()
        // SCHED_IDLE, which the C library declares under a feature macro alone.
        sched_setscheduler(0, 5, &none)
    }

    /// Once the engine runs: system calls that it does not need. False when the kernel has no such filter.
    static func forbidSystemCalls() -> Bool {
        // The C library reads the time zone with its first use, which is forbidden from here on.
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        localtime_r(&time.tv_sec, &parts)
        return cjsc_forbid_system_calls() == 0
    }

    private static let nobody: UInt32 = 65534

    private static func limit(_ resource: __rlimit_resource, _ value: rlim_t) {
        var limit = rlimit(rlim_cur: value, rlim_max: value)
        setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }

    private static func putFirstInLineForMemory() {
        let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, "1000", 4)
        close(file)
    }
}
