// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What more devices cost: memory, cold start, CPU an uplink.
enum Growth {
    private static let rounds = 5

    /// - Parameter sizes: numbers of devices; each is compared with the first, whose stack goes on beside it.
    static func measure(_ sizes: [Int] = [1000, 10_000, 100_000, 1_000_000]) throws -> [Measurement] {
        guard let smallest = sizes.first else { return [] }
        let reference = try started(smallest)
        defer { reference.stop() }
        let loads = try (0..<rounds).map { _ in try load(reference) }
        var measurements = measurements(of: reference, loads: loads)
        for size in sizes.dropFirst() {
            let stack = try started(size)
            defer { stack.stop() }
            // The machine's pace changes from minute to minute: what is compared runs by turns.
            let pairs = try (0..<rounds).map { _ in (before: try load(reference), after: try load(stack)) }
            let costs = pairs.map { 100 * ($0.after.cpu[0] / $0.before.cpu[0] - 1) }
            let each = Double(stack.start.memory - reference.start.memory) / Double(size - smallest)
            measurements += self.measurements(of: stack, loads: pairs.map(\.after))
            measurements += [
                Measurement("growth: \(size) devices, memory a device beyond \(smallest)", each, "octets"),
                Measurement("growth: \(size) devices, cost of an uplink beyond \(smallest)", rounds: costs, "%"),
            ]
        }
        return measurements
    }

    /// The bridge has started anew with devices that have a session stored, up to 100,000 of them.
    private static func started(_ size: Int) throws -> Stack {
        let stack = try Stack(Stack.Setup(devices: size))
        let first = stack.start
        _ = try stack.load(min(max(size, 20_000), 100_000), window: 10_000)
        try stack.restartBridge()
        _ = try stack.load(20_000, window: 10_000)
        print("growth: \(size) devices: first start \(first), then \(stack.start)")
        return stack
    }

    private static func load(_ stack: Stack) throws -> Load { try stack.load(50_000, window: 10_000) }

    private static func measurements(of stack: Stack, loads: [Load]) -> [Measurement] {
        let name = "growth: \(stack.setup.devices) devices"
        print("\(name): bridge \(loads.map { $0.cpu[0] }) us an uplink")
        return [
            Measurement("\(name), start to serving", stack.start.serving, "s"),
            Measurement("\(name), start to ready", stack.start.ready, "s"),
            Measurement("\(name), memory when ready", Double(stack.start.memory) / 1048576, "MiB"),
            Measurement("\(name), most memory until then", Double(stack.start.peak) / 1048576, "MiB"),
            Measurement("\(name), bridge CPU an uplink", rounds: loads.map { $0.cpu[0] }, "us"),
            Measurement("\(name), sustained uplinks", rounds: loads.map(\.rate), "/s"),
        ]
    }
}
