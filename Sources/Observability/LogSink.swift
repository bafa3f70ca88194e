// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// Where log lines go: a file descriptor, one `write` a line, and a limit on warnings and errors that repeat.
public final class LogSink: Sendable {
    /// Lines below this level are not built.
    public let level: LogLevel
    private let format: LogFormat
    private let descriptor: Int32
    private let limiter: Mutex<RepeatLimiter>

    /// - Parameters:
    ///   - level: the lowest level written.
    ///   - format: text for people, JSON for machines.
    ///   - descriptor: a file descriptor that stays open; standard error by default.
    ///   - repeatsPerMinute: how many lines of one component and event below `error` and above `debug`… are written a
    ///     minute; further ones are counted and the count is written with the next line.
    public init(
        level: LogLevel = .info,
        format: LogFormat = .text,
        descriptor: Int32 = 2,
        repeatsPerMinute: Int = 60,
    ) {
        self.level = level
        self.format = format
        self.descriptor = descriptor
        limiter = Mutex(RepeatLimiter(limit: repeatsPerMinute))
    }

    func write(_ level: LogLevel, component: String, event: String, fields: LogFields) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var suppressed = 0
        if level >= .warning {
            let verdict = limiter.withLock { $0.admit("\(component) \(event)", second: Int64(time.tv_sec)) }
            guard let verdict else { return }
            suppressed = verdict
        }
        var line: String
        switch format {
        case .text:
            line = "\(LogSink.timestamp(time)) \(level.rawValue) \(component) \(event)"
            for (key, value) in fields { line += " \(key)=\(LogSink.quotedIfNeeded(value.description))" }
            if suppressed > 0 { line += " suppressed=\(suppressed)" }
        case .json:
            line = #"{"time":"\#(LogSink.timestamp(time))","level":"\#(level.rawValue)","component":"\#(component)""#
            line += #","event":"\#(event)""#
            for (key, value) in fields { line += #","\#(key)":"# + LogSink.jsonText(value) }
            if suppressed > 0 { line += #","suppressed":\#(suppressed)"# }
            line += "}"
        }
        line += "\n"
        line.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count, let base = bytes.baseAddress {
                let written = Glibc.write(descriptor, base + offset, bytes.count - offset)
                guard written > 0 else { return }
                offset += written
            }
        }
    }

    private static func timestamp(_ time: timespec) -> String {
        var parts = tm()
        var seconds = time.tv_sec
        gmtime_r(&seconds, &parts)
        func padded(_ value: Int32, _ width: Int = 2) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let milliseconds = Int32(time.tv_nsec / 1_000_000)
        return "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))T"
            + "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec)).\(padded(milliseconds, 3))Z"
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x7F }
        return isPlain ? text : escaped(text)
    }

    private static func jsonText(_ value: any CustomStringConvertible & Sendable) -> String {
        switch value {
        case let value as Bool: value.description
        case let value as any BinaryInteger & Sendable: "\(value)"
        case let value as Double where value.isFinite: value.description
        default: escaped(value.description)
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Lets a number of equal lines a minute through and counts the rest.
struct RepeatLimiter {
    private struct Window {
        var start: Int64
        var written: Int
        var suppressed: Int
    }

    private let limit: Int
    private var windows: [String: Window] = [:]

    init(limit: Int) {
        self.limit = limit
    }

    /// Nil when the line must not be written, else how many were held back since the last one that was.
    mutating func admit(_ key: String, second: Int64) -> Int? {
        var window = windows[key] ?? Window(start: second, written: 0, suppressed: 0)
        if second - window.start >= 60 || second < window.start {
            window.start = second
            window.written = 0
        }
        guard window.written < limit else {
            window.suppressed += 1
            windows[key] = window
            return nil
        }
        window.written += 1
        let held = window.suppressed
        window.suppressed = 0
        windows[key] = window
        return held
    }
}
