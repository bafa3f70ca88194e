// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Runs the parts asked for, prints their table and keeps the results when told so.
enum Bench {
    private static let parts: [(name: String, measure: @Sendable () throws -> [Measurement])] = [
        (
            "stages",
            {
                try AirStages.measure() + NetworkServerStages.measure() + MessageStages.measure()
                    + StoreStages.measure()
            }
        ),
        ("ran", { try RANStages.measure() }),
        ("codec", { try CodecStages.measure() }),
        ("e2e", { try EndToEnd.measure() }),
        ("downlinks", { try Downlinks.measure() }),
        ("requests", { try Requests.measure() }),
        ("growth", { try Growth.measure() }),
        ("memory", { try NetworkServerStages.memory() }),
    ]

    /// - Parameter arguments: the path of the results, `--save`, and the names of parts; without any all of them run.
    ///   Numbers are fleets to measure growth with.
    static func run(_ arguments: [String]) throws -> Int32 {
        let named = parts.filter { part in arguments.contains(part.name) }
        let unknown = arguments.first { word in
            word != "--save" && !word.hasSuffix(".json") && Int(word) == nil && !named.contains { $0.name == word }
        }
        if let unknown {
            let names = parts.map(\.name).joined(separator: ", ")
            throw Child.Failure(description: "\(unknown) is no part: \(names) are")
        }
        let sizes = arguments.compactMap { Int($0) }
        let results = arguments.first { $0.hasSuffix(".json") } ?? "bench/results.json"
        let old = Report.read(results)
        var measurements: [Measurement] = []
        for part in named.isEmpty ? parts : named {
            // For those who look while it runs.
            defer { fflush(nil) }
            measurements += try part.name == "growth" && !sizes.isEmpty ? Growth.measure(sizes) : part.measure()
        }
        let report = Report(measurements: measurements)
        report.print(against: old)
        if arguments.contains("--save"), let file = fopen(results, "w") {
            fputs(report.json(keeping: old), file)
            fclose(file)
        }
        return 0
    }
}
