// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
public import Observability

/// A logger whose lines a test can read and wait for.
public final class CapturedLog: Sendable {
    /// The lines so far, in JSON form.
    public let lines = Watched<[String]>([])
    private let writeEnd: Int32
    private let sink: LogSink

    public init(level: LogLevel = .debug) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemCallError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        writeEnd = ends[1]
        sink = LogSink(level: level, format: .json, descriptor: ends[1], repeatsPerMinute: .max)
        let readEnd = ends[0]
        let lines = lines
        _ = NamedThread("captured-log") {
            guard let file = fdopen(readEnd, "r") else { return }
            var line: UnsafeMutablePointer<CChar>?
            var capacity = 0
            while getline(&line, &capacity, file) > 0, let line {
                let text = String(cString: line)
                lines.change { $0.append(text) }
            }
            free(line)
            fclose(file)
        }
    }

    deinit { close(writeEnd) }

    /// A logger that writes here. It must not be used after this object is gone.
    public func logger(_ component: String) -> Logger { Logger(component: component, sink: sink) }

    /// The first line that contains all of these texts.
    @discardableResult
    public func line(containing texts: String...) async throws -> String {
        let found = try await lines.wait(for: "a log line with \(texts)") { lines in
            lines.contains { line in texts.allSatisfy { line.contains($0) } }
        }
        return found.first { line in texts.allSatisfy { line.contains($0) } } ?? ""
    }
}
