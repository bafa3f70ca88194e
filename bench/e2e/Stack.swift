// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import RANSimulator
import Store

/// Everything an uplink passes, each in a process of its own: generator, bridge, mosquitto, subscriber.
final class Stack {
    /// What is set up.
    struct Setup {
        /// So many that hardly one sends twice within its merge window.
        var devices = 20_000
        var candidates = 2
        var mergeWindow = 200
        var deviceClass: DeviceClass = .a
    }

    /// What a start of the bridge took, up to its word that it is ready.
    struct Start {
        /// Seconds from the start of the process until devices and sessions are in memory.
        var loaded: Double
        /// Seconds until the broker and the RAN's sockets are connected: from then on it processes what comes.
        var serving: Double
        /// Seconds until the RAN's table was compared with the registry.
        var ready: Double
        /// Seconds of processor time of the bridge and its workers.
        var cpu: Double
        /// Octets of memory, and the most there were.
        var memory: Int
        var peak: Int
    }

    static let decoder = """
        function Decoder(bytes, port) {
          return { temperature: ((bytes[2] << 8) | bytes[3]) / 10, humidity: bytes[6] / 2, state: bytes[10] };
        }
        """

    let setup: Setup
    private let folder: Folder
    var directory: String { folder.path }
    let times: SharedTimes
    let generator: Child
    let broker: Child
    let brokerPort: UInt16
    let subscriber: Child
    /// What the bridge's last start took.
    private(set) var start: Start
    private(set) var bridge: Child
    private(set) var nextMessage = 0

    init(_ setup: Setup) throws {
        self.setup = setup
        folder = try Folder()
        let directory = folder.path
        let timesFile = "\(directory)/times"
        guard let times = SharedTimes(path: timesFile) else { throw Child.Failure(description: "no memory to share") }
        self.times = times
        let own = Stack.program
        generator = try Child(
            own,
            ["generate", "\(setup.devices)", "\(setup.candidates)", timesFile],
            log: "\(directory)/generator.log",
            talks: true,
        )
        (broker, brokerPort) = try Stack.startBroker(directory)
        let ran = try generator.hear()
        subscriber = try Child(
            own,
            ["subscribe", "\(brokerPort)", "\(setup.devices)", timesFile],
            log: "\(directory)/subscriber.log",
            talks: true,
        )
        guard try subscriber.hear() == ["subscribed"], ran.count == 2 else {
            throw Child.Failure(description: "the subscriber or the generator did not start")
        }
        try Stack.fill("\(directory)/bridge.db", setup)
        try Stack.write(
            """
            coverages:
              - { name: bench, url: "http://127.0.0.1:\(ran[1])/api/v1.0", token: bench, region: EU868 }
            mqtt: { url: "mqtt://127.0.0.1:\(brokerPort)", formats: [v2], publish_fields: false }
            store: { url: "sqlite:\(directory)/bridge.db" }
            network: { merge_window_ms: \(setup.mergeWindow), class_c_interval_ms: 0 }

            """,
            to: "\(directory)/bridge.yaml",
        )
        (bridge, start) = try Stack.startBridge(directory)
    }

    /// Ends all.
    func stop() {
        bridge.stop()
        subscriber.stop(SIGKILL)
        generator.stop(SIGKILL)
        broker.stop()
    }

    /// Starts the bridge anew under `perf` and ends it when it is ready.
    func profileStart(into data: String) throws {
        bridge.stop()
        unlink("\(directory)/bridge.log")
        let perf = try Child(
            "perf",
            ["record", "-q", "-F", "499", "-g", "-o", data, "--", Stack.bridgeProgram]
                + ["run", "--config", "\(directory)/bridge.yaml"],
            log: "\(directory)/bridge.log",
        )
        try perf.awaitLog(" ready ", seconds: 600)
        perf.tree.pids.filter { $0 != perf.pid }.forEach { _ = kill($0, SIGTERM) }
        perf.wait()
    }

    /// Ends the bridge in order and starts it again on the same database; `start` tells what that took.
    func restartBridge() throws {
        bridge.stop()
        (bridge, start) = try Stack.startBridge(directory)
    }

    /// Sends the next messages and waits until all have come out, or nothing comes any more.
    func load(_ count: Int, window: Int) throws -> Load {
        try begin(count, "window \(window)").end()
    }

    /// The same at so many messages a second.
    func load(_ count: Int, rate: Double) throws -> Load {
        try begin(count, "rate \(rate)").end()
    }

    /// - Parameter meanwhile: done while messages flow.
    func load(_ count: Int, rate: Double, meanwhile: () throws -> Void) throws -> Load {
        let load = try begin(count, "rate \(rate)")
        try meanwhile()
        return try load.end()
    }

    /// A load that flows.
    private struct Flow {
        let stack: Stack
        let messages: Range<Int>
        /// Microseconds of CPU that each process had taken before.
        let cpu: [Double]

