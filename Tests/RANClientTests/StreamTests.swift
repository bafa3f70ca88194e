// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import LoRaWAN
import Observability
import RANClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct StreamTests {
    private let frames = Events<PeerConnection.Frame>()
    private let window = TransmissionWindow(
        frequency: 868_300_000,
        modulation: .lora(spreading: 12, bandwidth: 125_000),
        timing: .now,
    )

    private func client(_ peer: Peer, metrics: MetricRegistry = MetricRegistry()) throws -> RANClient {
        RANClient(endpoint: try endpoint(peer), name: "test", metrics: metrics)
    }

    @Test("a loop that falls behind makes the sockets rest, and every message arrives once")
    func backPressure() async throws {
        let count = 20_000
        let metrics = MetricRegistry()
        let peer = Peer { connection, number in
            try connection.acceptWebSocket()
            // Larger together than all the buffers on the way.
            let padding = String(repeating: " ", count: 1000)
            for index in 0..<count where index % 2 == number - 1 {
                try connection.send(upstreamJSON(transactionID: UInt64(index + 1)) + padding)
            }
            try connection.waitForEnd()
        }
        let client = try client(peer, metrics: metrics)
        let received = metrics.counter("ran_upstream_messages_total", ("coverage", "test"))
        try await client.withUpstream(connections: 2, capacity: 100) { upstream in
            try await upstream.waitUntilConnected()
            var seen: Set<UInt64> = []
            for await delivery in upstream {
                #expect(seen.insert(delivery.message.transactionID).inserted)
                // Two rounds of reading may come on top of the capacity.
                #expect(received.value <= UInt64(seen.count + 100 + 2 * 256))
                if seen.count == count { break }
            }
        }
    }

    @Test("an answer of a delivery goes back, and cancelling the task ends the loop")
    func answerAndCancel() async throws {
        let peer = Peer { [frames] connection, _ in
            try connection.acceptWebSocket()
            try connection.send(upstreamJSON())
            while true { frames.add(try connection.frame()) }
        }
        let client = try client(peer)
        let loop = Task {
            await client.withUpstream { upstream in
                for await delivery in upstream {
                    delivery.ack(devEUI: delivery.message.devEUIs[0], mic: delivery.message.micChallenge[1])
                }
            }
        }
        #expect(await frames.next().document?["MIC"] == 7)
        loop.cancel()
        await loop.value
    }

    @Test("a wrong token ends the wait for a connection")
    func unauthorized() async throws {
        let peer = Peer { connection, _ in
            _ = try connection.request()
            try connection.respond(401, "")
        }
        let client = try client(peer)
        await client.withUpstream { upstream in
            do throws(RANError) {
                try await upstream.waitUntilConnected()
                Issue.record("a 401 is no connection")
            } catch {
                #expect(error.reason == "unauthorized")
            }
        }
    }

    @Test("sendAndWait brings ack and result together, whatever their order between requests")
    func sendAndWait() async throws {
        let peer = Peer { connection, _ in
            try connection.acceptWebSocket()
            var ids: [UInt64] = []
            for _ in 0..<3 {
                ids.append(try connection.frame().document?["TransactionID"]?.unsignedNumber ?? 0)
            }
            for id in ids { try connection.send(#"{"TransactionID":\#(id),"MailboxID":\#(id - 1)}"#) }
            for id in ids.reversed() {
                try connection.send(
                    #"{"TransactionID":\#(id),"MailboxID":1,"ResultCode":"TooLate","ResultMessage":"m"}"#
                )
            }
            try connection.waitForEnd()
        }
        let client = try client(peer)
        try await client.withDownstream { downstream in
            try await downstream.waitUntilConnected()
            try await withThrowingTaskGroup(of: DownstreamOutcome.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await downstream.sendAndWait(
                            to: .device(EUI64(rawValue: 1)),
                            window: window,
                            payload: [1],
                        )
                    }
                }
                var ids: Set<UInt64> = []
                for try await outcome in group {
                    #expect(outcome.mailboxID == outcome.transactionID - 1)
                    #expect(outcome.result == .single(code: .tooLate, message: "m"))
                    #expect(!outcome.isSuccess)
                    ids.insert(outcome.transactionID)
                }
                #expect(ids.count == 3)
            }
        }
    }

    @Test("a task that waits is ended by a cancellation, a broken connection and a stop, each with its error")
    func waitEnds() async throws {
        let peer = Peer { [frames] connection, number in
            try connection.acceptWebSocket()
            frames.add(try connection.frame())
            if number == 2 { return }
            frames.add(try connection.frame())
            if number == 1 { return }
            try connection.waitForEnd()
        }
        let client = try client(peer)
        func wait(on downstream: DownstreamStream) -> Task<RANError?, Never> {
            Task {
                do throws(RANError) {
                    _ = try await downstream.sendAndWait(to: .device(EUI64(rawValue: 1)), window: window, payload: [1])
                    return nil
                } catch {
                    return error
                }
            }
        }
        var options = DownstreamOptions()
        options.stream = .quick
        let downstream = client.openDownstream(options: options)
        try await downstream.waitUntilConnected()
        let cancelled = wait(on: downstream)
        _ = await frames.next()
        cancelled.cancel()
        #expect(await cancelled.value == .cancelled)
        let broken = wait(on: downstream)
        _ = await frames.next()
        #expect(await broken.value?.reason == "connection_lost")
        downstream.stop()
        await downstream.waitUntilStopped()

        let stopped = client.openDownstream(options: options)
        try await stopped.waitUntilConnected()
        let waiting = wait(on: stopped)
        _ = await frames.next()
        stopped.stop()
        #expect(await waiting.value?.isTransient != nil)
    }

    @Test("events nobody waits for come through the sequence, those before the loop included")
    func events() async throws {
        let peer = Peer { connection, _ in
            try connection.acceptWebSocket()
            for _ in 0..<2 {
                let id = try connection.frame().document?["TransactionID"]?.unsignedNumber ?? 0
                try connection.send(
                    #"{"TransactionID":\#(id),"MailboxID":1,"ResultCode":"Success","ResultMessage":""}"#
                )
            }
            try connection.waitForEnd()
        }
        let client = try client(peer)
        try await client.withDownstream { downstream in
            try await downstream.waitUntilConnected()
            let requests = (0..<2).map { _ in
                DownstreamRequest(
                    transactionID: downstream.nextTransactionID(),
                    target: .device(EUI64(rawValue: 1)),
                    window: window,
                    payload: [1],
                )
            }
            try downstream.send(requests)
            var seen: [DownstreamEvent] = []
            for await event in downstream {
                seen.append(event)
                if seen.count == 2 { break }
            }
            #expect(
                seen == requests.map { .result(transactionID: $0.transactionID, code: .success, message: "") }
            )
        }
    }
}
