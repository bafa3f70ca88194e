// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Observability

/// What formatters cost on this machine: fixed work, measured on the wall clock unless a name says otherwise.
public struct CodecBenchmark: Sendable {
    private let codec: PayloadCodec
    private let calls: Int

    /// - Parameters:
    ///   - calls: the size of the stages; memory is watched over ten times as many.
    ///   - configuration: limits and shape of the workers.
    public init(calls: Int, configuration: CodecConfiguration = CodecConfiguration()) {
        self.calls = max(1000, calls)
        codec = PayloadCodec(
            configuration: configuration,
            logger: Logger(component: "codec", sink: LogSink(level: .error)),
            metrics: MetricRegistry(),
        )
    }

    /// A part of the benchmark.
    public enum Stage: String, CaseIterable, Sendable {
        case cayennelpp, decoder, kinds, firstUse, single, hostile, memory, applications
    }

    /// Runs stages in their order and hands each figure out as it is known. Starts the workers and ends them.
    public func run(_ stages: [Stage] = Stage.allCases, _ each: (CodecFigure) -> Void) async throws(CodecError) {
        do throws(CodecError) {
            try codec.start()
        } catch {
            await codec.stop()
            throw error
        }
        // The engine compiles what it has run often.
        await CallFlood.run(codec, calls: min(calls, 100_000)) { _ in Self.call(application: "warm-up") }
        for stage in stages {
            for figure in await figures(of: stage) { each(figure) }
        }
        await codec.stop()
    }

    private func figures(of stage: Stage) async -> [CodecFigure] {
        switch stage {
        case .cayennelpp: [cayenneLPP()]
        case .decoder: await decoder()
        case .kinds: await kinds()
        case .firstUse: await firstUse()
        case .single: [await single()]
        case .hostile: await hostileNeighbours()
        case .memory: await flatness()
        case .applications: await manyApplications()
        }
    }

    // MARK: Scripts

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
    private static let formatter = Formatter.javascript(script: typical)

    private static func call(application: String, _ formatter: Formatter = formatter) -> DecodeCall {
        DecodeCall(
            applicationID: application,
            formatter: formatter,
            bytes: payload,
            port: 2,
            receivedAt: 1_700_000_000_000,
        )
    }

    // MARK: Stages

    private func cayenneLPP() -> CodecFigure {
        let payload: [UInt8] = [1, 0x67, 1, 0x10, 2, 0x68, 0x64, 5, 0x88, 6, 0x76, 0x5F, 0xF2, 0x96, 0x0A, 0, 3, 0xE8]
        var octets = 0
        let began = ProcessUse.threadSeconds
        for _ in 0..<calls { octets += (try? CayenneLPP.decode(payload).count) ?? 0 }
        let spent = ProcessUse.threadSeconds - began
        precondition(octets > calls, "the payload decodes")
        let value = spent * 1e6 / Double(calls)
        return CodecFigure(name: "cayennelpp_processor_time", value: value, unit: "us", calls: calls)
    }

    private func decoder() async -> [CodecFigure] {
        let (own, worker) = (ProcessUse.ownSeconds, ProcessUse.workerSeconds)
        let one = await CallFlood.pace(codec, calls: calls) { _ in Self.call(application: "bench-0") }
        // The two work side by side: the larger one is the time of a message when a processor is free for each.
        let ownTime = (ProcessUse.ownSeconds - own) * 1e6 / Double(calls)
        let workerTime = (ProcessUse.workerSeconds - worker) * 1e6 / Double(calls)
        let eight = await CallFlood.pace(codec, calls: calls) { Self.call(application: "bench-\($0 / 64 % 8)") }
        return [
            CodecFigure(name: "decoder_one_application", value: one, unit: "us", calls: calls),
            CodecFigure(name: "decoder_processor_time_service", value: ownTime, unit: "us", calls: calls),
            CodecFigure(name: "decoder_processor_time_worker", value: workerTime, unit: "us", calls: calls),
            CodecFigure(name: "decoder_eight_applications", value: eight, unit: "us", calls: calls),
        ]
    }

