// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Observability
import RANSimulator
import TestSupport
import Testing

/// The built `ran-mqtt-bridge ran` and a simulated RAN that it speaks to.
struct RANProgram {
    static let token = "ran-program-token-77aa"

    let simulator: RANSimulator
    let url: String

    /// How one call ended.
    struct Outcome {
        let code: ChildProcess.Exit
        let output: String
        let complaint: String

        init(_ record: ChildProcess.Record) {
            code = record.exit ?? .code(-1)
            output = record.lines.filter { $0.stream == .output }.map(\.text).joined(separator: "\n")
            complaint = record.lines.filter { $0.stream == .error }.map(\.text).joined(separator: "\n")
        }

        /// What `--json` printed.
        func json() throws -> JSONValue { try JSONValue(parsing: output) }
    }

    static func with(
        _ change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (RANProgram) async throws -> Void,
    ) async throws {
        var configuration = SimulatorConfiguration(token: token)
        change(&configuration)
        let simulator = RANSimulator(
            configuration: configuration,
            logger: Logger(component: "sim", sink: LogSink(level: .error)),
        )
        let port = try simulator.start()
        defer { simulator.stop() }
        try await body(RANProgram(simulator: simulator, url: "http://127.0.0.1:\(port)/api/v1.0"))
    }

    /// Where the program is told to look, unless a test says otherwise.
    var environment: [String: String] { ["RAN_API_URL": url, "RAN_API_TOKEN": RANProgram.token] }

    /// Starts `ran-mqtt-bridge ran …`.
    func start(_ words: String..., environment: [String: String]? = nil) throws -> ChildProcess {
        try ChildProcess.built("ran-mqtt-bridge", ["ran"] + words, environment: environment ?? self.environment)
    }

    /// Runs `ran-mqtt-bridge ran …` to its end, without a terminal.
    func callAsFunction(_ words: String..., environment: [String: String]? = nil) async throws -> Outcome {
        let child = try ChildProcess.built(
            "ran-mqtt-bridge",
            ["ran"] + words,
            environment: environment ?? self.environment,
        )
        try await child.exit(within: .seconds(60))
        return Outcome(child.record.value)
    }

    /// Runs it on a terminal where somebody types.
    func onTerminal(typing answer: String, _ words: String...) async throws -> Outcome {
        let command = (["\(ChildProcess.buildDirectory)/ran-mqtt-bridge", "ran"] + words).joined(separator: " ")
        let child = try ChildProcess(
            "script",
            ["-q", "-e", "-c", command, "/dev/null"],
            environment: environment,
            input: answer + "\n",
        )
        try await child.exit(within: .seconds(60))
        return Outcome(child.record.value)
    }
}
