// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Observability
import RANClient
import RANSimulator
import TestSupport
import Testing

/// Registry and routing table.
@Suite struct ManagementRoutingTests {
    private static func device(_ number: Int, joins: Bool = true, joinEUI: Int = 1) -> JSONValue {
        let devEUI = JSONValue.string(EUI64(rawValue: 0x70B3_D57E_D000_3000 + UInt64(number)).upperHex)
        if joins {
            return [
                "dev_eui": devEUI, "app_eui": .string(EUI64(rawValue: UInt64(joinEUI)).hex),
                "app_key": "33333333333333333333333333333301",
            ]
        }
        return [
            "dev_eui": devEUI, "dev_addr": .string(DevAddr(rawValue: 0x2601_0000 + UInt32(joinEUI)).hex),
            "nwk_s_key": "33333333333333333333333333333302", "app_s_key": "33333333333333333333333333333303",
        ]
    }

    private static let fast = SceneSettings(coverageExtra: ", compare_interval_s: 1")

    private func change(_ scene: Scene, _ body: (RoutingTable) async throws -> Void) async throws {
        let client = RANClient(
            endpoint: try RANEndpoint(url: scene.ranURL, token: RANToken(Scene.token)),
            logger: Logger(component: "test", sink: LogSink(level: .error)),
            metrics: MetricRegistry(),
        )
        try await body(client.routingTable)
        client.close()
    }

    @Test("while the RAN is away a registration is pending, with a word why, and takes effect when it is back")
    func outage() async throws {
        try await Scene.managed([try SceneDevice.abp("a1", 1)], bridge: Self.fast) { scene, client in
            try await scene.simulator.inject(.httpStatus(503, count: 100_000))
            let answer = try await client.result(
                "app/request/register_device",
                ["dev_id": "d1", "device": Self.device(1)],
            )
            #expect(answer["ran"]?["state"] == "pending")
            // The next one does not wait: that the RAN is away is known.
            try await eventually("a word why") {
                let shown = try await client.result("app/request/device", ["dev_id": "d1"])
                return shown["ran"]?["error"]?.text?.contains("503") == true
            }
            let coverage = try await client.result("admin/request/coverages")["coverages"]?.elements?.first
            #expect(coverage?["routing_table"]?["pending"] == 1)
            _ = try await client.result("app/request/delete_device", ["dev_id": "a1"])
            try await scene.simulator.inject(.httpStatus(503, count: 0))
            try await eventually("it is in effect", within: .seconds(60)) {
                try await client.result("app/request/device", ["dev_id": "d1"])["ran"] == ["state": "in_effect"]
            }
            try await eventually("the row of the deleted device is gone", within: .seconds(60)) {
                try await scene.routedDevices() == ["70B3D57ED0003001"]
            }
        }
    }

    @Test("what the RAN refuses is said in its words, and the device stays registered")
    func refusal() async throws {
        try await Scene.managed([], simulator: { $0.subscriptionLimit = 1 }) { scene, client in
            _ = try await client.result("admin/request/register", ["app_id": "app"])
            _ = try await client.result("app/request/register_device", ["dev_id": "d1", "device": Self.device(1)])
            let second = try await client.result(
                "app/request/register_device",
                ["dev_id": "d2", "device": Self.device(2)],
            )
            #expect(second["ran"]?["state"] == "refused")
            #expect(second["ran"]?["error"]?.text?.contains("limit") == true, "\(second.jsonText)")
            // Room in the table is what it waits for.
            _ = try await client.result("app/request/delete_device", ["dev_id": "d1"])
            try await eventually("it takes the place") {
                try await client.result("app/request/device", ["dev_id": "d2"])["ran"] == ["state": "in_effect"]
            }
        }
    }

    @Test("rows of others stay, also where they stand in the way")
    func foreignRows() async throws {
        try await Scene.managed([try SceneDevice.abp("a1", 1)], bridge: Self.fast) { scene, client in
            try await change(scene) { table in
                try await table.insert(devEUI: EUI64(rawValue: 7), joinEUI: EUI64(rawValue: 8))
                try await table.insert(devEUI: EUI64(rawValue: 0x70B3_D57E_D000_3001), joinEUI: EUI64(rawValue: 8))
                try await table.insert(devEUI: EUI64(rawValue: 0x70B3_D57E_D000_3002), joinEUI: EUI64(rawValue: 1))
            }
            let blocked = try await client.result(
                "app/request/register_device",
                ["dev_id": "d1", "device": Self.device(1)],
            )
            #expect(blocked["ran"]?["state"] == "refused")
            #expect(blocked["ran"]?["error"]?.text?.contains("did not make") == true)
            let served = try await client.result(
                "app/request/register_device",
                ["dev_id": "d2", "device": Self.device(2)],
            )
            #expect(served["ran"] == ["state": "in_effect"])
            _ = try await client.result("app/request/delete_device", ["dev_id": "d2"])
            _ = try await client.result("app/request/delete_device", ["dev_id": "d1"])
            _ = try await client.result("app/request/delete_device", ["dev_id": "a1"])
            try await eventually("ours alone are gone") {
                try await scene.routedDevices() == ["0000000000000007", "70B3D57ED0003001", "70B3D57ED0003002"]
            }
        }
    }

