// SPDX-License-Identifier: Apache-2.0

/// Writes one line an event: a constant event word and fields from a fixed vocabulary. Secrets never enter: key types
/// describe themselves as `***`, and tokens are never passed.
public struct Logger: Sendable {
    /// The word for the part of the program that speaks, such as `ran` or `mqtt`.
    public let component: String
    private let sink: LogSink

    public init(component: String, sink: LogSink) {
        self.component = component
        self.sink = sink
    }

    /// A logger for another part that writes to the same place.
    public func named(_ component: String) -> Logger { Logger(component: component, sink: sink) }

    /// Someone must act.
    public func error(_ event: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.error, event, fields)
    }
    /// Something was lost or refused.
    public func warning(_ event: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.warning, event, fields)
    }
    /// The state of the service changed.
    public func info(_ event: StaticString, _ fields: @autoclosure () -> LogFields = [:]) { log(.info, event, fields) }
    /// Something of interest to one message.
    public func debug(_ event: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        log(.debug, event, fields)
    }

    private func log(_ level: LogLevel, _ event: StaticString, _ fields: () -> LogFields) {
        guard level >= sink.level else { return }
        sink.write(level, component: component, event: event.description, fields: fields())
    }
}

/// Fields of a log line in the order they are written.
public typealias LogFields = KeyValuePairs<StaticString, any CustomStringConvertible & Sendable>

/// How much a log line matters.
public enum LogLevel: String, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}

/// The form of a log line.
public enum LogFormat: String, Sendable, CaseIterable {
    /// `time level component event key=value …`
    case text
    /// One JSON object.
    case json
}
