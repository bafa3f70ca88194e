// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Observability
import RANSimulator
import Testing

/// A simulator on a free port for the length of a closure, with what tests do to it.
struct RunningSimulator {
    static let token = "secret-token"

    let simulator: RANSimulator
    let port: UInt16

    static func with(
        _ devices: [VirtualDeviceConfiguration] = [],
        change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (RunningSimulator) async throws -> Void,
    ) async throws {
        var configuration = SimulatorConfiguration(token: token)
        configuration.devices = devices
        change(&configuration)
        let logger = Logger(component: "test", sink: LogSink(level: .error))
        let simulator = RANSimulator(configuration: configuration, logger: logger)
        let port = try simulator.start()
        defer { simulator.stop() }
        try await body(RunningSimulator(simulator: simulator, port: port))
    }

    func call(
        _ method: String,
        _ call: String,
        _ body: JSONValue? = nil,
        token: String? = RunningSimulator.token,
        base: String = "/api/v1.0/",
    ) async throws -> (status: Int, body: JSONValue) {
        let client = SocketClient()
        try await client.connect(port: port)
        let text = body.map { Array($0.jsonText.utf8) }
        let (status, answer) = try await client.request(method, base + call, body: text, token: token)
        return (status, (try? JSONValue(parsing: answer)) ?? .string(String(decoding: answer, as: UTF8.self)))
    }

    /// The error code of a refused call.
    func refusal(_ method: String, _ call: String, _ body: JSONValue? = nil) async throws -> String? {
        try await self.call(method, call, body).body["detail"]?["error_code"]?.text
    }

    func open(_ stream: String) async throws -> SocketClient {
        let client = SocketClient()
        try await client.connect(port: port)
        let status = try await client.open("/api/v1.0/stream/\(stream)/?access_token=\(RunningSimulator.token)")
        try #require(status == 101)
        return client
    }

    func subscribe(_ device: VirtualDeviceConfiguration) async throws {
        var body: JSONObject = ["DevEUI": .string(device.devEUI.hex)]
        switch device.activation {
        case .otaa(let joinEUI, _, _): body["JoinEUI"] = .string(joinEUI.hex)
        case .abp(let devAddr, _): body["DevAddr"] = .string(devAddr.hex)
        }
        let status = try await call("POST", "devices/insert", .object(body)).status
        try #require(status == 201)
    }

    /// Waits for the report; the report itself is the failure's text.
    func expect(_ isSatisfied: @escaping @Sendable (SimulatorReport) -> Bool, line: SourceLocation = #_sourceLocation)
        async
    {
        let isReached = await simulator.waitForReport(timeout: .seconds(20), until: isSatisfied)
        if !isReached {
            Issue.record("never reached; the report is \(await simulator.snapshot())", sourceLocation: line)
        }
    }
}