        func end() throws -> Load {
            let answer = try stack.generator.hear().compactMap { Int($0) }
            guard answer.count == 3 else {
                throw Child.Failure(description: "the generator failed: \(stack.generator.logText)")
            }
            let times = stack.times
            var last = (count: times.receivedCount, moment: monotonicNanoseconds())
            while times.receivedCount < messages.upperBound, monotonicNanoseconds() < last.moment + 5_000_000_000 {
                usleep(5000)
                if times.receivedCount > last.count { last = (times.receivedCount, monotonicNanoseconds()) }
            }
            return Load(
                messages: messages,
                times: times,
                acked: answer[1],
                refused: answer[2],
                cpu: zip(stack.cpu, cpu).map { ($0 - $1) / Double(messages.count) },
            )
        }
    }

    private var cpu: [Double] { [bridge, broker, generator, subscriber].map(\.tree.cpu) }

    private func begin(_ count: Int, _ pace: String) throws -> Flow {
        let first = nextMessage
        guard first + count <= SharedTimes.capacity else { throw Child.Failure(description: "too many messages") }
        nextMessage += count
        let flow = Flow(stack: self, messages: first..<(first + count), cpu: cpu)
        generator.say("load \(first) \(count) \(pace)")
        return flow
    }

    // MARK: starting

    /// The path of this program; the bridge is built beside it.
    static var program: String {
        var text = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &text, text.count - 1)
        return String(decoding: text.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static var bridgeProgram: String {
        let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return "\(folder)/ran-mqtt-bridge"
    }

    private static func startBridge(_ directory: String) throws -> (Child, Start) {
        let log = "\(directory)/bridge.log"
        unlink(log)
        let start = monotonicNanoseconds()
        let bridge = try Child(bridgeProgram, ["run", "--config", "\(directory)/bridge.yaml"], log: log)
        var times: [Double] = []
        for event in [" loaded ", " serving ", " ready "] {
            try bridge.awaitLog(event, seconds: 600)
            times.append(Double(monotonicNanoseconds() - start) / 1e9)
        }
        return (
            bridge,
            Start(
                loaded: times[0],
                serving: times[1],
                ready: times[2],
                cpu: bridge.tree.cpu / 1e6,
                memory: bridge.tree.rootMemory,
                peak: bridge.tree.rootPeak,
            )
        )
    }

    /// The project's own mosquitto.conf on a free port, with its database in the directory and open to all: who may do
    /// what would cost the ceiling and the bridge alike.
    private static func startBroker(_ directory: String) throws -> (Child, UInt16) {
        var text = ProcessTree.text("mosquitto.conf")
        let program = access("/usr/sbin/mosquitto", X_OK) == 0 ? "/usr/sbin/mosquitto" : "mosquitto"
        let port = UInt16.random(in: 20_000..<32_000)
        let own = ["listener", "allow_anonymous", "persistence_location", "plugin"]
        text = text.split(separator: "\n").filter { line in !own.contains { line.hasPrefix($0) } }.joined(
            separator: "\n"
        )
        // The listener goes first: what limits connections would make mosquitto open its usual port, too.
        var settings = "listener \(port) 127.0.0.1\nallow_anonymous true\npersistence_location \(directory)/\n"
        if geteuid() == 0 { settings += "user root\n" }
        try write(settings + text, to: "\(directory)/mosquitto.conf")
        let broker = try Child(program, ["-c", "\(directory)/mosquitto.conf"], log: "\(directory)/broker.log")
        let end = monotonicNanoseconds() + 10_000_000_000
        while true {
            if let socket = SubscribeCommand.connected(to: port) {
                close(socket)
                return (broker, port)
            }
            guard monotonicNanoseconds() < end else {
                throw Child.Failure(description: "mosquitto does not listen:\n\(broker.logText)")
            }
            usleep(20_000)
        }
    }

    /// Registers application and devices straight in the database, as an import would.
    private static func fill(_ path: String, _ setup: Setup) throws {
        let store = try SQLiteStore(path: path)
        let plan = LoadPlan(deviceCount: setup.devices, candidates: setup.candidates, payload: [])
        let now = UnixTime(nanoseconds: 1_790_000_000_000_000_000)
        let application = ApplicationRecord(id: "bench", payloadFormat: .custom, decoder: decoder)
        try store.commit([.putApplication(application)])
        for start in stride(from: 0, to: setup.devices, by: 5000) {
            try store.commit(
                (start..<min(start + 5000, setup.devices)).map { index in
                    .putDevice(
                        DeviceRecord(
                            applicationID: "bench",
                            deviceID: "d\(index)",
                            devEUI: plan.devEUI(index),
                            activation: .abp(devAddr: plan.devAddr(index), keys: plan.keys(index)),
                            deviceClass: setup.deviceClass,
                            createdAt: now,
                        )
                    )
                }
            )
        }
        try store.close()
    }

    private static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw Child.Failure(description: "cannot write \(path)") }
        fputs(text, file)
        fclose(file)
    }
}
