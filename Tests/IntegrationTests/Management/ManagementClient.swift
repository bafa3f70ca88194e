// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import Observability
import RANClient
import RANSimulator
import TestSupport

/// A program that manages applications over MQTT, as any MQTT client can.
final class ManagementClient: Sendable {
    let test: TestMQTTClient
    private let version: MQTTProtocolVersion
    private let number = Watched(0)
    private let clientID: String

    init(
        _ broker: BrokerProcess,
        _ version: MQTTProtocolVersion = .v5,
        user: (name: String, password: String)? = nil,
        filters: [String] = ["+/response", "+/response/#"],
    ) async throws {
        self.version = version
        clientID = "manager-\(UInt32.random(in: 0 ... .max))"
        test = try await TestMQTTClient.connected(
            to: broker,
            clientID: clientID,
            subscriptions: filters.map { MQTTSubscription($0) },
        ) {
            $0.protocolPreference = .only(version)
            $0.username = user?.name
            $0.password = (user?.password).map { MQTTPassword($0) }
        }
    }

    /// Asks and gives back the answer: by response topic and correlation data in MQTT 5, by request id in 3.1.1.
    func ask(
        _ path: String,
        _ body: JSONValue = .object([:]),
        within limit: Duration = .seconds(30),
    ) async throws -> JSONValue {
        let number = number.change { number -> Int in
            number += 1
            return number
        }
        let isAdmin = path.hasPrefix("admin/")
        // An id that is used again has answers already.
        let earlier = test.record.value.messages.count
        let levels = path.split(separator: "/")
        let scope = String(levels[0]) + (levels.count == 4 ? "/response/keys" : "/response")
        if version == .v5 {
            let topic = "\(scope)/\(clientID)"
            let mark = Array("\(clientID)-\(number)".utf8)
            try await publish(
                path,
                body.jsonText,
                MQTTProperties(responseTopic: topic, correlationData: mark),
            )
            return try await answer("an answer to \(path)", limit, after: earlier) {
                $0.topic == topic && $0.properties.correlationData == mark
            }
        }
        guard case .object(var object) = body else { throw SceneError(problem: "a body is an object") }
        let id = object["request_id"]?.text ?? "\(clientID).\(number)\(isAdmin ? "a" : "")"
        object["request_id"] = .string(id)
        try await publish(path, JSONValue.object(object).jsonText)
        return try await answer("an answer to \(path)", limit, after: earlier) { $0.topic == "\(scope)/\(id)" }
    }

    /// The result of a request that must be done.
    func result(
        _ path: String,
        _ body: JSONValue = .object([:]),
        within limit: Duration = .seconds(30),
    ) async throws -> JSONValue {
        let answer = try await ask(path, body, within: limit)
        guard answer["ok"] == true, let result = answer["result"] else {
            throw SceneError(problem: "\(path) was answered \(answer.jsonText)")
        }
        return result
    }

    /// The error of a request that must be refused.
    func fault(_ path: String, _ body: JSONValue = .object([:])) async throws -> JSONValue {
        let answer = try await ask(path, body)
        guard answer["ok"] == false, let fault = answer["error"] else {
            throw SceneError(problem: "\(path) was answered \(answer.jsonText.prefix(500))")
        }
        return fault
    }

    /// Publishes a request as it is.
    func publish(_ path: String, _ body: String, _ properties: MQTTProperties = MQTTProperties()) async throws {
        let outcome = try await test.client.publish(topic: path, payload: Array(body.utf8), properties: properties)
        guard outcome.isAccepted else { throw SceneError(problem: "the broker did not take \(path): \(outcome)") }
    }

    /// The next message that fits, as JSON.
    func answer(
        _ what: String,
        _ limit: Duration = .seconds(30),
        after earlier: Int = 0,
        where fits: @escaping @Sendable (MQTTInboundMessage) -> Bool,
    ) async throws -> JSONValue {
        let seen = try await test.record.wait(for: what, within: limit) {
            $0.messages.dropFirst(earlier).contains(where: fits)
        }
        guard let message = seen.messages.dropFirst(earlier).first(where: fits) else {
            throw SceneError(problem: "\(what) is gone")
        }
        return try JSONValue(parsing: message.payload)
    }

    func stop() async { await test.stop() }
}

extension Scene {
    /// The rows of the RAN's routing table.
    func routingTable() async throws -> [RoutingEntry] {
        let client = RANClient(
            endpoint: try RANEndpoint(url: ranURL, token: RANToken(Scene.token)),
            logger: Logger(component: "test", sink: LogSink(level: .error)),
            metrics: MetricRegistry(),
        )
        defer { client.close() }
        return try await client.routingTable.select()
    }

    /// The DevEUIs of the routing table.
    func routedDevices() async throws -> Set<String> {
        Set(try await routingTable().map(\.devEUI.upperHex))
    }

    /// Runs a body with a client of each version that management must serve.
    static func managed(
        _ devices: [SceneDevice] = [],
        bridge settings: SceneSettings = SceneSettings(),
        version: MQTTProtocolVersion = .v5,
        simulator change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (Scene, ManagementClient) async throws -> Void,
    ) async throws {
        try await Scene.with(devices, bridge: settings, simulator: change) { scene, _ in
            let client = try await ManagementClient(scene.broker, version)
            try await body(scene, client)
            await client.stop()
        }
    }
}
