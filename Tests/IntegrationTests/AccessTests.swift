// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANSimulator
import TestSupport
import Testing

/// Applications at a broker that keeps them apart as The Things Network did: by mosquitto's dynamic security, with the
/// roles that examples/mosquitto.md gives.
@Suite struct AccessTests {
    /// Makes the plugin's file: its passwords are PBKDF2 with SHA-512.
    private static let maker = """
        import base64, hashlib, json, os, sys
        def client(name, role):
            salt = os.urandom(12)
            hashed = hashlib.pbkdf2_hmac('sha512', b'key', salt, 101)
            return {'username': name, 'roles': [{'rolename': role}], 'iterations': 101,
                    'password': base64.b64encode(hashed).decode(), 'salt': base64.b64encode(salt).decode()}
        def allow(kind, topic):
            return {'acltype': kind, 'topic': topic, 'priority': 0, 'allow': True}
        def role(name, read, write, filters):
            return {'rolename': name, 'acls':
                [allow('publishClientReceive', topic) for topic in read] +
                [allow('publishClientSend', topic) for topic in write] +
                [allow('subscribePattern', topic) for topic in read] +
                [allow('subscribeLiteral', topic) for topic in filters]}
        def v2(app):
            base = app + '/devices/+/'
            return role(app, [base + 'up/#', base + 'events/#', app + '/events/#'], [base + 'down'],
                        ['#', '+/devices/+/up', base + 'down'])
        def v3(user):
            base = 'v3/' + user + '/devices/+/'
            return role(user, [base + '#'], [base + 'down/push', base + 'down/replace'],
                        ['#', 'v3/#', 'v3/+/devices/+/up'])
        everything = role('all', ['#'], ['#'], [])
        everything['acls'].append(allow('subscribePattern', '#'))
        print(json.dumps({
            'defaultACLAccess': {'publishClientSend': False, 'publishClientReceive': False, 'subscribe': False,
                                 'unsubscribe': True},
            'groups': [], 'roles': [everything, v2('app'), v2('other'), v3('app@ttn')],
            'clients': [client('bridge', 'all'), client('listener', 'all'), client('app', 'app'),
                        client('other', 'other'), client('app@ttn', 'app@ttn')]}))
        """

    private static func settings(_ directory: TemporaryDirectory) async throws -> SceneSettings {
        let made = try await ChildProcess.run("python3", ["-c", maker])
        try directory.write(made.text, to: "dynamic-security.json")
        var settings = SceneSettings()
        settings.broker = """
            listener {port} 127.0.0.1
            allow_anonymous false
            plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so
            plugin_opt_config_file \(directory.path)/dynamic-security.json
            """
        settings.login = ("bridge", "key")
        settings.listenerUser = ("listener", "key")
        return settings
    }

    private func client(_ scene: Scene, _ user: String, _ filters: [String]) async throws -> TestMQTTClient {
        try await TestMQTTClient.connected(
            to: scene.broker,
            clientID: "client-\(user)",
            subscriptions: filters.map { MQTTSubscription($0) },
        ) {
            $0.username = user
            $0.password = "key"
            $0.protocolPreference = .only(.v311)
        }
    }

    private func granted(_ client: TestMQTTClient) -> [Bool] {
        client.record.value.answers.map { if case .success = $0.result { true } else { false } }
    }

    @Test("each application hears and asks for its own devices only, whatever it subscribes to")
    func separation() async throws {
        let directory = try TemporaryDirectory("dynsec")
        let mine = try SceneDevice.abp("dev", 160)
        let theirs = try SceneDevice.abp("dev", 161, application: "other")
        try await Scene.with([mine, theirs], bridge: try await AccessTests.settings(directory)) { scene, _ in
            let second = try await client(
                scene,
                "app",
                [
                    "#", "+/devices/+/up", "app/devices/+/up/#", "app/devices/+/events/#", "app/devices/+/down",
                    "other/devices/+/up",
                ],
            )
            // Code 0x80 for another's; everything else is granted and confined.
            #expect(granted(second) == [true, true, true, true, true, false])
            let third = try await client(
                scene,
                "app@ttn",
                ["v3/+/devices/+/up", "v3/#", "#", "v3/app@ttn/devices/+/down/queued", "v3/other@ttn/devices/+/up"],
            )
            #expect(granted(third) == [true, true, true, true, false])
            try await scene.hear(theirs)
            // Forbidden publications are swallowed: the connection stays and the next one works.
            let forbidden = try await second.client.publish(
                topic: "other/devices/dev/down",
                payload: Array(#"{"port":1,"payload_raw":"AQ=="}"#.utf8),
            )
            #expect(forbidden.isAccepted)
            let allowed = try await second.client.publish(
                topic: "app/devices/dev/down",
                payload: Array(#"{"port":1,"payload_raw":"AQ=="}"#.utf8),
            )
            #expect(allowed.isAccepted)
            _ = try await second.next("the answer") { $0.topic == "app/devices/dev/events/down/scheduled" }
            _ = try await third.next("the answer in v3") { $0.topic == "v3/app@ttn/devices/dev/down/queued" }
            try await scene.hear(mine)
            _ = try await second.next("the uplink") { $0.topic == "app/devices/dev/up" }
            _ = try await third.next("the uplink in v3") { $0.topic == "v3/app@ttn/devices/dev/up" }
            for (client, prefix) in [(second, "app/"), (third, "v3/app@ttn/")] {
                let topics = Set(client.record.value.messages.map(\.topic))
                #expect(topics.allSatisfy { $0.hasPrefix(prefix) }, "\(topics)")
                // Nobody reads what others ask for.
                #expect(!topics.contains("app/devices/dev/down"))
                #expect(client.record.value.errors.isEmpty)
                #expect(client.record.value.connections.count == 1)
            }
            #expect(scene.heard("other/devices/dev/down").isEmpty)
            await second.stop()
            await third.stop()
        }
        withExtendedLifetime(directory) {}
    }
}
