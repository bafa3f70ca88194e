// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc
internal import JSON
internal import Observability
internal import Synchronization

/// `codec bench`: what formatters cost on this machine, one JSON line a figure.
enum CodecBench {
    /// A typical decoder: 12 octets in, 5 fields out.
    private static let typical = """
        function Decoder(bytes, port) {
          var decoded = {};
          decoded.temperature = ((bytes[0] << 8 | bytes[1]) << 16 >> 16) / 100;
          decoded.humidity = bytes[2] / 2;
          decoded.battery = (bytes[3] << 8 | bytes[4]) / 1000;
          decoded.state = bytes[5] & 1 ? "open" : "closed";
          decoded.counter = (bytes[6] << 24 | bytes[7] << 16 | bytes[8] << 8 | bytes[9]) >>> 0;
          return decoded;
        }
        """
    private static let payload: [UInt8] = [0x09, 0xC4, 0x5B, 0x0E, 0x10, 0x01, 0x00, 0x01, 0xE2, 0x40, 0x00, 0x00]

    static func main(_ arguments: [String]) async -> Int32 {
        var calls = 1_000_000
        if arguments.first == "--calls", arguments.count == 2, let given = Int(arguments[1]), given >= 1000 {
            calls = given
        } else if !arguments.isEmpty {
            CommandOutput.complain(CodecCommand.usage, terminator: "")
            return 2
        }
        let codec = PayloadCodec(
            configuration: CodecConfiguration(),
            logger: Logger(component: "codec", sink: LogSink(level: .warning)),
            metrics: MetricRegistry(),
        )
        do {
            try codec.start()
        } catch {
            CommandOutput.complain("error: \(error)")
            await codec.stop()
            return 2
        }
        let before = residentKiB
        lpp(calls)
        let script = Formatter.javascript(script: typical)
        _ = await pace(codec, script, calls: min(calls, 100_000), applications: 1)
        figure("decoder_one_application_us", await pace(codec, script, calls: calls, applications: 1), calls)
        let spent = processorSeconds
        _ = await pace(codec, script, calls: calls, applications: 1)
        figure("decoder_processor_us", (processorSeconds - spent) * 1e6 / Double(calls), calls)
        figure("decoder_eight_applications_us", await pace(codec, script, calls: calls, applications: 8), calls)
        let leaky = Formatter.javascript(script: typical.split(separator: "var ").joined())
        figure(
            "decoder_with_implicit_globals_us",
            await pace(codec, leaky, calls: calls / 10, applications: 1),
            calls / 10
        )
        let patching = Formatter.javascript(
            script: "String.prototype.twice = function () { return this + this; };" + typical
        )
        figure(
            "decoder_that_changes_built_ins_us",
            await pace(codec, patching, calls: calls / 100, applications: 1),
            calls / 100
        )
        await firstUse(codec)
        await single(codec, script)
        await hostile(codec, script, calls)
        figure("resident_before_kib", Double(before), calls)
        figure("resident_after_kib", Double(residentKiB), calls)
        await codec.stop()
        return 0
    }

    private static func lpp(_ calls: Int) {
        let payload: [UInt8] = [1, 0x67, 1, 0x10, 2, 0x68, 0x64, 5, 0x88, 6, 0x76, 0x5F, 0xF2, 0x96, 0x0A, 0, 3, 0xE8]
        var octets = 0
        let began = MonotonicTime.now
        for _ in 0..<calls { octets += (try? CayenneLPP.decode(payload).count) ?? 0 }
        let elapsed = MonotonicTime.now.since(began)
        precondition(octets > calls, "the payload decodes")
        figure("cayennelpp_us", microseconds(elapsed) / Double(calls), calls)
    }

    /// Microseconds a call when calls come in batches of 64 and a few batches are on their way.
    private static func pace(_ codec: PayloadCodec, _ formatter: Formatter, calls: Int, applications: Int) async
        -> Double
    {
        let began = MonotonicTime.now
        await flood(codec, formatter, calls: calls, applications: applications)
        return microseconds(MonotonicTime.now.since(began)) / Double(calls)
    }

