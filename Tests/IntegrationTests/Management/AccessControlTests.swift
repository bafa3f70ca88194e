// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import MQTTShim
import RANSimulator
import Management
import TestSupport
import Testing

/// Who may do what, at brokers that ask.
@Suite struct AccessControlTests {
    private static let device: JSONValue = [
        "dev_eui": "70B3D57ED0001001", "app_eui": "70B3D57ED0F00001", "app_key": "33333333333333333333333333333301",
    ]

    /// A broker with the plugin, whose users stand in the directory.
    private static func settings(_ users: TemporaryDirectory) async throws -> SceneSettings {
        try await BrokerUsers.make(in: users)
        var settings = SceneSettings()
        settings.broker = BrokerUsers.configuration.replacing("{directory}", with: users.path)
        settings.login = BrokerUsers.bridge
        settings.listenerUser = BrokerUsers.bridge
        return settings
    }

    @Test("a key opens what its rights say and nothing else: with the dynamic security plugin")
    func dynamicSecurity() async throws {
        let users = try TemporaryDirectory("users")
        let settings = try await Self.settings(users)
        let device = try SceneDevice.abp("a1", 1)
        try await Scene.with([device], bridge: settings) { scene, _ in
            let operator_ = try await ManagementClient(scene.broker, .v5, user: BrokerUsers.bridge)
            _ = try await operator_.result("admin/request/register", ["app_id": "other"])
            func key(_ app: String, _ name: String, _ rights: [JSONValue]) async throws -> (String, String) {
                let made = try await operator_.result(
                    "admin/request/add_access_key",
                    ["app_id": .string(app), "name": .string(name), "rights": .array(rights)],
                )
                return (made["username"]?.text ?? "", made["key"]?.text ?? "")
            }
            let all: [JSONValue] = ["messages:up:r", "messages:down:w", "devices", "devices:keys", "settings"]
            let full = try await key("app", "default", all)
            #expect(full.0 == "app")
            let manager = try await key("app", "manager", ["devices"])
            #expect(manager.0 == "app/manager")
            let reader = try await key("app", "reader", ["messages:up:r"])
            let stranger = try await key("other", "default", all)
            let shown = try await operator_.result("admin/request/access_keys", ["app_id": "app"])
            #expect(shown["access_keys"]?.elements?.map { $0["name"] } == ["default", "manager", "reader"])
            #expect(!shown.jsonText.contains(full.1), "a key is shown once")
            try await Self.check(scene, full: full, manager: manager, reader: reader, stranger: stranger)

            // A user that somebody else made is left alone, be it the bridge's own.
            _ = try await operator_.result("admin/request/register", ["app_id": "bridge"])
            let taken = try await operator_.fault(
                "admin/request/add_access_key",
                ["app_id": "bridge", "name": "default", "rights": ["devices"]],
            )
            #expect(taken["code"] == "already_exists")
            #expect(taken["message"]?.text?.contains("did not make") == true)

            // A user that is left over from an application of the same name goes before the next one comes.
            let orphan: [JSONValue] = [
                DynamicSecurity.createRole("key:late/default", [], correlation: "1"),
                DynamicSecurity.createClient("late", password: "old", role: "key:late/default", correlation: "2"),
            ]
            try await operator_.publish(
                DynamicSecurity.commandTopic,
                String(decoding: DynamicSecurity.message(orphan), as: UTF8.self),
            )
            let old = try await ManagementClient(scene.broker, .v5, user: ("late", "old"), filters: [])
            _ = try await operator_.result("admin/request/register", ["app_id": "late"])
            try await old.test.record.wait(for: "the end of the connection") { $0.states.contains(where: \.isEnd) }
            await old.stop()

            // A key that is taken back is no key, and its connection ends.
            let client = try await ManagementClient(scene.broker, .v5, user: manager, filters: ["app/response/+"])
            _ = try await operator_.result("admin/request/remove_access_key", ["app_id": "app", "name": "manager"])
            try await client.test.record.wait(for: "the end of the connection") { $0.states.contains(where: \.isEnd) }
            await client.stop()
            // So are all of an application that goes.
            let last = try await ManagementClient(scene.broker, .v5, user: full, filters: ["app/response/+"])
            _ = try await operator_.result("app/request/unregister")
            try await last.test.record.wait(for: "the end of the connection") { $0.states.contains(where: \.isEnd) }
            await last.stop()
            await operator_.stop()
        }
    }

