// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What more devices cost: memory, cold start, CPU an uplink.
enum Growth {
    static func measure(_ sizes: [Int] = [1000, 10_000, 100_000, 1_000_000]) throws -> [Measurement] {
        var smallest: Int?
        var measurements: [Measurement] = []
        for size in sizes {
            let stack = try Stack(Stack.Setup(devices: size))
            defer { stack.stop() }
            let first = stack.start
            // The bridge starts anew with devices that have a session stored, up to 100,000 of them.
            _ = try stack.load(min(max(size, 20_000), 100_000), window: 10_000)
            try stack.restartBridge()
            let start = stack.start
            let loads = try (0..<3).map { _ in try stack.load(50_000, window: 10_000) }
            let name = "growth: \(size) devices"
            print(
                "\(name): first start \(first), then \(start); bridge \(loads.map { $0.cpu[0] }) us an uplink"
            )
            measurements += [
                Measurement("\(name), start to serving", start.serving, "s"),
                Measurement("\(name), start to ready", start.ready, "s"),
                Measurement("\(name), memory when ready", Double(start.memory) / 1048576, "MiB"),
                Measurement("\(name), most memory until then", Double(start.peak) / 1048576, "MiB"),
                Measurement("\(name), bridge CPU an uplink", rounds: loads.map { $0.cpu[0] }, "us"),
                Measurement("\(name), sustained uplinks", rounds: loads.map(\.rate), "/s"),
            ]
            if let smallest {
                let each = Double(start.memory - smallest) / Double(size - sizes[0])
                measurements.append(Measurement("\(name), memory a device beyond \(sizes[0])", each, "octets"))
            } else {
                smallest = start.memory
            }
        }
        return measurements
    }
}
