// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import Observability
import RANClient
import Synchronization
import TestSupport
import Testing

/// Calls that fail, wait, meet many others or are given up.
@Suite(.timeLimit(.minutes(5)))
struct HTTPRetryTests: HTTPSuite {
    let requests = Events<PeerConnection.Request>()
    let metrics = MetricRegistry()

    @Test("a call is tried again after a 500, a broken connection and a time-out")
    func retries() async throws {
        let peer = Peer { connection, number in
            _ = try connection.request()
            switch number {
            case 1: try connection.respond(500, "oops")
            case 2: return
            case 3: try connection.waitForEnd()
            default: try connection.respond(200, #"{"deleted":5}"#)
            }
        }
        let client = try client(peer, attempts: 5, request: .seconds(1) * Patience.factor)
        #expect(try await client.routingTable.deleteAll() == 5)
        #expect(metrics.counter("ran_http_retries_total", ("coverage", "test")).value == 3)
    }

    @Test("any number of calls at once share few connections, and one that waits its turn can be cancelled")
    func manyCalls() async throws {
        let gate = BoundedQueue<Int>(capacity: 1024)
        let connections = TurnCounter()
        let atOnce = Atomic<Int>(0)
        let mostAtOnce = Atomic<Int>(0)
        let peer = Peer { [requests] connection, _ in
            let isHeld = connections.next() < 16
            mostAtOnce.max(atOnce.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
            defer { atOnce.subtract(1, ordering: .relaxed) }
            while true {
                requests.add(try connection.request())
                var leave: [Int] = []
                if isHeld { _ = gate.drain(into: &leave) }
                try connection.respond(200, #"{"deleted":1}"#)
                gate.push(1)
            }
        }
        // Before the peer goes, which waits for its scripts: they end with the test, however it ends.
        defer { gate.close() }
        let client = try client(peer)
        let held = (0..<16).map { _ in Task { try await client.routingTable.deleteAll() } }
        for _ in 0..<16 { _ = await requests.next() }
        let waiting = Task { await APICall.all[0].error(client) }
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        gate.push(1)
        for call in held { #expect(try await call.value == 1) }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<300 { group.addTask { try await client.routingTable.deleteAll() } }
            for try await deleted in group { #expect(deleted == 1) }
        }
        // One that the client has closed may not have ended here yet.
        #expect(mostAtOnce.load(ordering: .relaxed) <= 20)
        #expect(connections.next() < 100)
    }

    @Test("a server that asks to be left alone for a while gets it, up to the options' bound")
    func retryAfter() async throws {
        let turn = TurnCounter()
        let peer = Peer { connection, _ in
            while true {
                _ = try connection.request()
                if turn.next() == 0 {
                    try connection.respond(429, "slow down", headers: ["Retry-After: 2"])
                } else {
                    try connection.respond(200, #"{"deleted":3}"#)
                }
            }
        }
        let start = MonotonicTime.now
        #expect(try await client(peer).routingTable.deleteAll() == 3)
        #expect(MonotonicTime.now.since(start) >= .seconds(2))
        let busy = self.peer([(429, "slow down")])
        let impatient = RANClient(
            endpoint: try endpoint(busy),
            retries: RetryOptions(
                attempts: 2,
                pauses: ReconnectPolicy(minimum: .milliseconds(1), maximum: .milliseconds(1)),
                longestRetryAfter: .zero,
            ),
        )
        guard case .refused(status: 429, _, _)? = await APICall.all[0].error(impatient) else {
            Issue.record("a 429 that goes on ends the call")
            return
        }
    }

    @Test("an insert whose first answer was lost is done when the table holds the same")
    func repeatedInsert() async throws {
        let exists = #"{"detail":{"error_code":"Device.AlreadyExists","error_description":"no"}}"#
        let peer = peer([(500, "lost"), (400, exists), (200, "[\(HTTPTests.device)]")])
        let table = try client(peer).routingTable
        let entry = try await table.insert(devEUI: HTTPTests.devEUI, joinEUI: HTTPTests.joinEUI, details: "roof")
        #expect(entry.details == "roof")
        // The same with other values is what it says.
        let other = self.peer([(500, "lost"), (400, exists), (200, "[\(HTTPTests.device)]")])
        await #expect {
            try await client(other).routingTable.insert(devEUI: HTTPTests.devEUI, joinEUI: HTTPTests.joinEUI)
        } throws: {
            if case RANError.deviceAlreadyExists = $0 { true } else { false }
        }
    }

    @Test("cancelling the task ends its call at once, and closing the client ends all")
    func cancelAndClose() async throws {
        let peer = Peer { [requests] connection, _ in
            requests.add(try connection.request())
            try connection.waitForEnd()
        }
        let client = try client(peer)
        let dropAll: @Sendable () async -> RANError? = {
            do throws(RANError) {
                try await client.routingTable.deleteAll()
                return nil
            } catch {
                return error
            }
        }
        let call = Task { await dropAll() }
        _ = await requests.next()
        call.cancel()
        #expect(await call.value == .cancelled)
        let other = Task { await dropAll() }
        _ = await requests.next()
        client.close()
        #expect(await other.value == .closed)
        await #expect(throws: RANError.closed) { try await client.routingTable.deleteAll() }
    }
}
