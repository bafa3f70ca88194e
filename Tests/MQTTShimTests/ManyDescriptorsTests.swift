// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTTShim
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ManyDescriptorsTests {
    /// In a process of its own, where no other test closes a low descriptor meanwhile.
    @Test("a connection whose descriptor is above 1023 works")
    func manyDescriptors() async {
        await #expect(processExitsWith: .success) {
            try await BrokerProcess.with { broker in
                let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
                var limit = rlimit()
                getrlimit(resource, &limit)
                limit.rlim_cur = min(limit.rlim_max, 4_096)
                try #require(setrlimit(resource, &limit) == 0 && limit.rlim_cur >= 2_000)
                var held: [Int32] = []
                defer { for descriptor in held { close(descriptor) } }
                for _ in 0..<1_100 { held.append(open("/dev/null", O_RDONLY | O_CLOEXEC)) }
                try #require(held.allSatisfy { $0 >= 0 })
                let client = try await TestMQTTClient.connected(
                    to: broker,
                    clientID: "c",
                    subscriptions: [MQTTSubscription("t")]
                )
                try #require(try await client.client.publish(topic: "t", payload: [1]) == .acknowledged)
                try #require(try await client.next().payload == [1])
                try #require((Int32(1_024)..<4_096).contains { isConnected($0, toPort: broker.port) })
                await client.stop()
            }
        }
    }
}
