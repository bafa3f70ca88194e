// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Synchronization

/// Calls that come in batches as fast as they are taken.
enum CallFlood {
    /// Microseconds a call on the wall clock, from the first to the last answer.
    ///
    /// - Parameter call: makes the call of an index.
    static func pace(_ codec: PayloadCodec, calls: Int, _ call: @escaping @Sendable (Int) -> DecodeCall) async -> Double
    {
        let began = MonotonicTime.now
        await run(codec, calls: calls, call)
        return microseconds(since: began) / Double(calls)
    }

    static func run(_ codec: PayloadCodec, calls: Int, _ call: @escaping @Sendable (Int) -> DecodeCall) async {
        let batch = 64
        let left = CallsLeft(calls)
        defer {
            let failures = left.failures.load(ordering: .relaxed)
            if failures > 1 { CommandOutput.complain("error: \(failures) of \(calls) calls failed") }
        }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            // Waits while a worker's queue is full, so it has a thread of its own.
            _ = NamedThread("bench") {
                for start in stride(from: 0, to: calls, by: batch) {
                    let these = (start..<min(calls, start + batch)).map(call)
                    codec.decode(these) { _, outcome in
                        if outcome.fieldsJSON == nil, left.noteFailure() == 1 {
                            let reason = outcome.failure.map { "\($0)" } ?? "it gave no fields"
                            CommandOutput.complain("error: a decoder of the benchmark failed: \(reason)")
                        }
                        if left.count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                            continuation.resume()
                        }
                    }
                }
            }
        }
    }

    static func microseconds(since began: MonotonicTime) -> Double {
        Double(MonotonicTime.now.since(began).wholeNanoseconds) / 1000
    }
}

/// Calls without an answer.
private final class CallsLeft: Sendable {
    let count: Atomic<Int>
    let failures = Atomic<Int>(0)

    /// How many failed until now.
    func noteFailure() -> Int { failures.add(1, ordering: .relaxed).newValue }

    init(_ count: Int) {
        self.count = Atomic(count)
    }
}
