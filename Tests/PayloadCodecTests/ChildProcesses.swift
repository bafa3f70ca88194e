// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Looks at the processes that this one started.
enum ChildProcesses {
    /// Identifiers of children that have all of these arguments.
    static func with(_ arguments: String...) -> [pid_t] {
        var result: [pid_t] = []
        for thread in entries("/proc/self/task") {
            for word in read("/proc/self/task/\(thread)/children").split(separator: UInt8(ascii: " ")) {
                guard let identifier = pid_t(String(decoding: word, as: UTF8.self)) else { continue }
                let given = read("/proc/\(identifier)/cmdline").split(separator: 0).map {
                    String(decoding: $0, as: UTF8.self)
                }
                if arguments.allSatisfy({ given.contains($0) }) { result.append(identifier) }
            }
        }
        return result
    }

    /// Names of a process's environment variables.
    static func environment(_ identifier: pid_t) -> [String] {
        read("/proc/\(identifier)/environ").split(separator: 0).map { entry in
            String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
        }
    }

    /// The lines of a process's status by their names.
    static func status(_ identifier: pid_t) -> [String: String] {
        var result: [String: String] = [:]
        for line in lines("/proc/\(identifier)/status") {
            let parts = line.split(separator: ":\t", maxSplits: 1)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
        }
        return result
    }

    /// A process's limits by their names: the soft one, the hard one, the unit.
    static func limits(_ identifier: pid_t) -> [String: String] {
        var result: [String: String] = [:]
        for line in lines("/proc/\(identifier)/limits") where line.utf8.count > 26 {
            let name = line.prefix(26).split(separator: " ").joined(separator: " ")
            result[name] = String(line.dropFirst(26))
        }
        return result
    }

    private static func lines(_ path: String) -> [Substring] {
        String(decoding: read(path), as: UTF8.self).split(separator: "\n")
    }

    /// What a process has open, by descriptor.
    static func descriptors(_ identifier: pid_t) -> [Int: String] {
        var result: [Int: String] = [:]
        for entry in entries("/proc/\(identifier)/fd") {
            var target = [CChar](repeating: 0, count: 256)
            let count = readlink("/proc/\(identifier)/fd/\(entry)", &target, target.count)
            guard let number = Int(entry), count > 0 else { continue }
            result[number] = String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return result
    }

    /// The scheduling policy of a process's first thread (0 is SCHED_OTHER, 5 SCHED_IDLE) and the niceness of all of them.
    static func scheduling(_ identifier: pid_t) -> (policy: String?, niceness: Set<String>) {
        func fields(_ thread: String) -> [String] {
            // Behind the name, which may hold anything.
            let text = read("/proc/\(identifier)/task/\(thread)/stat").split(separator: UInt8(ascii: ")")).last ?? []
            return text.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        }
        let all = entries("/proc/\(identifier)/task").map { fields($0) }.filter { $0.count > 38 }
        return (fields(String(identifier)).dropFirst(38).first, Set(all.map { $0[16] }))
    }

    /// Ends one of them.
    static func kill(_ identifier: pid_t) {
        _ = Glibc.kill(identifier, SIGKILL)
    }

    private static func entries(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        return Array(bytes.prefix(max(0, count)))
    }
}