    @Test("key add makes a user that can log in, key list names it, and key remove ends its connections")
    func keyCommands() async throws {
        let users = try TemporaryDirectory("users")
        let settings = try await Self.settings(users)
        try await Scene.with([try SceneDevice.abp("a1", 1)], bridge: settings) { scene, _ in
            let login = BrokerUsers.bridge
            let program = BridgeProgram(scene.broker, username: login.0, password: login.1)
            let made = try await program("key", "add", "app", "board", "--rights", "messages:up:r,devices", "--json")
                .json()
            let user = (try #require(made["username"]?.text), try #require(made["key"]?.text))
            #expect(user.0 == "app/board")
            let client = try await ManagementClient(scene.broker, .v311, user: user, filters: ["app/response/+"])
            #expect(try await client.result("app/request/device", ["dev_id": "a1"])["dev_id"] == "a1")
            // The key's own user manages devices through the same commands, and nothing else.
            let own = BridgeProgram(scene.broker, username: user.0, password: user.1)
            #expect(try await own("device", "get", "app", "a1", "--json").json()["dev_id"] == "a1")
            #expect(try await own("app", "remove", "app", "--yes", "--timeout", "2").code != .code(0))
            let listed = try await program("key", "list", "app")
            #expect(listed.output.contains("app/board") && !listed.output.contains(user.1))
            #expect(try await program("key", "remove", "app", "board", "--yes").code == .code(0))
            try await client.test.record.wait(for: "the end of the connection") { $0.states.contains(where: \.isEnd) }
            await client.stop()
            #expect(try await own("device", "get", "app", "a1", "--timeout", "2").code != .code(0))
            #expect(try await program("device", "get", "app", "a1", "--json").json()["dev_id"] == "a1")
        }
    }

    @Test("the same with a static access control list")
    func staticList() async throws {
        let files = try TemporaryDirectory("acl")
        let all = AccessRight.allCases
        let documented = try Self.documentedList().replacing("meters", with: "app")
        func lines(_ app: String, _ user: String, _ rights: [AccessRight]) -> [String] {
            AccessRule.staticLines(
                AccessRule.rules(of: rights, applicationID: app, prefix: "", tenant: "ttn"),
                user: user,
            )
        }
        let list =
            [documented] + lines("app", "app/reader", [.readMessages]) + lines("other", "other", all)
        try files.write(list.joined(separator: "\n") + "\n", to: "acl")
        try files.write("", to: "passwords")
        for user in ["bridge", "app", "app/manager", "app/reader", "other"] {
            try await ChildProcess.run("mosquitto_passwd", ["-b", files.file("passwords"), user, "secret-\(user)"])
        }
        var settings = SceneSettings()
        settings.broker = """
            listener {port} 127.0.0.1
            allow_anonymous false
            password_file \(files.file("passwords"))
            acl_file \(files.file("acl"))
            """
        settings.login = ("bridge", "secret-bridge")
        settings.listenerUser = settings.login
        try await Scene.with([try SceneDevice.abp("a1", 1)], bridge: settings) { scene, _ in
            let bridge = try await ManagementClient(scene.broker, .v5, user: ("bridge", "secret-bridge"))
            _ = try await bridge.result("admin/request/register", ["app_id": "other"])
            let refused = try await bridge.fault(
                "admin/request/add_access_key",
                ["app_id": "app", "name": "k1", "rights": ["devices"]],
            )
            #expect(refused["code"] == "failed_precondition")
            await bridge.stop()
            func user(_ name: String) -> (String, String) { (name, "secret-\(name)") }
            try await Self.check(
                scene,
                full: user("app"),
                manager: user("app/manager"),
                reader: user("app/reader"),
                stranger: user("other"),
            )
        }
    }

    /// The list that docs/management.md gives.
    private static func documentedList() throws -> String {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        guard let file = fopen("/\(root)/docs/management.md", "r") else { throw SystemCallError("docs/management.md") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 262_144)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "user bridge" || (!lines.isEmpty && line != "```") { lines.append(line) }
            if !lines.isEmpty, line == "```" { return lines.joined(separator: "\n") }
        }
        throw SceneError(problem: "docs/management.md has no list that begins with user bridge")
    }

