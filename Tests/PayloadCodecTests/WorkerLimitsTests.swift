// SPDX-License-Identifier: Apache-2.0
import Observability
import PayloadCodec
import Synchronization
import Testing

/// What formatters may take, and that one application's formatter takes nothing from another's.
@Suite(.serialized) struct WorkerLimitsTests {
    private static let good = "function Decoder(bytes) { return { a: bytes[0] }; }"
    private static let loop = "function Decoder() { for (;;) {} }"

    @Test func theLimitsAreThoseThatTheManualPromises() {
        let configuration = CodecConfiguration()
        #expect(configuration.timeLimitMilliseconds == 100)
        #expect(configuration.memoryLimitMiB == 256)
        #expect(configuration.scriptLimit == 512 * 1024)
    }

    @Test func aScriptThatTakesMemorySlowlyIsStoppedAtTheCeiling() async throws {
        let script = """
            var kept = [];
            function Decoder() { for (;;) { kept.push(new Array(1 << 14).fill(kept.length + 0.5)); } }
            """
        // Time is no help here: only the ceiling can end it.
        func patient(_ configuration: inout CodecConfiguration) {
            configuration.timeLimitMilliseconds = 60_000
            configuration.silenceMilliseconds = 120_000
            configuration.memoryLimitMiB = 128
        }
        try await TestCodec.with(patient) { codec in
            let outcome = await codec.decode(DecodeCall(script))
            #expect(outcome.failure?.kind == .memory)
            #expect(outcome.failure?.message.contains("MiB of memory and was stopped") == true)
            #expect(await codec.decode(DecodeCall(Self.good, [3])).fields == #"{"a":3}"#)
        }
    }

