// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANClient
import RANSimulator
import Testing

/// One HTTP call of the API.
struct APICall: Sendable, CustomTestStringConvertible {
    let path: String
    let make: @Sendable (RANClient) async throws(RANError) -> Void

    var testDescription: String { path }

    private static let devEUI = EUI64(rawValue: 0xFEDC_BA98_7654_3210)
    private static let joinEUI = EUI64(rawValue: 0x8000_0000_0000_0001)
    private static let address = DevAddr(rawValue: 0xFFED_8719)

    static let all: [APICall] = [
        APICall(path: "devices/select") { ran throws(RANError) in _ = try await ran.routingTable.select() },
        APICall(path: "devices/insert") { ran throws(RANError) in
            try await ran.routingTable.insert(devEUI: devEUI, joinEUI: joinEUI)
        },
        APICall(path: "devices/update") { ran throws(RANError) in
            try await ran.routingTable.update(devEUI: devEUI, joinEUI: joinEUI, activeDevAddr: address)
        },
        APICall(path: "devices/drop") { ran throws(RANError) in try await ran.routingTable.delete(devEUIs: [devEUI]) },
        APICall(path: "devices/drop-all") { ran throws(RANError) in try await ran.routingTable.deleteAll() },
        APICall(path: "multicast/multicast-groups/create") { ran throws(RANError) in
            try await ran.multicastGroups.create(name: "lamps", address: address)
        },
        APICall(path: "multicast/multicast-groups/update") { ran throws(RANError) in
            try await ran.multicastGroups.update(address: address, name: "x")
        },
        APICall(path: "multicast/multicast-groups/get") { ran throws(RANError) in
            _ = try await ran.multicastGroups.get()
        },
        APICall(path: "multicast/multicast-groups/delete") { ran throws(RANError) in
            try await ran.multicastGroups.delete(addresses: [address])
        },
        APICall(path: "multicast/multicast-groups/add-device") { ran throws(RANError) in
            try await ran.multicastGroups.addDevice(devEUI, to: address)
        },
        APICall(path: "multicast/multicast-groups/remove-device") { ran throws(RANError) in
            try await ran.multicastGroups.removeDevice(devEUI, from: address)
        },
    ]

    /// The error of one attempt; nil when it succeeded.
    func error(_ client: RANClient) async -> RANError? {
        do throws(RANError) {
            try await make(client)
            return nil
        } catch {
            return error
        }
    }
}

/// What can happen to any call, for each of them, over real sockets.
@Suite(.timeLimit(.minutes(5)))
struct EveryCallTests {
    private func client(_ ran: Simulated, token: String = Simulated.token, timeout: Duration = .seconds(30)) throws
        -> RANClient
    {
        RANClient(
            endpoint: try RANEndpoint(url: ran.endpoint.url, token: RANToken(token), requestTimeout: timeout),
            retries: RetryOptions(attempts: 1),
        )
    }

    @Test(
        "a wrong token, a failing server, a silent one and one that is gone come as their errors",
        arguments: APICall.all
    )
    func failures(call: APICall) async throws {
        try await Simulated.with { ran async throws in
            let stranger = try client(ran, token: "str4nger")
            let unauthorized = try #require(await call.error(stranger))
            #expect(unauthorized.reason == "unauthorized")
            #expect("\(unauthorized)".contains(call.path))
            #expect(!"\(unauthorized)".contains("str4nger"))

            let single = try client(ran)
            try await ran.simulator.inject(.httpStatus(503, count: 1))
            let failed = try #require(await call.error(single))
            #expect(failed.reason == "server_error")
            #expect("\(failed)".contains("out of order"))
            #expect(failed.isTransient)
            try await ran.simulator.inject(.httpStatus(418, count: 1))
            let refused = try #require(await call.error(single))
            #expect(refused.reason == "refused")
            #expect(!refused.isTransient)

            try await ran.simulator.inject(.slow(.seconds(60)))
            let silent = try #require(await call.error(client(ran, timeout: .milliseconds(50))))
            #expect(silent.reason == "timed_out")
            #expect("\(silent)".contains(call.path))

            let waiting = Task { await call.error(single) }
            waiting.cancel()
            #expect(await waiting.value == .cancelled)

            ran.simulator.stop()
            #expect(await call.error(single)?.reason == "transport")
            single.close()
            #expect(await call.error(single) == .closed)
        }
    }

    @Test("what the server finds wrong with a group's parameters comes as its documented error")
    func groupErrors() async throws {
        try await Simulated.with { ran async throws in
            let groups = ran.client.multicastGroups
            let (first, second) = (DevAddr(rawValue: 1), DevAddr(rawValue: 2))
            let devEUI = EUI64(rawValue: 0xFEDC_BA98_7654_3210)
            try await groups.create(name: "a", address: first)
            try await groups.create(name: "b", address: second)
            await #expect {
                try await groups.update(address: first, newAddress: second)
            } throws: {
                ($0 as? RANError)?.reason == "multicast_group_already_exists"
            }
            try await ran.client.routingTable.insert(devEUI: devEUI, devAddr: first)
            await #expect {
                try await groups.addDevice(devEUI, to: DevAddr(rawValue: 3))
            } throws: {
                ($0 as? RANError)?.reason == "multicast_group_not_found"
            }
            #expect(try await groups.get(addresses: [second, DevAddr(rawValue: 3)]).map(\.name) == ["b"])
            #expect(try await groups.delete(addresses: [first, second, DevAddr(rawValue: 3)]) == 2)
        }
    }

    @Test("a base URL under which there is no API is an unknown error that carries the server's words")
    func unknownCall() async throws {
        try await Simulated.with { ran async throws in
            let url = ran.endpoint.url.replacing("/api/v1.0", with: "/api/v9")
            let lost = RANClient(endpoint: try RANEndpoint(url: url, token: RANToken(Simulated.token)))
            for call in APICall.all {
                guard case .refused(404, code: "Unknown", let text)? = await call.error(lost) else {
                    Issue.record("\(call.path) was not refused")
                    continue
                }
                #expect(text.contains("There is no such call"))
            }
        }
    }
}
