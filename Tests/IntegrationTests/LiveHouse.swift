// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import MQTTShim
import NetworkServer
import Observability
import PayloadCodec
import RANClient
import RANSimulator
import Store
import TTNMessages
import TestSupport

@testable import Bridge

/// A bridge inside the test's own process, between a real broker and a simulated RAN, so that tests can use the parts
/// that no topic reaches.
final class LiveHouse: HearsMessages {
    let house: House
    let simulator: RANSimulator
    let listener: TestMQTTClient
    /// Speaks to the RAN beside the bridge.
    let ran: RANClient
    let store: SQLiteStore

    static let applicationID = "app"

    /// Runs a body with a bridge that knows the devices and has them in the RAN's routing table.
    static func with(
        _ devices: [SceneDevice],
        simulator change: (inout SimulatorConfiguration) -> Void = { _ in },
        settings adjust: (inout BridgeSettings) -> Void = { _ in },
        _ body: (LiveHouse) async throws -> Void,
    ) async throws {
        try await BrokerProcess.with(BrokerProcess.open) { broker in
            var configuration = SimulatorConfiguration(token: Scene.token)
            configuration.devices = devices.map(\.virtual)
            change(&configuration)
            let log = try CapturedLog()
            let simulator = RANSimulator(configuration: configuration, logger: log.logger("sim"))
            let port = try simulator.start()
            defer { simulator.stop() }
            let directory = try TemporaryDirectory("house")
            let live = try await LiveHouse(broker, simulator, port, devices, directory, log, adjust)
            let service = Task { await live.house.serve() }
            do {
                try await log.line(containing: "\"ready\"")
                try await body(live)
            } catch {
                print(log.lines.value.suffix(40).joined(separator: "\n"))
                await live.stop(service)
                throw error
            }
            await live.stop(service)
        }
    }

    private func stop(_ service: Task<Void, Never>) async {
        service.cancel()
        await service.value
        await listener.stop()
        try? store.close()
    }

    private init(
        _ broker: BrokerProcess,
        _ simulator: RANSimulator,
        _ port: UInt16,
        _ devices: [SceneDevice],
        _ directory: TemporaryDirectory,
        _ log: CapturedLog,
        _ adjust: (inout BridgeSettings) -> Void,
    ) async throws {
        self.simulator = simulator
        store = try SQLiteStore(path: directory.file("bridge.db"))
        let endpoint = try RANEndpoint(url: "http://127.0.0.1:\(port)/api/v1.0", token: RANToken(Scene.token))
        ran = RANClient(endpoint: endpoint)
        guard let netID = NetID(hex: "000013") else { throw SceneError(problem: "000013 is a NetID") }
        guard let region = Region.named("EU868") else { throw SceneError(problem: "EU868 is a region") }
        var codec = CodecConfiguration()
        codec.workerExecutable = ChildProcess.buildDirectory + "/ran-mqtt-bridge"
        codec.workers = 1
        var mqtt = MQTTConfiguration(broker: broker.address, clientID: "house")
        mqtt.reconnectDelay = .milliseconds(50) ... .milliseconds(200)
        let application = ApplicationRecord(id: LiveHouse.applicationID)
        var settings = BridgeSettings(
            coverages: [
                CoverageSettings(
                    name: "eu",
                    endpoint: endpoint,
                    region: region,
                    upstreamConnections: 1,
                    deadlineForm: .nowAsOne,
                )
            ],
            mqtt: mqtt,
            formats: [.v2, .v3],
            topics: try TopicSpace(prefix: "", tenant: "ttn"),
            publishesFields: false,
            network: NetworkConfiguration(netID: netID),
            codec: codec,
            imports: [ImportedApplication(record: application, devices: try devices.map { try $0.record() })],
            shardCount: 2,
        )
        adjust(&settings)
        listener = try await TestMQTTClient.connected(
            to: broker,
            clientID: "house-listener",
            subscriptions: [MQTTSubscription("#")],
        )
        house = try await House(
            settings: settings,
            store: store,
            logger: log.logger("bridge"),
            metrics: MetricRegistry(),
        )
        try await house.start()
    }
}

extension SceneDevice {
    /// What the store holds of the device when it registers through no configuration file.
    func record() throws -> DeviceRecord {
        let activation: ActivationRecord
        let joinEUI: EUI64?
        switch virtual.activation {
        case .otaa(let eui, let appKey, let nwkKey):
            activation = .otaa(appKey: appKey, nwkKey: nwkKey)
            joinEUI = eui
        case .abp(let devAddr, let keys):
            activation = .abp(devAddr: devAddr, keys: keys)
            joinEUI = nil
        }
        return DeviceRecord(
            applicationID: LiveHouse.applicationID,
            deviceID: virtual.name,
            devEUI: virtual.devEUI,
            joinEUI: joinEUI,
            activation: activation,
            lorawanVersion: virtual.version,
            deviceClass: virtual.deviceClass,
            createdAt: UnixTime(nanoseconds: 0),
        )
    }
}
