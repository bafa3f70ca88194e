// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc

/// The `ran-simulator` that was built beside the tests, as a child process, watched from a thread of its own.
actor RunningProgram {
    struct Failure: Error {
        var sentence: String
    }

    private let executor = ThreadExecutor("program")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let process: pid_t
    private let output: Int32
    private var buffer: [UInt8] = []
    private var hasEnded = false

    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure(sentence: "pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let path = try RunningProgram.path()
        var strings: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var process = pid_t()
        let result = posix_spawn(&process, path, &actions, nil, &strings, environ)
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw Failure(sentence: "cannot start \(path): \(result)")
        }
        self.process = process
        output = ends[0]
    }

    deinit {
        close(output)
        if !hasEnded {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    /// The next line of standard output; nil when it has ended.
    func nextLine() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            var part = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &part, part.count)
            guard count > 0 else { return nil }
            buffer += part[..<count]
        }
    }

    func terminate() {
        kill(process, SIGTERM)
    }

    /// Waits for the end; the exit code, or minus the signal.
    func exitCode() -> Int32 {
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process else { return -1 }
        hasEnded = true
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    }

    /// The program stands in the folder of the test bundle.
    private static func path() throws -> String {
        var text = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &text, text.count)
        let own = String(decoding: text.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for candidate in [own] + CommandLine.arguments {
            let parts = candidate.split(separator: "/", omittingEmptySubsequences: false)
            let program = parts.dropLast().joined(separator: "/") + "/ran-simulator"
            if access(program, X_OK) == 0 { return program }
        }
        throw Failure(sentence: "ran-simulator is not built beside \(own)")
    }
}
