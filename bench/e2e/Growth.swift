// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What more devices cost: memory, cold start, CPU an uplink.
enum Growth {
    static func measure(_ sizes: [Int] = [1000, 10_000, 100_000, 1_000_000]) throws -> [Measurement] {
        var empty: Int?
        var measurements: [Measurement] = []
        for size in sizes {
            let stack = try Stack(Stack.Setup(devices: size))
            defer { stack.stop() }
            // The bridge starts anew with devices that have a session stored, up to 100,000 of them.
            let count = min(max(size, 20_000), 100_000)
            _ = try stack.load(count, window: 10_000)
            try stack.restartBridge()
            let memory = stack.bridge.tree.rootMemory
            let load = try stack.load(50_000, window: 10_000)
            let name = "growth: \(size) devices"
            print("\(name): \(load.rate) uplinks/s, ready after \(stack.coldStart) s")
            measurements += [
                Measurement("\(name), start to ready", stack.coldStart, "s"),
                Measurement("\(name), memory when ready", Double(memory) / 1048576, "MiB"),
                Measurement("\(name), bridge CPU an uplink", load.cpu[0], "us"),
                Measurement("\(name), sustained uplinks", load.rate, "/s"),
            ]
            if let empty {
                let each = Double(memory - empty) / Double(size - sizes[0])
                measurements.append(Measurement("\(name), memory a device beyond \(sizes[0])", each, "octets"))
            } else {
                empty = memory
            }
        }
        return measurements
    }
}
