// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTTShim
import TestSupport
import Testing

/// The repository's own mosquitto.conf, with nothing replaced but the port and where files are.
@Suite(.timeLimit(.minutes(5))) struct MosquittoConfigurationTests {
    @Test("the repository's mosquitto.conf runs, lets nobody in unnamed, and keeps what waits across a restart")
    func asItIs() async throws {
        let directory = try TemporaryDirectory("conf")
        try await BrokerUsers.make(in: directory)
        try await BrokerProcess.with(try configuration(), directory: directory) { broker in
            let stranger = try TestMQTTClient(broker.address, clientID: "stranger")
            try await stranger.record.wait(for: "a refusal") { $0.errors.first?.reason == "connection_refused" }
            await stranger.stop()
            @Sendable func logIn(_ configuration: inout MQTTConfiguration) {
                configuration.username = BrokerUsers.bridge.name
                configuration.password = MQTTPassword(BrokerUsers.bridge.password)
            }
            func listener() async throws -> TestMQTTClient {
                try await TestMQTTClient.connected(
                    to: broker,
                    clientID: "keeper",
                    subscriptions: [MQTTSubscription("k")],
                ) {
                    logIn(&$0)
                    $0.isCleanSession = false
                }
            }
            await (try await listener()).stop()
            let sender = try await TestMQTTClient.connected(to: broker, clientID: "sender", logIn)
            // More than mosquitto's own limit of 1,000 waiting messages.
            sender.client.publish(
                (0..<3_000).map { MQTTPublication(token: $0, topic: "k", payload: Array("\($0)".utf8)) },
            )
            _ = try await sender.completions(count: 3_000)
            try await broker.restart()
            let back = try await listener()
            #expect(try await back.messages(count: 3_000).map(\.text) == (0..<3_000).map { "\($0)" })
            await sender.stop()
            await back.stop()
        }
    }

    @Test("its password file and its other listeners can be switched on")
    func switchedOn() async throws {
        let directory = try TemporaryDirectory("conf")
        try directory.write("", to: "passwords")
        chmod(directory.file("passwords"), 0o600)
        try await ChildProcess.run("mosquitto_passwd", ["-b", directory.file("passwords"), "bridge", "s3cret"])
        try directory.write("user bridge\ntopic readwrite #\n", to: "acl")
        try await ChildProcess.run(
            "openssl",
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
                .split(separator: " ").map(String.init) + [
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory.file("server.key"), "-out",
                    directory.file("server.pem"),
                ],
        )
        let (secure, websockets) = try (FreePort.next(), FreePort.next())
        let text = try configuration()
            .replacing("\nplugin", with: "\n#plugin")
            .replacing("#password_file /etc/mosquitto/", with: "password_file {directory}/")
            .replacing("#acl_file /etc/mosquitto/", with: "acl_file {directory}/")
            .replacing("#listener 8883", with: "listener \(secure) 127.0.0.1")
            .replacing("#certfile /etc/mosquitto/certs/", with: "certfile {directory}/")
            .replacing("#keyfile /etc/mosquitto/certs/", with: "keyfile {directory}/")
            .replacing("#listener 9001", with: "listener \(websockets)")
            .replacing("#protocol websockets", with: "protocol websockets")
        try await BrokerProcess.with(text, directory: directory) { broker in
            let stranger = try TestMQTTClient(broker.address, clientID: "stranger")
            try await stranger.record.wait(for: "a refusal") { $0.errors.first?.reason == "connection_refused" }
            await stranger.stop()
            let address = MQTTBrokerAddress(host: "127.0.0.1", port: secure, usesTLS: true)
            let bridge = try TestMQTTClient(address, clientID: "bridge") {
                $0.username = "bridge"
                $0.password = "s3cret"
                $0.tls.authorityFile = directory.file("server.pem")
            }
            try await bridge.connected()
            #expect(try await bridge.client.publish(topic: "meters/devices/a/up", payload: [1]).isAccepted)
            await bridge.stop()
            let answer = try await ChildProcess.run(
                "bash",
                [
                    "-c",
                    "exec 3<>/dev/tcp/127.0.0.1/\(websockets); printf 'GET /mqtt HTTP/1.1\\r\\nHost: h\\r\\n"
                        + "Upgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n"
                        + "Sec-WebSocket-Protocol: mqtt\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n' >&3; head -1 <&3",
                ],
            )
            #expect(answer.text.contains("101"))
        }
    }

    private func configuration() throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        guard let file = fopen("/\(root)/mosquitto.conf", "r") else { throw SystemCallError("mosquitto.conf") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        let changed = text.replacing("\nlistener 1883 127.0.0.1\n", with: "\nlistener {port} 127.0.0.1\n")
            .replacing("\npersistence_location /var/lib/mosquitto/\n", with: "\npersistence_location {directory}/\n")
            .replacing("/var/lib/mosquitto/dynamic-security.json", with: "{directory}/dynamic-security.json")
            .replacing("/usr/lib/x86_64-linux-gnu/", with: BrokerUsers.pluginDirectory)
        #expect(changed.contains("{port}") && changed.contains("{directory}"))
        return changed
    }
}
