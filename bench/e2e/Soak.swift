// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Half of what goes through, for a long time: whether memory or files grow, and whether a message is lost.
enum Soak {
    private static let rows = 60

    /// One part of the time.
    private struct Row {
        let memory: Int
        let workers: Int
        let database: Int
        let log: Int
    }

    /// Prints a row for each sixtieth of the time.
    ///
    /// - Returns: whether nothing was lost, and nothing needs more in the last third than in the second one: a tenth and a
    ///   MiB are for noise, the first third is for warming up.
    static func run(seconds: Int) throws -> Bool {
        let stack = try Stack(Stack.Setup())
        defer { stack.stop() }
        _ = try stack.load(20_000, window: 10_000)
        let capacity = try stack.load(100_000, window: 10_000).rate
        let rate = capacity / 2
        let part = max(1, Double(seconds) / Double(rows))
        print("\(Int(capacity)) uplinks/s go through; \(Int(rate)) are sent for \(seconds) s")
        print("     s  bridge KiB  workers KiB  database KiB     log KiB  us CPU  p99 ms  lost")
        let began = monotonicNanoseconds()
        var table: [Row] = []
        var lost = 0
        while monotonicNanoseconds() < began + Int64(seconds) * 1_000_000_000 {
            let load = try stack.load(Int(rate * part), rate: rate)
            let tree = stack.bridge.tree
            let row = Row(
                memory: tree.rootMemory >> 10,
                workers: (tree.memory - tree.rootMemory) >> 10,
                database: size("\(stack.directory)/bridge.db") >> 10,
                log: size("\(stack.directory)/bridge.db-wal") >> 10,
            )
            table.append(row)
            lost += load.missing
            let beyond = load.toSubscriber.percentile(0.99) - Double(stack.setup.mergeWindow)
            let columns = [
                (Int((monotonicNanoseconds() - began) / 1_000_000_000), 6), (row.memory, 12), (row.workers, 13),
                (row.database, 14), (row.log, 12), (Int(load.cpu[0]), 8), (Int(beyond), 8), (load.missing, 6),
            ]
            print(columns.map { right($0, $1) }.joined())
            fflush(nil)
        }
        var isFlat = true
        let third = table.count / 3
        let figures: [(String, (Row) -> Int)] = [
            ("bridge", \.memory), ("workers", \.workers), ("database", \.database), ("log", \.log),
        ]
        for (name, figure) in figures where third > 0 {
            let before = median(table[third..<2 * third].map(figure))
            let after = median(table[(2 * third)...].map(figure))
            let grows = Double(after) > Double(before) * 1.1 + 1024
            isFlat = isFlat && !grows
            print("\(name): \(before) KiB, then \(after) KiB\(grows ? ": it grows" : "")")
        }
        print("\(stack.nextMessage) uplinks, \(lost) lost, \(stack.times.repeatedCount) more than once")
        return isFlat && lost == 0
    }

    private static func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }

    private static func right(_ value: Int, _ width: Int) -> String {
        let text = "\(value)"
        return String(repeating: " ", count: max(1, width - text.utf8.count)) + text
    }

    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
