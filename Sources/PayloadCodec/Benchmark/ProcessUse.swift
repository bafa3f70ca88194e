// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// What this process and its workers take of the machine, as the kernel counts it.
enum ProcessUse {
    /// Resident memory in MiB.
    static var residentMiB: Double {
        let pages = processes.reduce(0) { sum, process in
            let fields = words("/proc/\(process)/statm")
            return sum + (fields.count > 1 ? Int(fields[1]) ?? 0 : 0)
        }
        return Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }

    /// Processor time in seconds.
    static var processorSeconds: Double {
        let ticks = processes.reduce(0) { sum, process in
            let fields = words("/proc/\(process)/stat")
            return fields.count > 14 ? sum + (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0) : sum
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// This process and its children.
    private static var processes: [String] {
        ["self"] + CommandOutput.threads().flatMap { words("/proc/self/task/\($0)/children") }
    }

    private static func words(_ path: String) -> [String] {
        (CommandOutput.contents(path) ?? []).split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
