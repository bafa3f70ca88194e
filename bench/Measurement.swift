// SPDX-License-Identifier: Apache-2.0
import Glibc

/// One measured value, over one or several rounds of the same work.
struct Measurement {
    let name: String
    /// Sorted.
    let rounds: [Double]
    /// `us` of CPU an operation where nothing else is said.
    var unit = "us"

    init(name: String, rounds: [Double]) {
        self.name = name
        self.rounds = rounds
    }

    /// Rounds in any order.
    init(_ name: String, rounds: [Double], _ unit: String) {
        self.name = name
        self.rounds = rounds.sorted()
        self.unit = unit
    }

    /// A value measured once.
    init(_ name: String, _ value: Double, _ unit: String) {
        self.name = name
        rounds = [value]
        self.unit = unit
    }

    /// Runs `body(count)` `rounds` times after one round to warm up; `prepare(count)` goes before each and is not measured.
    static func cpu(
        _ name: String,
        count: Int,
        rounds: Int = 7,
        prepare: (Int) -> Void = { _ in },
        _ body: (Int) throws -> Void,
    ) rethrows -> Measurement {
        prepare(max(1, count / 4))
        try body(max(1, count / 4))
        let samples = try (0..<rounds).map { _ in
            prepare(count)
            let start = processTime()
            try body(count)
            return Double(processTime() - start) / 1000 / Double(count)
        }
        return Measurement(name: name, rounds: samples.sorted())
    }

    var median: Double { rounds[rounds.count / 2] }

    /// How far the rounds lie apart.
    var range: Double { (rounds.last ?? 0) - (rounds.first ?? 0) }

    /// The same as a share of the median.
    var spread: Double { median > 0 ? range / median : 0 }

    private static func processTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