    @Test func theTimeLimitCountsForEachFunctionOfVersion2() async throws {
        func burn(_ name: String, _ milliseconds: Int, _ result: String) -> String {
            "function \(name)(x) { var end = Date.now() + \(milliseconds); while (Date.now() < end) {} return \(result); }"
        }
        let parts = FormatterScripts(
            decoder: burn("Decoder", 700, "{ a: 1 }"),
            converter: burn("Converter", 700, "x"),
            validator: burn("Validator", 700, "true"),
        )
        // 2.1 seconds in all, and a limit of 1.5 for each.
        try await TestCodec.with({ $0.timeLimitMilliseconds = 1500 }) { codec in
            #expect(await codec.decode(DecodeCall(parts: parts)).fields == #"{"a":1}"#)
        }
        try await TestCodec.with({ $0.timeLimitMilliseconds = 50 }) { codec in
            let outcome = await codec.decode(DecodeCall(parts: parts))
            #expect(outcome.failure?.kind == .timeout)
            #expect(
                outcome.failure?.message.hasSuffix("Interrupted javascript execution for Decoder after 50ms") == true
            )
        }
    }

    @Test func aFloodOfSlowCallsHoldsOthersUpForOneOfThem() async throws {
        let order = Mutex<[String]>([])
        let metrics = MetricRegistry()
        try await TestCodec.with(metrics: metrics) { codec in
            _ = await codec.decode(DecodeCall(Self.good, [1]))
            var hostile = DecodeCall(Self.loop)
            hostile.applicationID = "hostile"
            let flood = Array(repeating: hostile, count: 6)
            codec.decode(flood) { _, _ in order.withLock { $0.append("hostile") } }
            #expect(await codec.decode(DecodeCall(Self.good, [2])).fields == #"{"a":2}"#)
            order.withLock { $0.append("good") }
        }
        let place = order.withLock { $0.firstIndex(of: "good") }
        #expect(try #require(place) <= 3)
        #expect(order.withLock { $0.count } == 7)
        #expect(metrics.counter("codec_penalties_total").value == 1)
    }

    @Test func anApplicationThatOverstepsCannotFillTheQueueOfOthersThatDo() async throws {
        let refused = Atomic<Int>(0)
        try await TestCodec.with({ $0.timeLimitMilliseconds = 5 }) { codec in
            var deadly = DecodeCall("function Decoder() { return { a: /^(a+)+$/.test('a'.repeat(60) + 'b') }; }")
            deadly.applicationID = "hostile"
            #expect(await codec.decode(deadly).failure?.kind == .timeout)
            var hostile = DecodeCall(Self.loop)
            hostile.applicationID = "hostile"
            let answers = Mutex<[Int]>([])
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                for round in 0..<10 {
                    codec.decode(Array(repeating: hostile, count: 16)) { index, outcome in
                        if outcome.failure?.reason == "script_interrupt" { refused.add(1, ordering: .relaxed) }
                        let isLast = answers.withLock { answers in
                            answers.append(round * 16 + index)
                            return answers.count == 160
                        }
                        if isLast { continuation.resume() }
                    }
                }
            }
            // Refused calls keep their turn.
            #expect(answers.withLock { $0 } == Array(0..<160))
        }
        // 64 wait for their turn, and as many again if those are done before the last are asked for.
        let count = refused.load(ordering: .relaxed)
        #expect(count >= 16 && count < 160)
    }

    @Test func everyHostileScriptRunsBesideOthersThatNoticeNothing() async throws {
        let cases = HostileScriptTests.cases
        try await TestCodec.with({ $0.workers = 2 }) { codec in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, example) in cases.enumerated() {
                    group.addTask {
                        var call = DecodeCall(example.script, [1])
                        call.applicationID = "hostile-\(index)"
                        for _ in 0..<2 {
                            let failure = try #require(await codec.decode(call).failure)
                            #expect(example.kinds.contains(failure.kind), "\(example.name): \(failure)")
                        }
                    }
                }
                for application in 0..<6 {
                    group.addTask {
                        for round in 0..<40 {
                            var calls = (0..<16).map { DecodeCall(Self.good, [UInt8((round + $0) & 0xFF)]) }
                            for index in calls.indices { calls[index].applicationID = "good-\(application)" }
                            let expected = calls.map { #"{"a":\#($0.bytes[0])}"# }
                            let outcomes = await withCheckedContinuation { continuation in
                                codec.decode(calls) { continuation.resume(returning: $0) }
                            }
                            #expect(outcomes.map(\.fields) == expected)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func manyScriptsTakeTurnsInTheCacheOfAWorker() async throws {
        func call(_ index: Int) -> DecodeCall {
            var call = DecodeCall(
                "function Decoder(b) { return { script: \(index), n: b[0] }; }",
                [UInt8(index & 0xFF)]
            )
            call.applicationID = "app-\(index)"
            return call
        }
        try await TestCodec.with({ $0.cachedScripts = 16 }) { codec in
            for _ in 0..<2 {
                let calls = (0..<200).map { call($0) }
                let outcomes = await withCheckedContinuation { continuation in
                    codec.decode(calls) { continuation.resume(returning: $0) }
                }
                for (index, outcome) in outcomes.enumerated() {
                    #expect(outcome.fields == #"{"script":\#(index),"n":\#(index & 0xFF)}"#)
                }
            }
        }
    }

    @Test func aWorkerHasNoRightsToSpeakOf() async throws {
        try await TestCodec.with({ $0.resultLimit = 100_004 }) { codec in
            _ = await codec.decode(DecodeCall(Self.good, [1]))
            let worker = try #require(ChildProcesses.with("codec-worker", "100004").first)
            let status = ChildProcesses.status(worker)
            #expect(status["NoNewPrivs"] == "1")
            #expect(status["Seccomp"] == "2")
            #expect(status["CapEff"] == "0000000000000000")
            #expect(status["Uid"]?.split(separator: "\t").contains("0") == false)
            let limits = ChildProcesses.limits(worker)
            #expect(limits["Max core file size"]?.hasPrefix("0 ") == true)
            #expect(limits["Max file size"]?.hasPrefix("0 ") == true)
            #expect(limits["Max open files"]?.hasPrefix("32 ") == true)
        }
    }
}
