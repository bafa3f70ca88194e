// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import Observability
import RANSimulator
import TestSupport

/// A broker, a simulated RAN, the built bridge between them, and a client that hears everything.
final class Scene: HearsMessages {
    let broker: BrokerProcess
    let simulator: RANSimulator
    let directory: TemporaryDirectory
    let listener: TestMQTTClient
    /// The base URL of the simulated RAN.
    let ranURL: String
    private let configuration: String

    /// The token of the simulated RAN.
    static let token = "scene-token-2f6e"

    /// Runs a body with a bridge that is ready; stops everything on every path.
    static func with(
        _ devices: [SceneDevice],
        bridge settings: SceneSettings = SceneSettings(),
        simulator change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (Scene, ChildProcess) async throws -> Void,
    ) async throws {
        try await BrokerProcess.with(settings.broker) { broker in
            var configuration = SimulatorConfiguration(token: token)
            configuration.devices = devices.map(\.virtual)
            change(&configuration)
            let simulator = RANSimulator(
                configuration: configuration,
                logger: Logger(component: "sim", sink: LogSink(level: .error)),
            )
            let port = try simulator.start()
            defer { simulator.stop() }
            let scene = try await Scene(broker, simulator, port, devices, settings)
            let bridge = try scene.startBridge()
            do {
                if settings.waitsUntilReady { try await scene.ready(bridge) }
                try await body(scene, bridge)
            } catch {
                print("bridge said:\n\(bridge.record.value.text.suffix(6000))")
                _ = try? await bridge.kill9()
                await scene.listener.stop()
                throw error
            }
            try await bridge.kill9()
            await scene.listener.stop()
        }
    }

    private init(
        _ broker: BrokerProcess,
        _ simulator: RANSimulator,
        _ port: UInt16,
        _ devices: [SceneDevice],
        _ settings: SceneSettings,
    ) async throws {
        self.broker = broker
        self.simulator = simulator
        directory = try TemporaryDirectory("scene")
        ranURL = "http://127.0.0.1:\(port)/api/v1.0"
        configuration = try directory.write(
            settings.yaml(devices, ranURL: ranURL, brokerURL: broker.url, directory.path),
            to: "bridge.yaml",
        )
        try settings.prepare("\(directory.path)/bridge.db")
        listener = try await TestMQTTClient.connected(
            to: broker,
            clientID: "scene-listener",
            subscriptions: [MQTTSubscription("#")],
        ) {
            // What is published before it is back after a restart of the broker waits for it there.
            $0.isCleanSession = false
            $0.username = settings.listenerUser?.name
            $0.password = (settings.listenerUser?.password).map { MQTTPassword($0) }
        }
    }

    /// Starts the built bridge on the scene's configuration.
    func startBridge() throws -> ChildProcess {
        try ChildProcess.built("ran-mqtt-bridge", ["run", "--config", configuration])
    }

    /// Waits until a bridge says that it is ready.
    func ready(_ bridge: ChildProcess, within limit: Duration = .seconds(60)) async throws {
        try await bridge.line(containing: " ready", within: limit)
    }

    /// Waits for something in the simulator's report.
    func report(
        _ what: String,
        within limit: Duration = .seconds(30),
        until fits: @escaping @Sendable (SimulatorReport) -> Bool,
    ) async throws -> SimulatorReport {
        guard await simulator.waitForReport(timeout: limit * Patience.factor, until: fits) else {
            throw SceneError(problem: "\(what) did not happen; the RAN saw \(await simulator.snapshot())")
        }
        return await simulator.snapshot()
    }
}

struct SceneError: Error, CustomStringConvertible {
    var problem: String
    var description: String { problem }
}

extension MQTTInboundMessage {
    var json: JSONValue? { try? JSONValue(parsing: payload) }
}
