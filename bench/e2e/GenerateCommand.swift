// SPDX-License-Identifier: Apache-2.0
import Glibc
import Observability
import RANSimulator

/// `generate`: the RAN with a load, in a process of its own. Reads commands from standard input, answers each with one
/// line, and ends when the input does.
enum GenerateCommand {
    static let payload: [UInt8] = [1, 103, 1, 16, 2, 104, 100, 3, 0, 1, 7, 8]

    /// - Parameter arguments: the number of devices, of candidates, and the path of the shared times.
    static func run(_ arguments: [String]) async throws -> Int32 {
        guard arguments.count == 3, let devices = Int(arguments[0]), let candidates = Int(arguments[1]),
            let times = SharedTimes(path: arguments[2])
        else { return 2 }
        let plan = LoadPlan(deviceCount: devices, candidates: candidates, payload: payload)
        var configuration = SimulatorConfiguration(token: "bench")
        configuration.historyLimit = 0
        let logger = Logger(component: "generate", sink: LogSink(level: .error))
        let simulator = RANSimulator(configuration: configuration, logger: logger)
        let port = try simulator.start()
        try await simulator.subscribe(plan)
        answer("listening \(port)")
        while let line = readLine() {
            let words = line.split(separator: " ")
            switch words.first {
            case "load" where words.count == 5:
                guard let first = Int(words[1]), let count = Int(words[2]), let pace = Double(words[4]) else {
                    return 2
                }
                let outcome = try await simulator.load(
                    plan,
                    messages: first..<(first + count),
                    pace: words[3] == "window" ? .window(Int(pace)) : .rate(pace),
                    recorder: times,
                )
                answer("done \(outcome.sent) \(outcome.acked) \(outcome.refused)")
            case "downlinks":
                let report = await simulator.snapshot()
                let results = report.downstreamResults.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ",")
                answer("downlinks \(report.downstreamReceived) \(report.downstreamInvalid) \(results)")
            default: return 2
            }
        }
        simulator.stop()
        return 0
    }

    private static func answer(_ line: String) {
        print(line)
        fflush(nil)
    }
}
