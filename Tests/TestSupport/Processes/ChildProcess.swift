// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import Synchronization

/// A program that a test runs: its lines are kept and can be waited for, and it does not outlive the test.
public final class ChildProcess: Sendable {
    /// How it ended.
    public enum Exit: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    /// One line it wrote.
    public struct Line: Sendable, Equatable {
        public enum Stream: Sendable { case output, error }
        public var stream: Stream
        public var text: String
    }

    /// What it has written, and how it ended.
    public struct Record: Sendable {
        public var lines: [Line] = []
        public var exit: Exit?
        var openStreams = 2

        /// Its lines of both streams, one text.
        public var text: String { lines.map(\.text).joined(separator: "\n") }
    }

    /// Its process id, good until it is reaped; signal it through `send`.
    public let pid: Int32
    /// Changes with every line and when it ends.
    public let record: Watched<Record>
    private let isReaped: SharedFlag

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - path: the executable; without a slash it is looked up in PATH.
    ///   - environment: replaces or adds variables.
    ///   - input: given to its standard input, which is then closed.
    public init(
        _ path: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        input: String = "",
    ) throws {
        let spawned = try Spawner.shared.spawn(path, arguments, environment, workingDirectory)
        let record = Watched(Record())
        let isReaped = SharedFlag()
        pid = spawned.pid
        self.record = record
        self.isReaped = isReaped
        for (descriptor, stream) in [(spawned.output, Line.Stream.output), (spawned.error, .error)] {
            _ = NamedThread("child-lines") { readLines(descriptor, stream, record) }
        }
        let pid = spawned.pid
        _ = NamedThread("child-wait") { awaitExit(pid, record, isReaped) }
        let bytes = Array(input.utf8)
        _ = NamedThread("child-input") {
            var offset = 0
            while offset < bytes.count {
                let count = bytes[offset...].withUnsafeBytes {
                    Glibc.send(spawned.input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { break }
                offset += count
            }
            close(spawned.input)
        }
    }

    deinit { send(SIGKILL) }

    /// A program that was built together with the running tests, such as `ran-mqtt-bridge`.
    public static func built(
        _ product: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
    ) throws -> ChildProcess {
        try ChildProcess(
            "\(buildDirectory)/\(product)",
            arguments,
            environment: environment,
            workingDirectory: workingDirectory,
        )
    }

    /// Where the running tests and the products built with them are.
    public static var buildDirectory: String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    /// Runs a program to its end and returns what it wrote.
    ///
    /// - Throws: `ProgramFailure` when it does not end with code 0.
    @discardableResult
    public static func run(
        _ path: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        input: String = "",
        within limit: Duration = .seconds(60),
    ) async throws -> Record {
        let child = try ChildProcess(
            path,
            arguments,
            environment: environment,
            workingDirectory: workingDirectory,
            input: input,
        )
        let exit = try await child.exit(within: limit)
        guard exit == .code(0) else { throw ProgramFailure(program: path, exit: exit, text: child.record.value.text) }
        return child.record.value
    }

    /// The lines of both streams from the beginning, ending with the program.
    public var lines: AsyncStream<Line> {
        AsyncStream { continuation in
            let record = record
            let reader = Task {
                var seen = 0
                while !Task.isCancelled {
                    let known = seen
                    let next = try await record.wait(for: "a line", within: .seconds(3_600)) {
                        $0.lines.count > known || $0.exit != nil
                    }
                    for line in next.lines.dropFirst(seen) { continuation.yield(line) }
                    seen = next.lines.count
                    if next.exit != nil { break }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in reader.cancel() }
        }
    }

    /// The first line from `start` on that contains a text.
    ///
    /// - Throws: `ProgramFailure` when the program ends without it, `WaitTimeout` when it does not come.
    @discardableResult
    public func line(
        containing text: String,
        from start: Int = 0,
        within limit: Duration = .seconds(30),
    ) async throws -> Line {
        let seen = try await record.wait(for: "a line with '\(text)'", within: limit) {
            $0.exit != nil || $0.lines.dropFirst(start).contains { $0.text.contains(text) }
        }
        if let line = seen.lines.dropFirst(start).first(where: { $0.text.contains(text) }) { return line }
        throw ProgramFailure(program: "pid \(pid)", exit: seen.exit ?? .code(-1), text: seen.text)
    }

    /// Sends a signal, if the program still exists.
    public func send(_ signal: Int32) {
        isReaped.unlessSet { kill(pid, signal) }
    }

    /// Waits for the end; its lines are complete then.
    @discardableResult
    public func exit(within limit: Duration = .seconds(30)) async throws -> Exit {
        try await record.wait(for: "the end of pid \(pid)", within: limit) { $0.exit != nil }.exit ?? .code(-1)
    }

    /// Sends SIGTERM and waits for the end; SIGKILL when it does not come in time.
    @discardableResult
    public func terminate(within limit: Duration = .seconds(15)) async throws -> Exit {
        send(SIGTERM)
        do {
            return try await exit(within: limit)
        } catch {
            send(SIGKILL)
            throw error
        }
    }

    /// Sends SIGKILL and waits for the end.
    @discardableResult
    public func kill9() async throws -> Exit {
        send(SIGKILL)
        return try await exit()
    }
}

/// A program did not do what it was started for.
public struct ProgramFailure: Error, CustomStringConvertible {
    public var program: String
    public var exit: ChildProcess.Exit
    /// What it wrote.
    public var text: String

    public var description: String { "\(program) ended with \(exit):\n\(text.suffix(8_000))" }
}

/// A flag with its lock, so that no signal goes to a process id that is free again.
final class SharedFlag: Sendable {
    private let isSet = Mutex(false)

    func unlessSet(_ body: () -> Void) { isSet.withLock { if !$0 { body() } } }
    func set(_ body: () -> Void) {
        isSet.withLock { isSet in
            isSet = true
            body()
        }
    }
}

private func readLines(_ descriptor: Int32, _ stream: ChildProcess.Line.Stream, _ record: Watched<ChildProcess.Record>)
{
    guard let file = fdopen(descriptor, "r") else { return }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    while true {
        let count = getline(&line, &capacity, file)
        guard count > 0, let line else { break }
        var bytes = UnsafeRawBufferPointer(start: line, count: count)[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        let text = String(decoding: bytes, as: UTF8.self)
        record.change { $0.lines.append(ChildProcess.Line(stream: stream, text: text)) }
    }
    free(line)
    fclose(file)
    record.change { $0.openStreams -= 1 }
}

private func awaitExit(_ pid: pid_t, _ record: Watched<ChildProcess.Record>, _ isReaped: SharedFlag) {
    var info = siginfo_t()
    while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    var status: Int32 = 0
    isReaped.set { waitpid(pid, &status, 0) }
    let signal = status & 0x7F
    let exit = signal == 0 ? ChildProcess.Exit.code((status >> 8) & 0xFF) : .signal(signal)
    // Lines written just before the end are still on their way; a grandchild that holds the stream is not waited for.
    let queue = BoundedQueue<Never>(capacity: 1)
    var nothing: [Never] = []
    let deadline = MonotonicTime.now.advanced(by: .milliseconds(500))
    while record.value.openStreams > 0, MonotonicTime.now < deadline {
        _ = queue.drain(into: &nothing, until: .now.advanced(by: .milliseconds(2)))
    }
    record.change { $0.exit = exit }
}
