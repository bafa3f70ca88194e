// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Where the bridge's time goes under full load, as `perf` sees it: a table of threads and one of functions.
enum Profile {
    /// - Parameter rate: uplinks a second; without it as many as go through.
    static func run(candidates: Int, rate: Double? = nil) throws {
        let stack = try Stack(Stack.Setup(candidates: candidates))
        defer { stack.stop() }
        let window = candidates > 100 ? 1500 : 10_000
        let warm = try stack.load(candidates > 100 ? 2000 : 20_000, window: window)
        let data = "\(stack.directory)/perf.data"
        let pids = stack.bridge.tree.pids.map { "\($0)" }.joined(separator: ",")
        let perf = try Child(
            "perf",
            ["record", "-q", "-e", "cpu-clock", "-F", "997", "-g", "-p", pids, "-o", data, "--", "sleep", "6"],
            log: "\(stack.directory)/perf.log",
        )
        usleep(300_000)
        let load =
            if let rate {
                try stack.load(Int(rate * 8), rate: rate)
            } else {
                try stack.load(max(2000, Int(warm.rate * 8)), window: window)
            }
        perf.wait()
        print("bridge CPU an uplink at \(candidates) candidates: \(load.cpu[0]) us, \(Int(load.rate)) uplinks/s")
        let (toAck, toSubscriber) = (load.toAck, load.toSubscriber)
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let beyond = toSubscriber.percentile(share) - Double(stack.setup.mergeWindow)
            print(
                "\(name): \(toAck.percentile(share)) ms to the RAN's ack, \(beyond) to the subscriber beyond the window"
            )
        }
        try report(data, stack)
    }

    /// Where the time of a start with that many devices goes.
    static func start(devices: Int) throws {
        let stack = try Stack(Stack.Setup(devices: devices))
        defer { stack.stop() }
        let data = "\(stack.directory)/perf.data"
        try stack.profileStart(into: data)
        try report(data, stack)
    }

    private static func report(_ data: String, _ stack: Stack) throws {
        for sort in ["comm", "comm,dso", "symbol"] {
            let report = try Child(
                "perf",
                ["report", "-i", data, "--no-children", "-g", "none", "--percent-limit", "0.5", "--sort", sort],
                log: "\(stack.directory)/report.log",
            )
            report.wait()
            let lines = report.logText.split(separator: "\n").filter { !$0.hasPrefix("#") && $0.contains("%") }
            guard !lines.isEmpty else { throw Child.Failure(description: "perf: \(report.logText)") }
            print("\nby \(sort):\n" + lines.prefix(70).joined(separator: "\n"))
            unlink("\(stack.directory)/report.log")
        }
    }
}
