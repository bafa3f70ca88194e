// SPDX-License-Identifier: Apache-2.0
import CMosquitto
import Glibc
import Synchronization

/// `publish`: the ceiling. Bare libmosquitto publishes messages like the bridge's at QoS 1, as many under way as the bridge
/// has, and nothing else.
enum PublishCommand {
    /// - Parameter arguments: the broker's port, the number of messages, how many may be under way, the payload, what
    ///   stands before and behind a device's number in the topic, and the number of devices.
    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 7, let port = Int32(arguments[0]), let count = Int(arguments[1]),
            let limit = Int(arguments[2]), let devices = Int(arguments[6])
        else { return 2 }
        mosquitto_lib_init()
        let acknowledged = Acknowledged()
        guard let client = mosquitto_new(nil, true, Unmanaged.passUnretained(acknowledged).toOpaque()) else { return 1 }
        mosquitto_publish_callback_set(client, onPublish)
        mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, Int32(limit))
        guard mosquitto_connect(client, "127.0.0.1", port, 60) == 0, mosquitto_loop_start(client) == 0 else { return 1 }
        let payload = Array(arguments[3].utf8)
        let start = monotonicNanoseconds()
        let before = processNanoseconds()
        for number in 0..<count {
            acknowledged.wait(for: number - limit + 1)
            let topic = "\(arguments[4])\(number % devices)\(arguments[5])"
            guard mosquitto_publish(client, nil, topic, Int32(payload.count), payload, 1, false) == 0 else { return 1 }
        }
        acknowledged.wait(for: count)
        let seconds = Double(monotonicNanoseconds() - start) / 1e9
        let cpu = Double(processNanoseconds() - before) / 1000 / Double(count)
        print("published \(Double(count) / seconds) \(cpu)")
        mosquitto_disconnect(client)
        mosquitto_loop_stop(client, false)
        mosquitto_destroy(client)
        return 0
    }

    private static func processNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Counts PUBACKs; the publisher sleeps in steps of 50 us while too many are missing.
private final class Acknowledged: Sendable {
    private let count = Atomic<Int>(0)

    func add() { count.add(1, ordering: .relaxed) }

    func wait(for number: Int) {
        while count.load(ordering: .relaxed) < number { usleep(50) }
    }
}

private func onPublish(_: OpaquePointer?, _ user: UnsafeMutableRawPointer?, _: Int32) {
    guard let user else { return }
    Unmanaged<Acknowledged>.fromOpaque(user).takeUnretainedValue().add()
}
