// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import MQTTShim
import RANSimulator
import TestSupport
import Testing

/// How the bridge comes to the broker, stays there and comes back.
@Suite struct ConnectionTests {
    /// An uplink and a downlink: both ways work.
    private func expectTraffic(_ scene: Scene, _ device: SceneDevice) async throws {
        try await scene.hear(device)
        try await scene.publish("app/devices/\(device.virtual.name)/down", #"{"port":2,"payload_raw":"AQ=="}"#)
        _ = try await scene.next("app/devices/\(device.virtual.name)/events/down/sent")
    }

    private func classC(_ number: UInt8) throws -> SceneDevice {
        try SceneDevice.abp("dev", number, extra: "class: C") { $0.deviceClass = .c }
    }

    @Test("TLS with an authority, a client certificate, ALPN and a login")
    func encrypted() async throws {
        let directory = try TemporaryDirectory("tls")
        try await TestCertificates.makeAuthority("ca", in: directory)
        try await TestCertificates.make("server", "subjectAltName=IP:127.0.0.1", in: directory)
        try await TestCertificates.make("client", "extendedKeyUsage=clientAuth", in: directory)
        try await ChildProcess.run(
            "mosquitto_passwd",
            ["-c", "-b", directory.file("passwords"), "bridge", "s3cret!"],
        )
        let port = try FreePort.next()
        var settings = SceneSettings()
        settings.broker = """
            per_listener_settings true
            listener {port} 127.0.0.1
            allow_anonymous true
            listener \(port) 127.0.0.1
            allow_anonymous false
            password_file \(directory.path)/passwords
            cafile \(directory.path)/ca.pem
            certfile \(directory.path)/server.pem
            keyfile \(directory.path)/server.key
            require_certificate true
            """
        settings.login = ("bridge", "\"s3cret!\"")
        settings.mqtt = [
            "url: \"mqtts://127.0.0.1:\(port)\"",
            "tls:",
            "  ca_file: \(directory.path)/ca.pem",
            "  certificate_file: \(directory.path)/client.pem",
            "  private_key_file: \(directory.path)/client.key",
            "  alpn: mqtt",
        ]
        let device = try classC(130)
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await expectTraffic(scene, device)
            let log = scene.broker.log
            #expect(log.contains("as ran-mqtt-bridge (p5, c0, k30, u'bridge')"), "\(log.suffix(2000))")
        }
        withExtendedLifetime(directory) {}
    }

    @Test(
        "brokers of MQTT 3.1.1 work as well, by choice or because they speak nothing else",
        arguments: ["3.1.1", "auto"]
    )
    func olderProtocol(version: String) async throws {
        let port = try FreePort.next()
        // As a 3.1.1 broker answers a CONNECT of a later protocol level (3.1.2.2): CONNACK with return code 1.
        let older = try TCPProxy(to: port) { $0.count > 8 && $0[8] == 5 ? .answer([0x20, 2, 0, 1]) : .forward }
        var settings = SceneSettings()
        settings.broker = BrokerProcess.open + "\nlistener \(port) 127.0.0.1\n"
        settings.mqtt = [
            "url: \"mqtt://127.0.0.1:\(older.port)\"", "protocol: \"\(version)\"", "message_expiry_s: 60",
        ]
        let device = try classC(131)
        try await Scene.with([device], bridge: settings) { scene, _ in
            try await expectTraffic(scene, device)
            #expect(scene.broker.log.contains("as ran-mqtt-bridge (p2, c0, k30)"))
        }
    }

    @Test("the status topic says online while the bridge lives and offline when it died or was stopped")
    func status() async throws {
        try await Scene.with([try classC(132)]) { scene, first in
            func state(_ wanted: JSONValue) async throws {
                // Retained: a listener that comes later sees it as well.
                let late = try await TestMQTTClient.connected(
                    to: scene.broker,
                    clientID: "late",
                    subscriptions: [MQTTSubscription("admin/status")],
                )
                let message = try await late.next("status \(wanted)") { $0.json?["state"] == wanted }
                #expect(message.isRetained || late.record.value.messages.count > 1)
                await late.stop()
            }
            try await state("online")
            try await first.kill9()
            try await state("offline")
            let second = try scene.startBridge()
            try await scene.ready(second)
            try await state("online")
            #expect(try await second.terminate() == .code(0))
            try await state("offline")
            #expect(scene.heard("admin/status") == ["online", "offline", "online", "offline"].map { ["state": $0] })
        }
    }

    @Test("requests sent while the bridge is away wait at the broker and are served when it is back")
    func requestsWait() async throws {
        let device = try classC(133)
        var settings = SceneSettings()
        settings.network = ["class_c_interval_ms: 0"]
        try await Scene.with([device], bridge: settings) { scene, first in
            try await scene.hear(device)
            #expect(try await first.terminate() == .code(0))
            for port in 1...20 {
                try await scene.publish(
                    "app/devices/dev/down",
                    #"{"port":\#(port),"payload_raw":"AQ==","schedule":"last"}"#,
                )
            }
            let second = try scene.startBridge()
            try await scene.ready(second)
            let report = try await scene.report("all of them") { $0.device("dev")?.downlinks.count ?? 0 >= 20 }
            #expect(report.device("dev")?.downlinks.compactMap(\.port) == Array(1...20))
        }
    }

    @Test("a broker that restarts, with or without its memory, finds the bridge subscribed again and gets every uplink")
    func brokerRestarts() async throws {
        for broker in [BrokerProcess.persistent, BrokerProcess.open] {
            let device = try classC(134)
            var settings = SceneSettings()
            // The bridge comes through a door that stays shut until the listener is subscribed again.
            let port = try FreePort.next()
            let isOpen = Watched(true)
            let door = try TCPProxy(to: port) { _ in isOpen.value ? .forward : .hangUp }
            settings.broker = broker + "\nlistener \(port) 127.0.0.1\n"
            settings.mqtt = ["url: \"mqtt://127.0.0.1:\(door.port)\""]
            settings.network = ["class_c_interval_ms: 0"]
            try await Scene.with([device], bridge: settings) { scene, bridge in
                try await scene.hear(device)
                try await scene.broker.stop()
                // Heard by the RAN while there is no broker: waits in the outbox.
                for number in 1...5 as ClosedRange<UInt8> {
                    try await scene.simulator.sendUplink(
                        devEUI: device.virtual.devEUI,
                        port: 1,
                        payload: [1, 0, number]
                    )
                }
                _ = try await scene.report("acks without a broker") { $0.acks >= 6 }
                isOpen.change { $0 = false }
                let connections = scene.listener.record.value.connections.count
                try await scene.broker.restart()
                try await scene.listener.connected(times: connections + 1)
                try await scene.listener.subscribed(count: connections + 1)
                isOpen.change { $0 = true }
                for counter in 1...5 {
                    _ = try await scene.next("app/devices/dev/up") { $0["counter"]?.wholeNumber == Int64(counter) }
                }
                try await scene.publish("app/devices/dev/down", #"{"port":2,"payload_raw":"AQ=="}"#)
                _ = try await scene.next("app/devices/dev/events/down/sent")
                #expect(bridge.record.value.exit == nil)
            }
        }
    }
}
