// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization
import TTNClient

/// Management requests while 1,000 uplinks a second flow: how long each waits for its answer, and how many are answered
/// one after the other and at once.
enum Requests {
    private typealias Request = @Sendable (ApplicationClient, Int) async throws -> Void

    private static let uplinkRate = 1000.0
    private static let seconds = 10.0

    static func measure() throws -> [Measurement] {
        let stack = try Stack(Stack.Setup())
        defer { stack.stop() }
        _ = try stack.load(5000, rate: uplinkRate)
        let client = try ApplicationClient(appID: "bench", accessKey: "", address: "127.0.0.1:\(stack.brokerPort)")
        let kinds: [(String, Request)] = [
            ("device", { client, number in _ = try await client.device("d\(number % 1000)") }),
            (
                "update_device",
                { client, number in
                    try await client.updateDevice("d\(number % 1000)", DeviceAttributes(description: "n \(number)"))
                }
            ),
        ]
        var measurements: [Measurement] = []
        for (name, request) in kinds {
            let delays = try besideUplinks(stack) { end in
                var delays: [Double] = []
                while monotonicNanoseconds() < end {
                    let start = monotonicNanoseconds()
                    try await request(client, delays.count)
                    delays.append(Double(monotonicNanoseconds() - start) / 1e6)
                    // Not in step with anything else.
                    try await Task.sleep(for: .microseconds(.random(in: 1000..<5000)))
                }
                return delays.sorted()
            }
            let rate = try besideUplinks(stack) { end in try await self.rate(of: request, client, until: end) }
            measurements += [
                Measurement("requests: \(name), p50", delays.percentile(0.5), "ms"),
                Measurement("requests: \(name), p99", delays.percentile(0.99), "ms"),
                Measurement("requests: \(name), 50 at once", rate, "/s"),
            ]
        }
        try blocking { await client.close() }
        return measurements
    }

    /// Uplinks flow for longer than `body` may ask: until the moment it is given, in nanoseconds.
    private static func besideUplinks<Result: Sendable>(
        _ stack: Stack,
        _ body: @escaping @Sendable (Int64) async throws -> Result,
    ) throws -> Result {
        var result: Result?
        let load = try stack.load(Int(uplinkRate * seconds), rate: uplinkRate) {
            result = try blocking { try await body(monotonicNanoseconds() + Int64((seconds - 1) * 1e9)) }
        }
        guard let result, load.missing == 0 else {
            throw Child.Failure(description: "\(load.missing) uplinks did not come out")
        }
        return result
    }

    /// Waits for something asynchronous. The thread stays: child processes die with the one that started them.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value
    {
        let result = Mutex<Result<Value, any Error>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        Task {
            do {
                let value = try await body()
                result.withLock { $0 = .success(value) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            isDone.signal()
        }
        isDone.wait()
        guard let result = result.withLock({ $0 }) else { throw Child.Failure(description: "nothing came back") }
        return try result.get()
    }

    /// Answers a second while 50 requests are under way.
    private static func rate(
        of request: @escaping Request,
        _ client: ApplicationClient,
        until end: Int64,
    ) async throws -> Double {
        let start = monotonicNanoseconds()
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
            for asker in 0..<50 {
                group.addTask {
                    var count = 0
                    while monotonicNanoseconds() < end {
                        try await request(client, 50 * count + asker)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(answered) / (Double(monotonicNanoseconds() - start) / 1e9)
    }
}
