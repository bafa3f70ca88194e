// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import Observability
import PayloadCodec
import Synchronization
import TestSupport
import Testing

/// What happens to applications that overstep: they yield to all others, take turns among themselves, and are not blamed
/// for what the machine lacks.
@Suite(.serialized) struct PenaltyLaneTests {
    private static let good = "function Decoder(bytes) { return { a: bytes[0] }; }"
    /// Loops for the first octet 1, burns some twenty milliseconds for 2, in code that cannot be interrupted for 3.
    private static let moody = """
        function Decoder(bytes) {
          if (bytes[0] === 1) for (;;) {}
          var sum = 0;
          if (bytes[0] === 2) for (var i = 0; i < 2e7; i++) sum = (sum + i * 7) % 1000003;
          if (bytes[0] === 3) /^(a+)+$/.test('a'.repeat(60) + 'b');
          return { a: bytes[0] };
        }
        """

    private static func call(_ application: String, _ octet: UInt8) -> DecodeCall {
        var call = DecodeCall(moody, [octet])
        call.applicationID = application
        return call
    }

    @Test func theWorkerForThoseThatOverstepYieldsToEveryOther() async throws {
        try await TestCodec.with({ $0.resultLimit = 100_005 }) { codec in
            #expect(await codec.decode(DecodeCall(Self.good, [1])).fields == #"{"a":1}"#)
            let ordinary = ChildProcesses.with("codec-worker", "100005")
            #expect(ordinary.map { ChildProcesses.scheduling($0).policy } == ["0"])
            #expect(await codec.decode(Self.call("hostile", 1)).failure?.kind == .timeout)
            #expect(await codec.decode(Self.call("hostile", 5)).fields == #"{"a":5}"#)
            let others = ChildProcesses.with("codec-worker", "100005").filter { !ordinary.contains($0) }
            #expect(others.map { ChildProcesses.scheduling($0).policy } == ["5"])
            // The engine's compilers and collectors too.
            #expect(others.map { ChildProcesses.scheduling($0).niceness } == [["19"]])
        }
    }

