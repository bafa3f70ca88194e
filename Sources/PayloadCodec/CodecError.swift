// SPDX-License-Identifier: Apache-2.0

/// Why the codec as a whole cannot work; a single message's failure is a `CodecFailure`.
public enum CodecError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A worker process could not be started: `errno` of the call named.
    case spawn(call: String, code: Int32)
    /// A worker process ended before it was ready: its wait status.
    case workerEnded(status: Int32)
    /// A worker did not become ready in time.
    case workerSilent
    /// The engine lacks a call that the sandbox needs, or its watchdog does not work.
    case engine(String)

    /// A stable word for logs and metrics.
    public var reason: String {
        switch self {
        case .spawn: "spawn_failed"
        case .workerEnded: "worker_ended"
        case .workerSilent: "worker_silent"
        case .engine: "engine_unfit"
        }
    }

    public var description: String {
        switch self {
        case .spawn(let call, let code):
            "a formatter worker cannot be started: \(call) says error \(code); is the program's file still there?"
        case .workerEnded(let status):
            "a formatter worker ended at its start with wait status \(status); run `ran-mqtt-bridge codec check` to see why"
        case .workerSilent: "a formatter worker did not become ready in time; is the machine out of memory?"
        case .engine(let what): "JavaScriptCore cannot hold formatters in bounds: \(what)"
        }
    }
}
