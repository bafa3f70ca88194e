// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a process and all its descendants have used, from /proc.
struct ProcessTree {
    let root: Int32

    /// Microseconds of CPU, user and system, of those that live and those that were waited for.
    var cpu: Double {
        members().reduce(0) { sum, member in
            // Fields 14 to 17: own user and system time, and those of dead children; in ticks of 10 ms.
            sum + [11, 12, 13, 14].reduce(0.0) { $0 + (Double(member.fields[$1]) ?? 0) } * 1e6 / ProcessTree.ticks
        }
    }

    /// Octets of memory in use, shared pages counted in each.
    var memory: Int {
        members().reduce(0) { sum, member in
            let statm = ProcessTree.text("/proc/\(member.pid)/statm").split(separator: " ")
            return sum + (statm.count > 1 ? (Int(statm[1]) ?? 0) * 4096 : 0)
        }
    }

    /// Octets of the first process alone.
    var rootMemory: Int {
        let statm = ProcessTree.text("/proc/\(root)/statm").split(separator: " ")
        return statm.count > 1 ? (Int(statm[1]) ?? 0) * 4096 : 0
    }

    /// The most octets that the first process ever had.
    var rootPeak: Int {
        let lines = ProcessTree.text("/proc/\(root)/status").split(separator: "\n")
        let words = lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
        return words.count > 1 ? (Int(words[1]) ?? 0) * 1024 : 0
    }

    /// The processes it consists of now.
    var pids: [Int32] { members().map(\.pid).sorted() }

    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// Each with the fields of its `stat` behind the name, from the state on.
    private func members() -> [(pid: Int32, fields: [Substring])] {
        var all: [Int32: (parent: Int32, fields: [Substring])] = [:]
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = Int32(name) else { continue }
            let stat = ProcessTree.text("/proc/\(pid)/stat")
            guard let end = stat.lastIndex(of: ")") else { continue }
            let fields = stat[stat.index(end, offsetBy: 2)...].split(separator: " ")
            if fields.count > 15, let parent = Int32(fields[1]) { all[pid] = (parent, fields) }
        }
        return all.compactMap { pid, one in
            var ancestor = pid
            while ancestor != root, let up = all[ancestor]?.parent { ancestor = up }
            return ancestor == root ? (pid, one.fields) : nil
        }
    }

    static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&part, 1, part.count, file), count > 0 { text += part[..<count] }
        return String(decoding: text, as: UTF8.self)
    }
}
