// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Observability
import RANClient
import RANSimulator
import TestSupport
import Testing

/// The client against a simulated RAN that speaks TLS only.
@Suite(.timeLimit(.minutes(5)))
struct SecureCoverageTests {
    private func certificate(in directory: borrowing TemporaryDirectory) async throws -> TLSFiles {
        let files = TLSFiles(certificate: directory.file("certificate.pem"), key: directory.file("key.pem"))
        try await ChildProcess.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", files.key, "-out",
                files.certificate,
            ]
        )
        return files
    }

    @Test("calls, upstream and downstream work over https and wss, large challenges included")
    func everything() async throws {
        let directory = try TemporaryDirectory()
        let files = try await certificate(in: directory)
        let key = try #require(AES128Key(octets: [UInt8](repeating: 0x2B, count: 16)))
        let devAddr = DevAddr(rawValue: 0x2601_1A01)
        let device = VirtualDeviceConfiguration(
            name: "d",
            devEUI: EUI64(rawValue: 0xFEDC_BA98_7654_3210),
            activation: .abp(devAddr: devAddr, keys: SessionKeys(nwkSKey: key, appSKey: key)),
        )
        var configuration = SimulatorConfiguration(token: "t")
        configuration.tls = files
        configuration.devices = [device]
        configuration.challengeSize = 4096
        let logger = Logger(component: "test", sink: LogSink(level: .error))
        let simulator = RANSimulator(configuration: configuration, logger: logger)
        let port = try simulator.start()
        defer { simulator.stop() }
        let endpoint = try RANEndpoint(
            url: "https://localhost:\(port)/api/v1.0",
            token: RANToken("t"),
            certificateFile: files.certificate,
        )
        try await withRANClient(endpoint) { client in
            _ = try await client.routingTable.insert(devEUI: device.devEUI, devAddr: devAddr)
            try await client.withUpstream { stream async throws in
                let isOpen = await simulator.waitForReport(timeout: .seconds(20)) { $0.upstreamSockets == 1 }
                #expect(isOpen)
                try await simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
                for await delivery in stream {
                    let message = delivery.message
                    #expect(message.micChallenge.count == 4096)
                    let mic = MIC.dataUplink10(key: key, devAddr: devAddr, counter: 0, octets: message.payload)
                    delivery.ack(devEUI: device.devEUI, mic: mic.rawValue)
                    break
                }
                let isAcked = await simulator.waitForReport(timeout: .seconds(20)) { $0.acks == 1 }
                #expect(isAcked)
            }
        }
    }

    @Test("files that cannot serve TLS are named at the start")
    func wrongFiles() throws {
        var configuration = SimulatorConfiguration(token: "t")
        configuration.tls = TLSFiles(certificate: "/nowhere/c.pem", key: "/nowhere/k.pem")
        let simulator = RANSimulator(
            configuration: configuration,
            logger: Logger(component: "test", sink: LogSink(level: .error)),
        )
        #expect(throws: SimulatorError.cannotServeTLS(certificate: "/nowhere/c.pem", key: "/nowhere/k.pem")) {
            try simulator.start()
        }
    }
}
