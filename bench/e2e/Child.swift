// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A program that the bench runs; it dies with the bench.
final class Child {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let pid: Int32
    private var hasEnded = false
    private let name: String
    private let log: String
    private var input: Int32 = -1
    private var output: Int32 = -1
    private var buffer: [UInt8] = []

    /// Starts a program; what it writes goes to a log file, but standard output to us when we `talk`.
    init(_ path: String, _ arguments: [String], log: String, talks: Bool = false) throws {
        name = String(path.split(separator: "/").last ?? "program")
        self.log = log
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        var ends: [Int32] = [-1, -1, -1, -1]
        if talks {
            for first in [0, 2] {
                var pair: [Int32] = [-1, -1]
                guard pipe(&pair) == 0 else { throw Failure(description: "pipe: \(errno)") }
                for (index, end) in pair.enumerated() {
                    _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                    ends[first + index] = end
                }
            }
        }
        posix_spawn_file_actions_addopen(&actions, 2, log, flags, 0o600)
        if talks {
            posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
            posix_spawn_file_actions_adddup2(&actions, ends[3], 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, log, flags, 0o600)
        }
        let words = ["setpriv", "--pdeathsig", "KILL", "--", path] + arguments
        var strings: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var pid = pid_t()
        guard posix_spawnp(&pid, "setpriv", &actions, nil, &strings, environ) == 0 else {
            throw Failure(description: "cannot start \(path)")
        }
        self.pid = pid
        if talks {
            close(ends[0])
            close(ends[3])
            input = ends[1]
            output = ends[2]
        }
    }

    var tree: ProcessTree { ProcessTree(root: pid) }

    /// What it has logged.
    var logText: String { ProcessTree.text(log) }

    func say(_ line: String) {
        let octets = Array((line + "\n").utf8)
        _ = write(input, octets, octets.count)
    }

    /// The words of its next line of output.
    func hear() throws -> [String] {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self).split(separator: " ").map { String($0) }
            }
            var part = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &part, part.count)
            guard count > 0 else { throw Failure(description: "\(name) ended:\n\(logText.suffix(2000))") }
            buffer += part[..<count]
        }
    }

    /// Waits for a text in its log.
    func awaitLog(_ text: String, seconds: Double = 120) throws {
        let end = monotonicNanoseconds() + Int64(seconds * 1e9)
        while !logText.contains(text) {
            guard monotonicNanoseconds() < end, !ends() else {
                throw Failure(description: "\(name) did not say '\(text)':\n\(logText.suffix(2000))")
            }
            usleep(20_000)
        }
    }

    deinit { stop(SIGKILL) }

    /// Whether it has ended by itself.
    private func ends() -> Bool {
        if !hasEnded, waitpid(pid, nil, WNOHANG) == pid { hasEnded = true }
        return hasEnded
    }

    /// Waits for its end.
    func wait() {
        guard !hasEnded else { return }
        waitpid(pid, nil, 0)
        hasEnded = true
    }

    /// Ends it and waits.
    func stop(_ signal: Int32 = SIGTERM) {
        guard !hasEnded else { return }
        hasEnded = true
        if input >= 0 { close(input) }
        if output >= 0 { close(output) }
        kill(pid, signal)
        waitpid(pid, nil, 0)
    }
}
