// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTTShim
import Observability
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectingTests {
    @Test("a wrong password is an error in words, again at each attempt", arguments: [MQTTProtocolVersion.v5, .v311])
    func wrongPassword(version: MQTTProtocolVersion) async throws {
        try await withPasswordBroker { broker in
            let log = try CapturedLog()
            let client = try TestMQTTClient(broker.address, clientID: "c", logger: log.logger("mqtt")) {
                $0.username = "bridge"
                $0.password = "wr0ng"
                $0.protocolPreference = .only(version)
            }
            let seen = try await client.record.wait(for: "two refusals") { $0.errors.count >= 2 }
            for error in seen.errors {
                #expect(error.reason == "connection_refused")
                #expect(error.description.contains("'bridge'"))
                #expect(error.description.contains(broker.url))
                #expect(error.description.contains("check mqtt.username"))
            }
            try await log.line(containing: "disconnected", "'bridge'", "Not authorized")
            await client.stop()
            #expect(!log.lines.value.contains { $0.contains("wr0ng") })
            #expect(seen.connections.isEmpty)
        }
    }

    @Test("the right password connects")
    func rightPassword() async throws {
        try await withPasswordBroker { broker in
            let client = try await TestMQTTClient.connected(to: broker, clientID: "c") {
                $0.username = "bridge"
                $0.password = "s3cret"
            }
            await client.stop()
        }
    }

    @Test("a password that is taken back while connected is told, and the next good one connects")
    func revoked() async throws {
        try await withPasswordBroker { broker in
            let client = try await TestMQTTClient.connected(to: broker, clientID: "c") {
                $0.username = "bridge"
                $0.password = "s3cret"
            }
            let passwords = broker.directory.file("passwords")
            try await ChildProcess.run("mosquitto_passwd", ["-b", passwords, "bridge", "other"])
            try await broker.restart()
            try await client.record.wait(for: "a refusal") { $0.errors.contains { $0.reason == "connection_refused" } }
            try await ChildProcess.run("mosquitto_passwd", ["-b", passwords, "bridge", "s3cret"])
            try await broker.restart()
            try await client.connected(times: 2)
            await client.stop()
        }
    }

    @Test("a broker that refuses MQTT 5, or hangs up on it, is spoken to in 3.1.1", arguments: [true, false])
    func fallback(refuses: Bool) async throws {
        try await BrokerProcess.with { broker in
            let proxy = try onlyV311(broker, refuses: refuses)
            let log = try CapturedLog()
            let client = try TestMQTTClient(
                MQTTBrokerAddress(host: "127.0.0.1", port: proxy.port),
                clientID: "c",
                logger: log.logger("mqtt")
            )
            try client.client.subscribe([MQTTSubscription("t")])
            for round in 1...2 {
                let state = try await client.connected(times: round)
                #expect(state == .connected(sessionPresent: false, version: .v311))
                try await client.subscribed(count: round)
                let outcome = try await client.client.publish(
                    topic: "t",
                    payload: [UInt8(round)],
                    properties: MQTTProperties(contentType: "text/plain")
                )
                #expect(outcome == .acknowledged)
                #expect(try await client.next().payload == [UInt8(round)])
                proxy.cut()
            }
            if refuses { try await log.line(containing: "info", "protocol_fallback", "Unsupported Protocol Version") }
            await client.stop()
        }
    }

    @Test("a broker that only speaks 3.1.1 is an error for a client that insists on 5")
    func noFallback() async throws {
        try await BrokerProcess.with { broker in
            let proxy = try onlyV311(broker, refuses: true)
            let address = MQTTBrokerAddress(host: "127.0.0.1", port: proxy.port)
            let client = try TestMQTTClient(address, clientID: "c") { $0.protocolPreference = .only(.v5) }
            let seen = try await client.record.wait(for: "two refusals") { $0.errors.count >= 2 }
            #expect(
                seen.errors.allSatisfy { $0.description.contains("Unsupported Protocol Version") },
                "\(seen.errors)"
            )
            await client.stop()
        }
    }

    /// Byte 8 of CONNECT is the protocol's level (MQTT 3.1.1, 3.1.2.2); the answer is CONNACK with return code 1.
    private func onlyV311(_ broker: BrokerProcess, refuses: Bool) throws -> TCPProxy {
        try TCPProxy(to: broker.port) { connect in
            guard connect.count > 8, connect[8] == 5 else { return .forward }
            return refuses ? .answer([0x20, 2, 0, 1]) : .hangUp
        }
    }

    @Test("a subscription that the access control list forbids is a loud error")
    func refusedSubscription() async throws {
        let directory = try TemporaryDirectory("acl")
        try directory.write(
            """
            {"defaultACLAccess": {"publishClientSend": true, "publishClientReceive": true, "subscribe": false,
            "unsubscribe": true}, "roles": [{"rolename": "all", "acls": [{"acltype": "subscribePattern",
            "topic": "allowed/#", "allow": true}]}], "groups": [{"groupname": "all", "roles": [{"rolename": "all"}]}],
            "anonymousGroup": "all", "clients": []}
            """,
            to: "dynamic-security.json",
        )
        let configuration =
            BrokerProcess.open + """

                plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so
                plugin_opt_config_file {directory}/dynamic-security.json
                """
        try await BrokerProcess.with(configuration, directory: directory) { broker in
            let log = try CapturedLog()
            let client = try TestMQTTClient(broker.address, clientID: "c", logger: log.logger("mqtt"))
            try client.client.subscribe([MQTTSubscription("forbidden/x"), MQTTSubscription("allowed/x")])
            try await client.subscribed(count: 2)
            let answers = client.record.value.answers
            #expect(
                answers.map(\.result) == [
                    .failure(.subscriptionRefused(filter: "forbidden/x", reason: .notAuthorized)),
                    .success(.atLeastOnce),
                ]
            )
            try await log.line(containing: "\"error\"", "subscription_refused", "forbidden/x")
            await client.stop()
        }
    }

    @Test("a filter that MQTT cannot carry is refused at once", arguments: ["", "a/#/b", "a+", "a\0"])
    func wrongFilter(filter: String) async throws {
        let client = try TestMQTTClient(MQTTBrokerAddress(host: "127.0.0.1", port: FreePort.next()), clientID: "c")
        #expect(throws: MQTTError.self) { try client.client.subscribe([MQTTSubscription(filter)]) }
        await client.stop()
    }

    @Test("a host that nobody answers on is named in the error")
    func nobodyThere() async throws {
        let port = try FreePort.next()
        let client = try TestMQTTClient(MQTTBrokerAddress(host: "127.0.0.1", port: port), clientID: "c")
        let seen = try await client.record.wait(for: "two errors") { $0.errors.count >= 2 }
        #expect(seen.errors.allSatisfy { $0.reason == "connection_failed" })
        #expect(seen.errors.allSatisfy { $0.description.contains("127.0.0.1:\(port)") })
        #expect(seen.errors.allSatisfy { $0.description.contains("Connection refused") }, "\(seen.errors)")
        #expect(client.client.isHealthy)
        await client.stop()
    }

    @Test("a broker that accepts and never answers is given up after the connect timeout")
    func silent() async throws {
        let listener = try SilentListener()
        let client = try TestMQTTClient(MQTTBrokerAddress(host: "127.0.0.1", port: listener.port), clientID: "c") {
            $0.connectTimeout = .milliseconds(100)
        }
        let seen = try await client.record.wait(for: "two timeouts") { $0.errors.count >= 2 }
        #expect(seen.errors.allSatisfy { $0.reason == "timed_out" })
        await client.stop()
    }

    @Test("settings that cannot work are refused before a thread starts")
    func configuration() {
        let changes: [(String, @Sendable (inout MQTTConfiguration) -> Void)] = [
            (
                "client_id",
                {
                    $0.clientID = ""; $0.isCleanSession = false
                }
            ),
            ("password", { $0.password = "x" }),
            ("keep_alive", { $0.keepAlive = .seconds(1) }),
            ("max_inflight", { $0.maxInflight = 0 }),
            ("tls", { $0.tls.certificateFile = "/x" }),
            (
                "tls",
                {
                    $0.broker.usesTLS = true; $0.tls.authorityFile = "/does/not/exist"
                }
            ),
            ("will", { $0.will = MQTTAnnouncement(topic: "a/#", text: "") }),
        ]
        for (key, change) in changes {
            let error = #expect(throws: MQTTError.self) {
                try TestMQTTClient(MQTTBrokerAddress(host: "127.0.0.1", port: 1), clientID: "c", change)
            }
            #expect(error?.description.contains("setting \(key) ") == true, "\(String(describing: error))")
        }
    }

    private func withPasswordBroker(_ body: (BrokerProcess) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("passwords")
        try directory.write("", to: "passwords")
        chmod(directory.file("passwords"), 0o600)
        try await ChildProcess.run("mosquitto_passwd", ["-b", directory.file("passwords"), "bridge", "s3cret"])
        let configuration = """
            listener {port} 127.0.0.1
            allow_anonymous false
            password_file {directory}/passwords
            """
        try await BrokerProcess.with(configuration, directory: directory, body)
    }
}

/// A socket that is connected to and says nothing.
private final class SilentListener: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        port = try FreePort.next()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, listen(descriptor, 16) == 0 else { throw SystemCallError("bind") }
    }

    deinit { close(descriptor) }
}
