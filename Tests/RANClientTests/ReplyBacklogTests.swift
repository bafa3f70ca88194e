// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import Observability
import RANClient
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ReplyBacklogTests {
    @Test("while a peer takes no answers, only so many of its messages are read that their answers fit the bound")
    func bound() async throws {
        let count = 1500
        let limit = 100
        let gate = BoundedQueue<Int>(capacity: 1)
        let answered = Events<Int>()
        let peer = Peer { connection, _ in
            try connection.acceptWebSocket()
            // Small enough for the buffers of the system, which its answers are not.
            for number in 1...count { try connection.send(upstreamJSON(transactionID: UInt64(number))) }
            var open: [Int] = []
            _ = gate.drain(into: &open)
            for number in 1...count {
                guard try connection.frame().document?["TransactionID"]?.wholeNumber == Int64(number) else { return }
            }
            answered.add(count)
            try connection.waitForEnd()
        }
        // Before the peer goes, which waits for its scripts: one may be waiting for the gate.
        defer { gate.close() }
        let metrics = MetricRegistry()
        let written = metrics.counter("ran_upstream_rejects_total", ("coverage", "test"))
        let mostWaiting = Atomic<Int>(0)
        let handed = Atomic<Int>(0)
        let words = String(repeating: "x", count: 16_000)
        var options = StreamOptions()
        options.replyLimit = limit
        // The peer may take its time.
        options.pingInterval = .seconds(600)
        options.silenceLimit = .seconds(600)
        let backlogged = Events<Void>()
        let connection = UpstreamConnection(
            endpoint: try endpoint(peer),
            name: "test",
            coverage: "test",
            options: options,
            metrics: metrics,
            handler: { batch in
                batch.source.send(
                    batch.messages.map { .reject(transactionID: $0.transactionID, code: .other, message: words) }
                )
                let waiting = handed.add(batch.messages.count, ordering: .relaxed).newValue - Int(written.value)
                mostWaiting.max(waiting, ordering: .relaxed)
                if waiting >= limit { backlogged.add(()) }
            },
        )
        await backlogged.next()
        gate.close()
        #expect(await answered.next() == count)
        // Two rounds of reading may come on top: one fills what the socket takes, one what waits behind it.
        #expect(mostWaiting.load(ordering: .relaxed) <= limit + 2 * 256)
        connection.stop()
    }
}