    /// Scripts that are less well behaved.
    private func kinds() async -> [CodecFigure] {
        let leaky = Formatter.javascript(script: Self.typical.split(separator: "var ").joined())
        let globals = await CallFlood.pace(codec, calls: calls / 10) { _ in Self.call(application: "bench-1", leaky) }
        let patching = Formatter.javascript(
            script: "String.prototype.twice = function () { return this + this; };" + Self.typical
        )
        let rare = max(100, calls / 200)
        let own = await CallFlood.pace(codec, calls: rare) { Self.call(application: "bench-\($0 / 8 % 500)", patching) }
        return [
            CodecFigure(name: "decoder_with_implicit_globals", value: globals, unit: "us", calls: calls / 10),
            CodecFigure(name: "decoder_that_changes_built_ins", value: own, unit: "us", calls: rare),
        ]
    }

    private func firstUse() async -> [CodecFigure] {
        var times: [Double] = []
        for index in 0..<200 {
            let script = Self.typical + "\nfunction helper\(index)(x) { return x + \(index); }"
            let call = Self.call(application: "bench-2", .javascript(script: script))
            let began = MonotonicTime.now
            _ = await codec.decode(call)
            times.append(CallFlood.microseconds(since: began))
        }
        times.sort()
        return [
            CodecFigure(name: "first_use_median", value: times[100], unit: "us", calls: 200),
            CodecFigure(name: "first_use_p99", value: times[197], unit: "us", calls: 200),
        ]
    }

    private func single() async -> CodecFigure {
        let began = MonotonicTime.now
        for _ in 0..<10_000 { _ = await codec.decode(Self.call(application: "bench-0")) }
        let time = CallFlood.microseconds(since: began) / 10_000
        return CodecFigure(name: "single_call_round_trip", value: time, unit: "us", calls: 10_000)
    }

    /// How much slower four applications are while a fifth's script does its worst.
    private func hostileNeighbours() async -> [CodecFigure] {
        let neighbour = HostileNeighbour(codec: codec, calls: max(1000, calls / 20)) {
            Self.call(application: "bench-\($0 / 64 % 4)")
        }
        var figures: [CodecFigure] = []
        for (name, script) in HostileNeighbour.scripts { figures += await neighbour.figures(name, script) }
        return figures
    }

    /// Memory before, during and after many calls, of the service and of its workers.
    private func flatness() async -> [CodecFigure] {
        var figures: [CodecFigure] = []
        for quarter in 0...4 {
            if quarter > 0 {
                await CallFlood.run(codec, calls: calls * 10 / 4) { Self.call(application: "bench-\($0 / 64 % 8)") }
            }
            let done = calls * 10 / 4 * quarter
            for (name, value) in [("service", ProcessUse.serviceMiB), ("workers", ProcessUse.workersMiB)] {
                let name = "resident_\(name)_after_\(quarter * 25)_percent"
                figures.append(CodecFigure(name: name, value: value, unit: "MiB", calls: done))
            }
        }
        return figures
    }

    /// As many applications as a large service has, each with a script of its own, twice around.
    private func manyApplications() async -> [CodecFigure] {
        let count = 10_000
        let formatters = (0..<count).map { index in
            Formatter.javascript(script: Self.typical + "\nvar site = 'site \(index)';")
        }
        let pace = await CallFlood.pace(codec, calls: count * 2) { index in
            Self.call(application: "many-\(index % count)", formatters[index % count])
        }
        let memory = ProcessUse.serviceMiB + ProcessUse.workersMiB
        return [
            CodecFigure(name: "ten_thousand_scripts_in_turn", value: pace, unit: "us", calls: count * 2),
            CodecFigure(name: "resident_with_ten_thousand_scripts", value: memory, unit: "MiB", calls: count * 2),
        ]
    }
}
