// SPDX-License-Identifier: Apache-2.0
import Concurrency
import TestSupport
import Testing

@testable import MQTTShim

/// The parts of the client that need no broker.
@Suite struct StateTests {
    private func queued(_ token: UInt64, _ qos: MQTTQoS = .atLeastOnce) -> QueuedPublication {
        QueuedPublication(
            publication: MQTTPublication(token: token, topic: "t", payload: [], qos: qos),
            destination: .delegate,
        )
    }

    @Test("waits stay within their range, grow, and start over after a reset")
    func backoff() {
        var random = SeededGenerator(seed: 1)
        var backoff = Backoff(.seconds(1) ... .seconds(30))
        var ceilings: [Duration] = [.seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(30), .seconds(30)]
        ceilings += Array(repeating: .seconds(30), count: 100)
        for ceiling in ceilings {
            let wait = backoff.next(using: &random)
            #expect(wait >= .seconds(1) && wait <= ceiling)
        }
        backoff.reset()
        #expect(backoff.next(using: &random) <= .seconds(2))
    }

    @Test("the table knows when the library's next message id is still in use")
    func messageIDs() {
        var table = InflightTable()
        let now = MonotonicTime.now
        table.insert(queued(1), as: 1, at: now)
        #expect(table.nextIsFree)
        table.insert(queued(2), as: 65_535, at: now)
        #expect(!table.nextIsFree)
        #expect(table.remove(1)?.publication.token == 1)
        #expect(table.remove(1) == nil)
        #expect(table.nextIsFree)
    }

    @Test("what the library forgets with a connection comes back in order, the rest stays")
    func unwritten() {
        var table = InflightTable()
        let start = MonotonicTime(nanoseconds: 10)
        for (index, id) in [65_534, 65_535, 1, 2].enumerated() {
            table.insert(
                queued(UInt64(index), index == 1 ? .atLeastOnce : .atMostOnce),
                as: UInt16(id),
                at: MonotonicTime(nanoseconds: start.nanoseconds + Int64(index)),
            )
        }
        #expect(table.removeUnwritten().map(\.publication.token) == [0, 2, 3])
        #expect(table.count == 1)
    }

    @Test("the queue gives back in order what it is given, whatever is put back before it")
    func queue() {
        var queue = PublicationQueue()
        queue.append((0..<10_000).map { queued($0) })
        let first = (0..<6_000).compactMap { _ in queue.popFirst() }
        queue.putBack(Array(first.suffix(100)))
        queue.append([queued(10_000)])
        var tokens: [UInt64] = []
        while let next = queue.popFirst() { tokens.append(next.publication.token) }
        #expect(tokens == Array(5_900...10_000))
        #expect(queue.isEmpty)
    }

    @Test(
        "a packet's size is that of MQTT 5.0, 3.3",
        arguments: [
            (0, MQTTQoS.atMostOnce, 6), (0, .atLeastOnce, 8), (119, .atLeastOnce, 127), (120, .atLeastOnce, 128),
            (121, .atLeastOnce, 129), (122, .atLeastOnce, 131),
        ] as [(Int, MQTTQoS, Int)]
    )
    func packetSize(payload: Int, qos: MQTTQoS, bytes: Int) {
        let publication = MQTTPublication(
            token: 0,
            topic: "t",
            payload: Array(repeating: 0, count: payload),
            qos: qos,
        )
        #expect(publication.packetByteCount(.v5) == bytes)
    }
}