    @Test func anApplicationThatCostsWorkerAfterWorkerIsSuspendedAndTold() async throws {
        let scratch = try ScratchDirectory()
        let log = open(scratch.path + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(log) }
        let metrics = MetricRegistry()
        func strict(_ configuration: inout CodecConfiguration) {
            configuration.timeLimitMilliseconds = 20
            configuration.graceMilliseconds = 20
        }
        try await TestCodec.with(strict, metrics: metrics, log: log) { codec in
            // The first loss is in company, the second one suspends it for a second.
            for _ in 0..<2 { #expect(await codec.decode(Self.call("hostile", 3)).failure?.reason == "script_timeout") }
            let refused = await codec.decode(Self.call("hostile", 5))
            #expect(refused.failure?.reason == "script_interrupt")
            #expect(refused.failure?.message.hasSuffix("because it cost several worker processes") == true)
            #expect(await codec.decode(DecodeCall(Self.good, [1])).fields == #"{"a":1}"#)
            let text = try scratch.read("log")
            #expect(text.contains("formatter_suspended application_id=hostile seconds=1"))
            #expect(metrics.counter("codec_suspensions_total").value == 1)
            // It is served again when its time is over, without being asked for anything.
            let start = MonotonicTime.now
            var served: DecodeOutcome?
            while served?.fieldsJSON == nil, MonotonicTime.now.since(start) < .seconds(60) {
                served = await codec.decode(Self.call("hostile", 5))
            }
            #expect(served?.fields == #"{"a":5}"#)
        }
        #expect(metrics.counter("codec_suspensions_total").value == 1)
    }

    @Test func aLoopHoldsAnotherPenalizedApplicationUpForOneTurn() async throws {
        let order = Mutex<[String]>([])
        let served = Mutex(0)
        // After a call of more than 20 ms the worker leaves the rest of a batch.
        try await TestCodec.with({ $0.timeLimitMilliseconds = 30 * Patience.factor }) { codec in
            for application in ["hostile", "repentant"] {
                #expect(await codec.decode(Self.call(application, 1)).failure?.kind == .timeout)
            }
            let flood = Array(repeating: Self.call("hostile", 1), count: 24)
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isLast: @Sendable (String) -> Void = { name in
                    let count = order.withLock { order in
                        order.append(name)
                        return order.count
                    }
                    if count == 25 { continuation.resume() }
                }
                // Where the worker had to go, what is left of them is refused, which takes no time.
                codec.decode(flood) { _, outcome in
                    isLast(outcome.failure?.reason == "script_interrupt" ? "refused" : "hostile")
                }
                // On a busy machine some may be done by now.
                served.withLock { $0 = order.withLock { $0.count { $0 == "hostile" } } }
                codec.decode([Self.call("repentant", 7)]) { _, outcome in
                    isLast(outcome.fields == #"{"a":7}"# ? "repentant" : "failed")
                }
            }
        }
        let run = order.withLock(\.self).filter { $0 != "refused" }
        #expect(try #require(run.firstIndex(of: "repentant")) - served.withLock(\.self) < 20)
    }

    @Test func aMachineWithoutTimeIsNoFaultOfTheScript() async throws {
        let metrics = MetricRegistry()
        let isOver = Flag()
        defer { isOver.flag.store(true, ordering: .relaxed) }
        func impatient(_ configuration: inout CodecConfiguration) {
            configuration.silenceMilliseconds = 100
            configuration.timeLimitMilliseconds = 1000
        }
        try await TestCodec.with(impatient, metrics: metrics) { codec in
            #expect(await codec.decode(Self.call("slow", 1)).failure?.reason == "script_timeout")
            _ = await codec.decode(Self.call("slow", 5))
            let burners = (0..<Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) * 2).map { _ in
                NamedThread("burner") { while !isOver.flag.load(ordering: .relaxed) {} }
            }
            let outcome = await codec.decode(Self.call("slow", 2))
            isOver.flag.store(true, ordering: .relaxed)
            for burner in burners { burner.join() }
            if let failure = outcome.failure {
                #expect(failure.reason == "script_interrupt")
                #expect(failure.message.hasSuffix("the machine had no time left for it"))
            } else {
                #expect(outcome.fields == #"{"a":2}"#)
            }
            // Others still have the machine, but not for ever.
            let start = MonotonicTime.now
            var served: DecodeOutcome?
            while served?.fieldsJSON == nil, MonotonicTime.now.since(start) < .seconds(60) {
                served = await codec.decode(Self.call("slow", 5))
            }
            #expect(served?.fields == #"{"a":5}"#)
        }
        #expect(metrics.counter("codec_suspensions_total").value == 0)
        #expect(metrics.counter("codec_penalties_total").value == 1)
    }

    @Test func memoryThatAnotherLeftIsNoFaultOfWhoRunsNext() async throws {
        // Near the ceiling, within its time, again and again.
        let greedy =
            "function Decoder() { var a = []; for (var i = 0; i < 11; i++) a.push(new Array(1 << 20).fill(1.5)); return { n: a.length }; }"
        let modest =
            "function Decoder(b) { var a = []; for (var i = 0; i < 20; i++) a.push(new Array(1 << 17).fill(b[0])); return { a: b[0] }; }"
        let metrics = MetricRegistry()
        func roomy(_ configuration: inout CodecConfiguration) {
            configuration.timeLimitMilliseconds = 60_000
            configuration.silenceMilliseconds = 120_000
            configuration.memoryLimitMiB = 160
        }
        try await TestCodec.with(roomy, metrics: metrics) { codec in
            for round in 0..<4 {
                var calls = [DecodeCall(greedy)]
                calls[0].applicationID = "greedy"
                for index in 0..<8 {
                    var call = DecodeCall(modest, [UInt8(index)])
                    call.applicationID = "modest-\(index)"
                    calls.append(call)
                }
                let outcomes = await withCheckedContinuation { continuation in
                    codec.decode(calls) { continuation.resume(returning: $0) }
                }
                for (index, outcome) in outcomes.dropFirst().enumerated() {
                    #expect(
                        outcome.fields == "{\"a\":\(index)}",
                        "round \(round): \(String(describing: outcome.failure))"
                    )
                }
            }
        }
    }
}

/// Ends threads that burn time.
private final class Flag: Sendable {
    let flag = Atomic<Bool>(false)
}
