// SPDX-License-Identifier: Apache-2.0
import JSON
import TestSupport

/// The built `ran-mqtt-bridge` as somebody uses it who manages a running bridge.
struct BridgeProgram {
    let environment: [String: String]

    init(_ broker: BrokerProcess, username: String = "", password: String = "") {
        environment = [
            "MQTT_URL": broker.url, "MQTT_USERNAME": username, "MQTT_PASSWORD": password,
        ]
    }

    /// Runs `ran-mqtt-bridge …` to its end, without a terminal.
    func callAsFunction(_ words: String...) async throws -> RANProgram.Outcome {
        try await run(words)
    }

    /// The same with words that were put together.
    func run(_ words: [String]) async throws -> RANProgram.Outcome {
        let child = try start(words)
        try await child.exit(within: .seconds(120))
        return RANProgram.Outcome(child.record.value)
    }

    /// Starts `ran-mqtt-bridge …`.
    func start(_ words: [String]) throws -> ChildProcess {
        try ChildProcess.built("ran-mqtt-bridge", words, environment: environment)
    }

    /// Runs it on a terminal where somebody types.
    func onTerminal(typing answer: String, _ words: String...) async throws -> RANProgram.Outcome {
        let command = (["\(ChildProcess.buildDirectory)/ran-mqtt-bridge"] + words).joined(separator: " ")
        let child = try ChildProcess(
            "script",
            ["-q", "-e", "-c", command, "/dev/null"],
            environment: environment,
            input: answer + "\n",
        )
        try await child.exit(within: .seconds(120))
        return RANProgram.Outcome(child.record.value)
    }
}
