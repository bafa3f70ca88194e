// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Observability
import RANClient
import RANSimulator

/// A simulated RAN on a free port for the length of a closure, and a client of it.
struct Simulated {
    static let token = "simulated-token"

    let simulator: RANSimulator
    let client: RANClient
    let endpoint: RANEndpoint
    let metrics: MetricRegistry

    static func with(
        change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (Simulated) async throws -> Void,
    ) async throws {
        var configuration = SimulatorConfiguration(token: token)
        change(&configuration)
        let simulator = RANSimulator(
            configuration: configuration,
            logger: Logger(component: "test", sink: LogSink(level: .error)),
        )
        let port = try simulator.start()
        defer { simulator.stop() }
        let endpoint = try RANEndpoint(url: "http://127.0.0.1:\(port)/api/v1.0", token: RANToken(token))
        let metrics = MetricRegistry()
        let client = RANClient(endpoint: endpoint, name: "test", metrics: metrics)
        defer { client.close() }
        try await body(Simulated(simulator: simulator, client: client, endpoint: endpoint, metrics: metrics))
    }
}
