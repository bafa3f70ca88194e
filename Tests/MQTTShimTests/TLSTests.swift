// SPDX-License-Identifier: Apache-2.0
import MQTTShim
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct TLSTests {
    @Test("a verified broker is talked to; a foreign one, a wrong name and a missing certificate are not")
    func verifies() async throws {
        let directory = try TemporaryDirectory("tls")
        try await TestCertificates.makeAuthority("ca", in: directory)
        try await TestCertificates.makeAuthority("other", in: directory)
        try await TestCertificates.make("server", "subjectAltName=IP:127.0.0.1", in: directory)
        try await TestCertificates.make("elsewhere", "subjectAltName=DNS:elsewhere.example", in: directory)
        try await TestCertificates.make("client", "extendedKeyUsage=clientAuth", in: directory)
        let ports = try (FreePort.next(), FreePort.next())
        let configuration = """
            per_listener_settings true
            listener {port} 127.0.0.1
            allow_anonymous true
            listener \(ports.0) 127.0.0.1
            allow_anonymous true
            cafile {directory}/ca.pem
            certfile {directory}/server.pem
            keyfile {directory}/server.key
            require_certificate true
            listener \(ports.1) 127.0.0.1
            allow_anonymous true
            certfile {directory}/elsewhere.pem
            keyfile {directory}/elsewhere.key
            """
        try await BrokerProcess.with(configuration, directory: directory) { _ in
            let address = MQTTBrokerAddress(host: "127.0.0.1", port: ports.0, usesTLS: true)
            let good = MQTTTLSOptions(
                authorityFile: directory.file("ca.pem"),
                certificateFile: directory.file("client.pem"),
                privateKeyFile: directory.file("client.key"),
                alpn: "mqtt",
            )
            let client = try TestMQTTClient(address, clientID: "good") { $0.tls = good }
            try client.client.subscribe([MQTTSubscription("t")])
            try await client.subscribed(count: 1)
            for size in [1, 100_000] {
                #expect(
                    try await client.client.publish(topic: "t", payload: Array(repeating: 7, count: size))
                        == .acknowledged
                )
                #expect(try await client.next().payload.count == size)
            }
            client.client.publish((0..<2_000).map { MQTTPublication(token: $0, topic: "t", payload: [1, 2, 3]) })
            _ = try await client.messages(count: 2_002)
            await client.stop()

            let foreign = try await error(of: address) {
                $0.tls = good
                $0.tls.authorityFile = directory.file("other.pem")
            }
            #expect(foreign.description.contains("certificate verify failed"), "\(foreign)")
            let nameless = try await error(of: address) {
                $0.tls = MQTTTLSOptions(authorityFile: directory.file("ca.pem"))
            }
            #expect(nameless.reason == "connection_failed", "\(nameless)")
            let elsewhere = MQTTBrokerAddress(host: "127.0.0.1", port: ports.1, usesTLS: true)
            let wrongName = try await error(of: elsewhere) {
                $0.tls = MQTTTLSOptions(authorityFile: directory.file("ca.pem"))
            }
            #expect(wrongName.reason == "connection_failed", "\(wrongName)")
            let system = try await error(of: address) { _ in }
            #expect(system.description.contains("certificate verify failed"), "\(system)")
        }
    }

    private func error(of address: MQTTBrokerAddress, _ change: (inout MQTTConfiguration) -> Void) async throws
        -> MQTTError
    {
        let client = try TestMQTTClient(address, clientID: "bad", change)
        let seen = try await client.record.wait(for: "a failure") { !$0.errors.isEmpty || !$0.connections.isEmpty }
        await client.stop()
        #expect(seen.connections.isEmpty)
        return try #require(seen.errors.first)
    }
}
