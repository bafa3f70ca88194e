// SPDX-License-Identifier: Apache-2.0
import Concurrency
import LoRaWAN
import TestSupport
import Testing

@testable import RANClient

/// What needs no socket.
struct PartsTests {
    @Test("pauses double from the minimum to the maximum, never leave them, differ, and start over")
    func backoff() {
        var random = SeededGenerator(seed: 1)
        var firsts: Set<Duration> = []
        for _ in 0..<50 {
            var backoff = Backoff(ReconnectPolicy())
            let pauses = (0..<8).map { _ in backoff.next(using: &random) }
            for (pause, ceiling) in zip(pauses, [2, 4, 8, 16, 30, 30, 30, 30]) {
                #expect(pause >= .seconds(max(1, Double(ceiling) / 2)))
                #expect(pause <= .seconds(ceiling))
            }
            backoff.reset()
            #expect(backoff.next(using: &random) <= .seconds(2))
            firsts.insert(pauses[0])
        }
        #expect(firsts.count > 10)
    }

    @Test(
        "times of the RAN are read with and without a fraction, and nothing else is",
        arguments: [
            ("2022-05-30T10:06:44.726471", 1_653_905_204_726_471_000),
            ("2022-05-30T10:06:44", 1_653_905_204_000_000_000),
            ("1970-01-01T00:00:00Z", 0), ("2024-02-29T23:59:59.5+00:00", 1_709_251_199_500_000_000),
            ("2000-03-01 00:00:00.000000001", 951_868_800_000_000_001),
        ] as [(String, Int64)]
    )
    func times(text: String, nanoseconds: Int64) {
        #expect(UnixTime(ran: text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "a text that is no time is refused",
        arguments: [
            "", "2022-05-30", "2022-13-30T10:06:44", "2022-05-30T25:06:44", "2022-05-30T10:06:44.",
            "2022-05-30T10:06:4x",
        ]
    )
    func badTimes(text: String) {
        #expect(UnixTime(ran: text) == nil)
    }

    @Test("a close frame's code and words are read, also when there are none")
    func closeFrames() {
        #expect(CloseFrame([]).code == nil)
        #expect(CloseFrame([]).answer == [])
        let frame = CloseFrame([0x03, 0xF3] + Array("später".utf8))
        #expect(frame.code == 1011)
        #expect(frame.reason == "später")
        #expect(frame.answer == [0x03, 0xF3])
    }

    @Test("transaction numbers are unique from many threads and above those of an earlier start")
    func transactions() async {
        let counter = TransactionCounter()
        let numbers = await withTaskGroup { group in
            for _ in 0..<4 { group.addTask { (0..<1000).map { _ in counter.next() } } }
            return await group.reduce(into: Set()) { $0.formUnion($1) }
        }
        #expect(numbers.count == 4000)
        #expect(numbers.allSatisfy { $0 > 1_600_000_000_000_000 })
        #expect(TransactionCounter(after: 41).next() == 42)
    }

    @Test("every reason is a lower case word of its own")
    func reasons() {
        let errors: [RANError] = [
            .invalidParameter(name: "a", problem: "b"), .unsupportedLibrary("said"), .closed, .cancelled,
            .overloaded(limit: 1), .unauthorized("said"), .validationFailed("said", problems: []),
            .deviceAlreadyExists("said"),
            .deviceLimitExhausted("said"), .deviceNotFound("said"), .multicastGroupAlreadyExists("said"),
            .multicastGroupNotFound("said"), .multicastGroupAlreadyContainsDevice("said"),
            .refused(status: 400, code: nil, "said"), .refused(status: 500, code: nil, "said"),
            .handshakeRefused(status: 500, "said"), .notConnected, .transport(code: 1, "said"), .tls("said"),
            .timedOut("said"),
            .closedByPeer(code: nil, "said"), .connectionLost("said"), .silent(.seconds(30)),
            .protocolViolation("said"),
        ]
        #expect(Set(errors.map(\.reason)).count == errors.count)
        for error in errors {
            #expect(error.reason.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F })
            #expect(!error.description.isEmpty)
        }
    }
}