    private static func flood(_ codec: PayloadCodec, _ formatter: Formatter, calls: Int, applications: Int) async {
        let batch = 64
        let count = max(1, calls / batch)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let finish = FloodEnd(open: count) { continuation.resume() }
            _ = NamedThread("bench") {
                for index in 0..<count {
                    let one = DecodeCall(
                        applicationID: "bench-\(index % applications)",
                        formatter: formatter,
                        bytes: payload,
                        port: 2,
                        receivedAt: 1_700_000_000_000,
                    )
                    codec.decode(Array(repeating: one, count: batch)) { outcomes in
                        precondition(outcomes.allSatisfy { $0.fieldsJSON != nil }, "the decoder decodes")
                        finish.one()
                    }
                }
            }
        }
    }

    private static func firstUse(_ codec: PayloadCodec) async {
        var times: [Double] = []
        for index in 0..<100 {
            let script = typical + "\nfunction helper\(index)(x) { return x + \(index); }"
            let call = DecodeCall(
                applicationID: "bench-0",
                formatter: .javascript(script: script),
                bytes: payload,
                port: 2,
                receivedAt: 0,
            )
            let began = MonotonicTime.now
            _ = await codec.decode(call)
            times.append(microseconds(MonotonicTime.now.since(began)))
        }
        times.sort()
        figure("first_use_median_us", times[50], 100)
        figure("first_use_p99_us", times[98], 100)
    }

    private static func single(_ codec: PayloadCodec, _ formatter: Formatter) async {
        let call = DecodeCall(applicationID: "bench-0", formatter: formatter, bytes: payload, port: 2, receivedAt: 0)
        let began = MonotonicTime.now
        for _ in 0..<10_000 { _ = await codec.decode(call) }
        figure("single_call_round_trip_us", microseconds(MonotonicTime.now.since(began)) / 10_000, 10_000)
    }

    /// What a good application's calls cost while another's loop for ever.
    private static func hostile(_ codec: PayloadCodec, _ formatter: Formatter, _ calls: Int) async {
        let alone = await pace(codec, formatter, calls: calls, applications: 4)
        let neighbour = HostileNeighbour()
        let beside: Double = await withTaskGroup(of: Double.self) { group in
            group.addTask {
                while !neighbour.isStopped.load(ordering: .relaxed) {
                    let call = DecodeCall(
                        applicationID: "hostile",
                        formatter: .javascript(script: "function Decoder() { for (;;) {} }"),
                        bytes: [],
                        port: 1,
                        receivedAt: 0,
                    )
                    _ = await codec.decode(call)
                    neighbour.calls.add(1, ordering: .relaxed)
                }
                return 0
            }
            group.addTask {
                let result = await pace(codec, formatter, calls: calls * 4, applications: 4)
                neighbour.isStopped.store(true, ordering: .relaxed)
                return result
            }
            var result = 0.0
            for await one in group { result = max(result, one) }
            return result
        }
        figure(
            "hostile_neighbour_slowdown_percent",
            (beside / alone - 1) * 100,
            neighbour.calls.load(ordering: .relaxed)
        )
    }

    private static func figure(_ name: String, _ value: Double, _ calls: Int) {
        var json = JSONWriter()
        json.object { json in
            json.member("benchmark", name)
            json.member("value", (value * 1000).rounded() / 1000)
            json.member("calls", calls)
        }
        CommandOutput.print(json.bytes)
    }

    private static func microseconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1000 }

    /// Resident memory of this process and its workers.
    private static var residentKiB: Int {
        let pages = processes.reduce(0) { $0 + resident(CommandOutput.contents("/proc/\($1)/statm") ?? []) }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE))) / 1024
    }

    /// Processor time of this process and its workers.
    private static var processorSeconds: Double {
        let ticks = processes.reduce(0) { sum, process in
            let fields = (CommandOutput.contents("/proc/\(process)/stat") ?? []).split(separator: UInt8(ascii: " "))
            guard fields.count > 14 else { return sum }
            return sum + fields[13...14].reduce(0) { $0 + (Int(String(decoding: $1, as: UTF8.self)) ?? 0) }
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// This process and its children.
    private static var processes: [String] {
        ["self"]
            + CommandOutput.threads().flatMap { task in
                (CommandOutput.contents("/proc/self/task/\(task)/children") ?? []).split(separator: UInt8(ascii: " "))
                    .map { String(decoding: $0, as: UTF8.self) }
            }
    }

    private static func resident(_ statm: [UInt8]) -> Int {
        let fields = statm.split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) ?? 0 : 0
    }
}

/// An application whose script never ends.
private final class HostileNeighbour: Sendable {
    let isStopped = Atomic<Bool>(false)
    let calls = Atomic<Int>(0)
}

/// Tells when the last batch has come back.
private final class FloodEnd: Sendable {
    private let open: Atomic<Int>
    private let end: @Sendable () -> Void

    init(open count: Int, end: @escaping @Sendable () -> Void) {
        open = Atomic(count)
        self.end = end
    }

    func one() {
        if open.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { end() }
    }
}
