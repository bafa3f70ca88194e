// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Uplinks through the real thing: generator, bridge, SQLite on disk, mosquitto, subscriber, and the ceilings of the same
/// machine in the same run.
enum EndToEnd {
    static func measure() throws -> [Measurement] {
        let ceilings = try self.ceilings()
        return try ceilings + uplinks(candidates: 2, window: 10_000, warm: 20_000, ceiling: ceilings.first)
            + uplinks(candidates: 4096, window: 1500, warm: 10_000, ceiling: nil)
    }

    private static func uplinks(candidates: Int, window: Int, warm: Int, ceiling: Measurement?) throws -> [Measurement]
    {
        let stack = try Stack(Stack.Setup(candidates: candidates))
        defer { stack.stop() }
        let name = "e2e \(candidates)"
        // Whatever a fresh session has to say to its device is said in the warm-up, and the decoder compiled.
        let first = try stack.load(warm, window: window)
        let count = max(warm, Int(first.rate * 2))
        let full = try (0..<3).map { _ in try stack.load(count, window: window) }
        for load in full { complain(load, name) }
        let rate = Measurement("\(name): sustained uplinks", rounds: full.map(\.rate), "/s")
        let capacity = rate.median
        func cpu(_ process: String, _ index: Int) -> Measurement {
            Measurement("\(name): \(process) CPU an uplink", rounds: full.map { $0.cpu[index] }, "us")
        }
        var measurements = [
            rate, cpu("bridge", 0), cpu("mosquitto", 1), cpu("generator", 2), cpu("subscriber", 3),
        ]
        if let ceiling, ceiling.median > 0 {
            measurements.append(
                Measurement("\(name): share of the libmosquitto ceiling", 100 * capacity / ceiling.median, "%")
            )
        }
        for share in [10, 50, 90] {
            let rate = capacity * Double(share) / 100
            let load = try stack.load(max(500, Int(rate * 4)), rate: rate)
            complain(load, "\(name) at \(share) %")
            let (toAck, toSubscriber) = (load.toAck, load.toSubscriber)
            for (word, quantile) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
                measurements.append(
                    Measurement("\(name): \(share) % load, \(word) to RAN ack", toAck.percentile(quantile), "ms")
                )
                let beyond = toSubscriber.percentile(quantile) - Double(stack.setup.mergeWindow)
                measurements.append(
                    Measurement("\(name): \(share) % load, \(word) to subscriber - window", beyond, "ms")
                )
            }
            measurements.append(Measurement("\(name): \(share) % load, bridge CPU an uplink", load.cpu[0], "us"))
        }
        return measurements
    }

    /// Bare libmosquitto against the same broker and subscriber, and the store's group commits alone.
    private static func ceilings() throws -> [Measurement] {
        let stack = try Stack(Stack.Setup(devices: 1000, candidates: 2))
        defer { stack.stop() }
        let publisher = try Child(
            Stack.program,
            ["publish", "\(stack.brokerPort)", "100000", "100", message, "bench/ceiling/d", "/up", "1000"],
            log: "\(stack.directory)/bridge.log",
            talks: true,
        )
        let words = try publisher.hear()
        publisher.stop()
        guard words.count == 3, let rate = Double(words[1]), let cpu = Double(words[2]) else { return [] }
        let commits = try StoreStages.groupCommits()
        return [
            Measurement("ceiling: libmosquitto QoS 1 publishes", rate, "/s"),
            Measurement("ceiling: libmosquitto CPU a publish", cpu, "us"),
            Measurement("ceiling: uplinks in SQLite commits of 256", commits, "/s"),
        ]
    }

    private static func complain(_ load: Load, _ name: String) {
        if load.missing > 0 || load.refused > 0 || load.acked != load.messages.count {
            print(
                "\(name): of \(load.messages.count) messages \(load.acked) were acked, \(load.refused) refused, \(load.missing) never published"
            )
        }
    }

    /// As long as the bridge's own message of that uplink.
    private static let message = """
        {"app_id":"bench","dev_id":"d123","hardware_serial":"70B3D57ED100007B","port":1,"counter":70041,\
        "payload_raw":"AWcBEAJoZAMAAQcI","payload_fields":{"temperature":27.2,"humidity":50,"state":7},"metadata":{\
        "time":"2026-11-21T07:00:00.123456789Z","frequency":868.3,"modulation":"LORA","data_rate":"SF7BW125",\
        "airtime":61696000,"coding_rate":"4/5","gateways":[{"gtw_id":"bench","timestamp":123456789,\
        "time":"2026-11-21T07:00:00.123456789Z","channel":0,"rssi":-97,"snr":7.5}]}}
        """
}
