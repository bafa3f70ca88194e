// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// What this process and its workers take of the machine, as the kernel counts it.
enum ProcessUse {
    /// Resident memory of this process in MiB.
    static var serviceMiB: Double { residentMiB(["self"]) }

    /// Resident memory of the workers that are there, in MiB.
    static var workersMiB: Double { residentMiB(workers) }

    private static func residentMiB(_ processes: [String]) -> Double {
        let pages = processes.reduce(0) { sum, process in
            let fields = words("/proc/\(process)/statm")
            return sum + (fields.count > 1 ? Int(fields[1]) ?? 0 : 0)
        }
        return Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }

    /// Seconds of processor time of this process.
    static var ownSeconds: Double { seconds(["self"]) }

    /// Seconds of processor time of the workers that are there.
    static var workerSeconds: Double { seconds(workers) }

    /// Nanoseconds of processor time of this process and of those workers that do not yield to everybody.
    static var fairNanoseconds: Int64 {
        workers.reduce(nanoseconds(CLOCK_PROCESS_CPUTIME_ID)) { sum, worker in
            // The scheduling policy; 5 is SCHED_IDLE.
            let fields = words("/proc/\(worker)/stat")
            var clock: clockid_t = 0
            guard fields.count > 40, fields[40] != "5", let identifier = pid_t(worker),
                clock_getcpuclockid(identifier, &clock) == 0
            else { return sum }
            return sum + nanoseconds(clock)
        }
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Seconds of processor time of the calling thread.
    static var threadSeconds: Double { Double(nanoseconds(CLOCK_THREAD_CPUTIME_ID)) / 1e9 }

    private static func seconds(_ processes: [String]) -> Double {
        let ticks = processes.reduce(0) { sum, process in
            let fields = words("/proc/\(process)/stat")
            return fields.count > 14 ? sum + (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0) : sum
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static var workers: [String] {
        CommandOutput.threads().flatMap { words("/proc/self/task/\($0)/children") }
    }

    private static func words(_ path: String) -> [String] {
        (CommandOutput.contents(path) ?? []).split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
