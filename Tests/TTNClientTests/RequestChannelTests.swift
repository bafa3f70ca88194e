// SPDX-License-Identifier: Apache-2.0
import JSON
import MQTTShim
import TTNClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct RequestChannelTests {
    private func channel(
        _ broker: BrokerProcess,
        username: String = "meters",
        accessKey: String = "",
        _ change: (inout ConnectionOptions) -> Void = { _ in },
    ) throws -> RequestChannel {
        var options = ConnectionOptions()
        options.requestTimeout = .seconds(20)
        change(&options)
        return try RequestChannel(address: broker.url, username: username, accessKey: accessKey, options: options)
    }

    @Test("on MQTT 5 a request names its response topic and correlation data, and the result comes back")
    func version5() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { [ScriptedBridge.success($0, ["devices": []])] }
            let channel = try channel(broker)
            let result = try await channel.request("devices", ["limit": 5], of: .application("meters"))
            #expect(result == ["devices": []])
            let asked = try #require(bridge.asked.value.first)
            #expect(asked.topic == "meters/request/devices")
            #expect(asked.body["limit"] == 5)
            #expect(asked.properties.responseTopic?.hasPrefix("meters/response/") == true)
            #expect(asked.properties.correlationData == Array(asked.requestID.utf8))
            #expect(asked.properties.contentType == "application/json")
            #expect((1...64).contains(asked.requestID.utf8.count))
            #expect(
                asked.requestID.utf8.allSatisfy {
                    ("a"..."z").contains(Character(.init($0))) || "0123456789.-".utf8.contains($0)
                }
            )
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("on MQTT 3.1.1 the request id names the topic of the answer")
    func version311() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { [ScriptedBridge.success($0, "yes")] }
            let channel = try channel(broker) { $0.protocolVersion = .v311 }
            #expect(try await channel.request("get", of: .application("meters")) == "yes")
            #expect(try await channel.request("device", ["dev_id": "a1"], of: .keys("meters")) == "yes")
            #expect(try await channel.request("applications", of: .administration) == "yes")
            #expect(
                bridge.asked.value.map(\.topic) == [
                    "meters/request/get", "meters/request/keys/device", "admin/request/applications",
                ]
            )
            #expect(bridge.asked.value.allSatisfy { $0.properties.responseTopic == nil })
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("an error of the bridge is thrown with its code, message and field")
    func refusal() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) {
                [ScriptedBridge.failure($0, "invalid_argument", "dev_eui has 15 digits", field: "device.dev_eui")]
            }
            let channel = try channel(broker)
            let error = await #expect(throws: TTNClientError.self) {
                try await channel.request("register_device", of: .application("meters"))
            }
            let refusal = RequestRefusal(
                method: "register_device",
                code: .invalidArgument,
                message: "dev_eui has 15 digits",
                field: "device.dev_eui",
            )
            #expect(error == .refused(refusal))
            #expect(error?.reason == "invalid_argument")
            #expect(error?.isTransient == false)
            #expect(error?.description.contains("dev_eui has 15 digits") == true)
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("many requests at once each get their own answer, in whatever order those come")
    func concurrent() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { [ScriptedBridge.success($0, $0.body["number"] ?? .null)] }
            let channel = try channel(broker)
            try await withThrowingTaskGroup(of: (Int64, JSONValue).self) { group in
                for number in Int64(0)..<200 {
                    group.addTask {
                        (number, try await channel.request("echo", ["number": .integer(number)], of: .administration))
                    }
                }
                for try await (number, result) in group { #expect(result == .integer(number)) }
            }
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("a request without an answer ends with a time-out that names it")
    func timeOut() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { _ in [] }
            let channel = try channel(broker)
            let error = await #expect(throws: TTNClientError.self) {
                try await channel.request("get", of: .application("meters"), within: .milliseconds(300))
            }
            #expect(error == .timedOut(waitingFor: "the answer to 'get'", limit: error?.limit ?? .zero))
            #expect(error?.isTransient == true)
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("a request on a broker without a bridge says so at once")
    func nobody() async throws {
        try await BrokerProcess.with { broker in
            let channel = try channel(broker)
            let error = await #expect(throws: TTNClientError.self) {
                try await channel.request("get", of: .application("meters"))
            }
            #expect(error == .nobodyListens(topic: "meters/request/get"))
            await channel.close()
        }
    }

    @Test("a cancelled task leaves its request at once, and the channel works on")
    func cancelled() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) {
                $0.method == "slow" ? [] : [ScriptedBridge.success($0, true)]
            }
            let channel = try channel(broker)
            let task = Task { try await channel.request("slow", of: .administration) }
            try await bridge.asked.wait(for: "the slow request") { $0.count == 1 }
            task.cancel()
            let error = await #expect(throws: TTNClientError.self) { try await task.value }
            #expect(error == .cancelled)
            #expect(try await channel.request("fast", of: .administration) == true)
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("close ends requests that wait, and those to come, with closed")
    func closed() async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { _ in [] }
            let channel = try channel(broker)
            let task = Task { try await channel.request("slow", of: .administration) }
            try await bridge.asked.wait(for: "the request") { $0.count == 1 }
            await channel.close()
            let error = await #expect(throws: TTNClientError.self) { try await task.value }
            #expect(error == .closed)
            let later = await #expect(throws: TTNClientError.self) {
                try await channel.request("get", of: .administration)
            }
            #expect(later == .closed)
            await bridge.stop()
        }
    }

    @Test("a request whose answer a lost connection may have cost is repeated under the same id")
    func repeated() async throws {
        try await BrokerProcess.with { broker in
            // The first of each is taken and not answered.
            let seen = Watched<Set<String>>([])
            let bridge = try await ScriptedBridge(broker) { asked in
                let isNew = seen.change { $0.insert(asked.requestID).inserted }
                return isNew ? [] : [ScriptedBridge.success(asked, "second")]
            }
            let proxy = try TCPProxy(to: broker.port)
            let channel = try RequestChannel(
                address: "127.0.0.1:\(proxy.port)",
                username: "meters",
                accessKey: "",
            )
            let task = Task { try await channel.request("get", of: .application("meters")) }
            try await bridge.asked.wait(for: "the first request") { $0.count == 1 }
            proxy.cut()
            #expect(try await task.value == "second")
            #expect(Set(bridge.asked.value.map(\.requestID)).count == 1)
            await channel.close()
            await bridge.stop()
        }
    }

    @Test(
        "answers that are no answers are errors of their own",
        arguments: [
            #"{"ok":"#, #"{"ok":1}"#, #"{"ok":false}"#, "[]",
        ]
    )
    func malformed(text: String) async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker) { _ in [] }
            let channel = try channel(broker) { $0.protocolVersion = .v311 }
            let task = Task { try await channel.request("get", of: .application("meters")) }
            let asked = try await bridge.asked.wait(for: "the request") { $0.count == 1 }
            try await bridge.say("meters/response/\(asked[0].requestID)", text: text)
            let error = await #expect(throws: TTNClientError.self) { try await task.value }
            #expect(error?.reason == "malformed_answer")
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("a broker that refuses the log-in and one that refuses the topic are told apart")
    func forbidden() async throws {
        let directory = try TemporaryDirectory("acl")
        try directory.write(
            """
            user meters
            topic write meters/request/+
            topic read meters/response/+
            """,
            to: "acl",
        )
        try await ChildProcess.run("mosquitto_passwd", ["-c", "-b", directory.file("passwords"), "meters", "right"])
        let configuration = """
            listener {port} 127.0.0.1
            allow_anonymous false
            password_file {directory}/passwords
            acl_file {directory}/acl
            """
        try await BrokerProcess.with(configuration, directory: directory) { broker in
            let wrong = try channel(broker, accessKey: "wrong")
            let login = await #expect(throws: TTNClientError.self) { try await wrong.connect() }
            #expect(login?.reason == "connection_refused")
            #expect(login?.description.contains("'meters'") == true)
            #expect(login?.description.contains("wrong") == false)
            let meters = try channel(broker, accessKey: "right")
            let topic = await #expect(throws: TTNClientError.self) {
                try await meters.request("applications", of: .administration)
            }
            #expect(topic?.reason == "not_permitted")
            for channel in [wrong, meters] { await channel.close() }
        }
    }

    @Test("a broker that refuses the answers is told of before anything is asked")
    func forbiddenAnswers() async throws {
        try await RestrictedBroker.with(refusingSubscriptions: ["meters/response/+"]) { broker in
            let bridge = try await ScriptedBridge(broker) { [ScriptedBridge.success($0, true)] }
            let channel = try channel(broker) { $0.protocolVersion = .v311 }
            for _ in 1...2 {
                let error = await #expect(throws: TTNClientError.self) {
                    try await channel.request("get", of: .application("meters"))
                }
                #expect(error?.reason == "not_permitted")
            }
            #expect(bridge.asked.value.isEmpty)
            #expect(try await channel.request("get", of: .application("other")) == true)
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("a broker that is not there is an error of the first request")
    func noBroker() async throws {
        let port = try FreePort.next()
        let channel = try RequestChannel(address: "127.0.0.1:\(port)", username: "meters", accessKey: "")
        let error = await #expect(throws: TTNClientError.self) {
            try await channel.request("get", of: .application("meters"))
        }
        #expect(error?.reason == "connection_failed")
        #expect(error?.description.contains("\(port)") == true)
        await channel.close()
    }

    @Test("requests and answers live below the topic prefix", arguments: ["site", "site/"])
    func prefix(prefix: String) async throws {
        try await BrokerProcess.with { broker in
            let bridge = try await ScriptedBridge(broker, prefix: "site/") { [ScriptedBridge.success($0, true)] }
            let channel = try channel(broker) { $0.topicPrefix = prefix }
            #expect(try await channel.request("get", of: .application("meters")) == true)
            #expect(bridge.asked.value.first?.properties.responseTopic?.hasPrefix("site/meters/response/") == true)
            await channel.close()
            await bridge.stop()
        }
    }

    @Test("an address that names no broker is refused with its name", arguments: ["", "ftp://a", "host:port", "a:b:c"])
    func wrongAddress(address: String) throws {
        let error = #expect(throws: TTNClientError.self) {
            try RequestChannel(address: address, username: "meters", accessKey: "")
        }
        #expect(error?.reason == "invalid_argument")
    }
}

extension TTNClientError {
    fileprivate var limit: Duration? { if case .timedOut(_, let limit) = self { limit } else { nil } }
}
