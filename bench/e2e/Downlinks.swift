// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN

/// Requests on MQTT that become frames of class C devices: how many a second reach the RAN, and what each costs.
enum Downlinks {
    static func measure() throws -> [Measurement] {
        let devices = 5000
        let count = 20_000
        let stack = try Stack(Stack.Setup(devices: devices, deviceClass: .c))
        defer { stack.stop() }
        // Every device is heard once, so that it has a session and its first words are said.
        _ = try stack.load(devices, window: 2000)
        let earlier = try received(stack)
        let before = stack.bridge.tree.cpu
        let start = monotonicNanoseconds()
        let publisher = try Child(
            Stack.program,
            [
                "publish", "\(stack.brokerPort)", "\(count)", "100",
                #"{"port":10,"payload_raw":"AQIDBA==","schedule":"last"}"#, "bench/devices/d", "/down", "\(devices)",
            ],
            log: "\(stack.directory)/publisher.log",
            talks: true,
        )
        var last = (count: earlier, moment: start)
        while last.count < earlier + count, monotonicNanoseconds() < last.moment + 10_000_000_000 {
            usleep(20_000)
            let now = try received(stack)
            if now > last.count { last = (now, monotonicNanoseconds()) }
        }
        _ = try publisher.hear()
        publisher.stop()
        let sent = last.count - earlier
        if sent < count { print("downlinks: of \(count) requests \(sent) reached the RAN") }
        let cpu = (stack.bridge.tree.cpu - before) / Double(max(1, sent))
        return [
            Measurement(
                "downlinks: requests that reach the RAN",
                Double(sent) / (Double(last.moment - start) / 1e9),
                "/s"
            ),
            Measurement("downlinks: bridge CPU a downlink", cpu, "us"),
        ]
    }

    private static func received(_ stack: Stack) throws -> Int {
        stack.generator.say("downlinks")
        let words = try stack.generator.hear()
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }
}