    /// What each of four users can and cannot do.
    private static func check(
        _ scene: Scene,
        full: (String, String),
        manager: (String, String),
        reader: (String, String),
        stranger: (String, String),
    ) async throws {
        let devEUI = try SceneDevice.abp("a1", 1).virtual.devEUI
        // The full key manages, sees keys, hears and sends.
        let owner = try await ManagementClient(
            scene.broker,
            .v5,
            user: full,
            filters: ["app/response/+", "app/response/keys/+", "app/devices/+/up", "app/devices/+/events/#"],
        )
        _ = try await owner.result("app/request/register_device", ["dev_id": "d1", "device": device])
        let keyed = try await owner.result("app/request/keys/device", ["dev_id": "d1"])
        #expect(keyed["lorawan_device"]?["app_key"] != nil)
        try await owner.publish("app/devices/a1/down", #"{"port":1,"payload_raw":"AQ=="}"#)
        _ = try await owner.answer("an event") { $0.topic == "app/devices/a1/events/down/scheduled" }

        // The manager manages devices, but sees no key, no uplink, and does not touch the application.
        let devices = try await ManagementClient(
            scene.broker,
            .v5,
            user: manager,
            filters: ["app/response/+"],
        )
        #expect(try await devices.result("app/request/device", ["dev_id": "d1"])["dev_id"] == "d1")
        for topic in [
            "app/request/keys/device", "app/request/unregister", "app/devices/a1/down", "admin/request/register",
        ] {
            try await expectRefused(devices, topic)
        }
        for filter in ["app/devices/+/up", "app/response/keys/+", "admin/response/#", "other/response/+"] {
            try await expectDeaf(scene, manager, filter)
        }

        // The reader hears, and asks for nothing.
        let listener = try await ManagementClient(scene.broker, .v5, user: reader, filters: ["app/devices/+/up"])
        try await scene.simulator.sendUplink(devEUI: devEUI, port: 1, payload: [3, 103, 1, 16])
        _ = try await listener.answer("an uplink") { $0.topic == "app/devices/a1/up" }
        for topic in ["app/request/device", "app/request/devices", "app/devices/a1/down"] {
            try await expectRefused(listener, topic)
        }

        // Another application's key, with all rights there, has none here.
        let foreign = try await ManagementClient(scene.broker, .v5, user: stranger, filters: ["other/response/+"])
        #expect(try await foreign.result("other/request/get")["app_id"] == "other")
        for topic in [
            "app/request/device", "app/request/register_device", "app/request/unregister", "app/request/keys/device",
            "app/devices/a1/down", "app/devices/a1/up", "app/response/x", "admin/request/applications",
            "v3/app@ttn/devices/a1/down/push", "$CONTROL/dynamic-security/v1",
        ] {
            try await expectRefused(foreign, topic)
        }
        for filter in ["app/devices/+/up", "app/response/#", "#", "+/devices/+/up", "v3/#"] {
            try await expectDeaf(scene, stranger, filter)
        }
        for client in [owner, devices, listener, foreign] { await client.stop() }
    }

    /// The broker says no to a publication.
    private static func expectRefused(_ client: ManagementClient, _ topic: String) async throws {
        let outcome = try await client.test.client.publish(topic: topic, payload: Array("{}".utf8))
        guard case .refused = outcome else {
            Issue.record("publishing to \(topic) gave \(outcome)")
            return
        }
    }

    /// A subscription is refused, or nothing of the application comes through it.
    private static func expectDeaf(_ scene: Scene, _ user: (String, String), _ filter: String) async throws {
        let spy = try TestMQTTClient(scene.broker.address, clientID: "spy-\(UInt32.random(in: 0 ... .max))") {
            $0.username = user.0
            $0.password = MQTTPassword(user.1)
        }
        try spy.client.subscribe([MQTTSubscription(filter)])
        try await spy.record.wait(for: "an answer to \(filter)") { !$0.answers.isEmpty }
        try await scene.publish("app/devices/a1/up", #"{"secret":1}"#)
        try await scene.publish("app/response/keys/x", #"{"secret":2}"#)
        try await scene.publish("other/response/own", #"{"open":1}"#)
        // The broker keeps the order: a message after those would have come after them.
        try await scene.publish("app/devices/a1/events/create", "{}")
        let outcome = try await spy.client.publish(topic: "nobody/hears", payload: [])
        _ = outcome
        let heard = spy.record.value.messages.filter { $0.topic.hasPrefix("app/") || $0.topic.hasPrefix("admin/") }
        #expect(heard.isEmpty, "\(user.0) heard \(heard.map(\.topic)) through \(filter)")
        await spy.stop()
    }
}

extension MQTTState {
    /// Whether the connection ended.
    fileprivate var isEnd: Bool { if case .disconnected = self { true } else { false } }
}