    @Test("rows of others are dropped when that is wished, many at once only after a yes")
    func confirmation() async throws {
        let settings = SceneSettings(coverageExtra: ", compare_interval_s: 1, foreign_rows: drop")
        try await Scene.managed([try SceneDevice.abp("a1", 1)], bridge: settings) { scene, client in
            try await change(scene) { table in
                for number in 0..<20 {
                    try await table.insert(devEUI: EUI64(rawValue: UInt64(100 + number)), joinEUI: EUI64(rawValue: 8))
                }
            }
            let plan = try await client.result("admin/request/ran_plan")
            #expect(plan["drop_count"] == 20)
            #expect(plan["needs_confirmation"] == true)
            let digest = try #require(plan["plan"]?.text)
            // Several comparisons pass without touching them.
            try await eventually("the refusal to drop is in the log") {
                try await client.result("admin/request/ran_plan")["table"] == 21
            }
            #expect(try await client.fault("admin/request/ran_apply", ["plan": "0"])["code"] == "failed_precondition")
            _ = try await client.result("admin/request/ran_apply", ["plan": .string(digest)])
            try await eventually("the rows are gone") { try await scene.routedDevices() == ["70B3D57ED0000101"] }
        }
    }

    @Test("after 1,000 random operations with faults of the RAN in between, registry and table are equal")
    func randomOperations() async throws {
        let applications = (0..<5).map { "app\($0)" }
        try await Scene.managed([], bridge: Self.fast) { scene, client in
            for application in applications {
                _ = try await client.result("admin/request/register", ["app_id": .string(application)])
            }
            for round in 0..<10 {
                let faults: [Fault] = [
                    .httpStatus(500, count: 3), .httpStatus(429, count: 2), .slow(.milliseconds(5)),
                    .httpStatus(503, count: 5), .refuseConnections(for: .milliseconds(100)),
                ]
                try await scene.simulator.inject(faults[round % faults.count])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, application) in applications.enumerated() {
                        group.addTask {
                            var random = SeededGenerator(seed: UInt64(round * 100 + index))
                            for _ in 0..<20 {
                                try await Self.operation(client, application, index * 8, &random)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await scene.simulator.inject(.slow(.zero))
            }
            try await eventually("registry and routing table are equal", within: .seconds(60)) {
                var wanted: [String] = []
                for application in applications {
                    let devices = try await client.result("\(application)/request/devices")["devices"]?.elements ?? []
                    guard devices.allSatisfy({ $0["ran"] == ["state": "in_effect"] }) else { return false }
                    wanted += devices.map(Self.row)
                }
                let rows = try await scene.routingTable().map { row in
                    let address = row.joinEUI == nil ? row.activeDevAddr?.hex.uppercased() : nil
                    return "\(row.devEUI.upperHex) \(row.joinEUI?.upperHex ?? "") \(address ?? "")"
                }
                return rows.sorted() == wanted.sorted()
            }
        }
    }

    /// Registers, changes or deletes one of eight devices.
    private static func operation(
        _ client: ManagementClient,
        _ application: String,
        _ first: Int,
        _ random: inout SeededGenerator,
    ) async throws {
        let number = first + Int.random(in: 0..<8, using: &random)
        let device = device(
            number,
            joins: Bool.random(using: &random),
            joinEUI: Int.random(in: 1...3, using: &random),
        )
        let id = JSONValue.string("d-\(number)")
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6:
            _ = try await client.result(
                "\(application)/request/register_device",
                ["dev_id": id, "device": device, "overwrite": true],
            )
        case 6..<8: _ = try await client.ask("\(application)/request/delete_device", ["dev_id": id])
        default:
            _ = try await client.ask(
                "\(application)/request/update_device",
                ["dev_id": id, "device": ["description": .string("\(number)")]],
            )
        }
    }

    private static func row(_ device: JSONValue) -> String {
        let radio = device["lorawan_device"]
        let address = radio?["app_eui"] == nil ? radio?["dev_addr"]?.text : nil
        return "\(radio?["dev_eui"]?.text ?? "") \(radio?["app_eui"]?.text ?? "") \(address ?? "")"
    }
}
