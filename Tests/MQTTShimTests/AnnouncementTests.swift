// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTTShim
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct AnnouncementTests {
    private static func announce(_ configuration: inout MQTTConfiguration) {
        configuration.birth = MQTTAnnouncement(topic: "status", text: "online")
        configuration.will = MQTTAnnouncement(topic: "status", text: "offline")
    }

    @Test("birth is published after each connect, the will before an orderly stop")
    func orderly() async throws {
        try await BrokerProcess.with { broker in
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("status")]
            )
            let client = try await TestMQTTClient.connected(to: broker, clientID: "c", AnnouncementTests.announce)
            #expect(try await listener.next().text == "online")
            await client.stop()
            #expect(try await listener.next().text == "offline")
            try await broker.logLine(containing: "Received DISCONNECT from c")
            #expect(client.record.value.states.last == .stopped)
            await listener.stop()
        }
    }

    @Test("the broker publishes the will when the client is killed")
    func killed() async throws {
        try await BrokerProcess.with { broker in
            let listener = try await TestMQTTClient.connected(
                to: broker,
                clientID: "listener",
                subscriptions: [MQTTSubscription("status")]
            )
            let victim = try await TestMQTTClient.connected(to: broker, clientID: "victim", AnnouncementTests.announce)
            #expect(try await listener.next().text == "online")
            // The connection ends without DISCONNECT, as at the death of the process.
            for descriptor in Int32(3)..<1_024 where isConnected(descriptor, toPort: broker.port) {
                if descriptorBelongs(descriptor, to: "victim", broker: broker) {
                    shutdown(descriptor, Int32(SHUT_RDWR))
                }
            }
            #expect(try await listener.next().text == "offline")
            #expect(try await listener.next().text == "online")
            await victim.stop()
            await listener.stop()
        }
    }

    /// The broker logs the client's own port with its name.
    private func descriptorBelongs(_ descriptor: Int32, to client: String, broker: BrokerProcess) -> Bool {
        guard let port = socketPort(descriptor, { getsockname($0, $1, $2) }) else { return false }
        return broker.log.contains("New client connected from 127.0.0.1:\(port) as \(client) ")
    }
}
