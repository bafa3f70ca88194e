// SPDX-License-Identifier: Apache-2.0
import Observability
import PayloadCodec
import Synchronization
import Testing

@Suite(.serialized) struct HostileScriptTests {
    static let good = "function Decoder(bytes) { return { a: bytes[0] }; }"

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let script: String
        let kinds: Set<CodecFailure.Kind>
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "endless loop", script: "function Decoder() { while (true) {} }", kinds: [.timeout]),
        Case(
            name: "endless loop that catches",
            script: "function Decoder() { for (;;) { try { for (;;) {} } catch (e) {} finally { continue; } } }",
            kinds: [.timeout]
        ),
        Case(name: "endless loop at the top", script: "while (true) {} function Decoder() {}", kinds: [.timeout]),
        Case(
            name: "endless promises",
            script: "function Decoder() { (function f() { return Promise.resolve().then(f); })(); return { a: 1 }; }",
            kinds: [.timeout]
        ),
        Case(
            name: "endless loop in a promise",
            script: "function Decoder() { Promise.resolve().then(function () { for (;;) {} }); return { a: 1 }; }",
            kinds: [.timeout]
        ),
        Case(
            name: "exponential regular expression",
            script: "function Decoder() { return { a: /^(a+)+$/.test('a'.repeat(40) + 'b') }; }",
            kinds: [.timeout, .exception]
        ),
        Case(
            name: "giant string",
            script: "function Decoder() { var s = 'x'.repeat(1 << 29); var t = s.split(''); return { a: t.length }; }",
            kinds: [.timeout, .memory]
        ),
        Case(
            name: "giant array",
            script: "function Decoder() { var a = []; for (;;) { a.push(new Array(1 << 20).fill(1.5)); } }",
            kinds: [.timeout, .memory]
        ),
        Case(
            name: "giant typed array",
            script: "function Decoder() { var a = []; for (;;) { a.push(new Uint8Array(1 << 26).fill(1)); } }",
            kinds: [.timeout, .memory]
        ),
        Case(
            name: "slow sort",
            script:
                "function Decoder() { var a = new Float64Array(3e7); for (var i = 0; i < 1e6; i++) a[i * 7 % 3e7] = Math.random(); a.sort(); return { a: 1 }; }",
            kinds: [.timeout, .memory]
        ),
        Case(
            name: "deep recursion",
            script: "function f(n) { return f(n + 1) + 1; } function Decoder() { return { a: f(0) }; }",
            kinds: [.exception]
        ),
        Case(name: "cyclic result", script: "function Decoder() { var a = {}; a.a = a; return a; }", kinds: [.type]),
        Case(name: "big integer", script: "function Decoder() { return { a: 1n }; }", kinds: [.type]),
        Case(
            name: "throwing getter",
            script: "function Decoder() { return { get a() { throw new Error('g'); } }; }",
            kinds: [.exception]
        ),
        Case(
            name: "endless getter",
            script: "function Decoder() { return { get a() { for (;;) {} } }; }",
            kinds: [.timeout]
        ),
        Case(
            name: "endless toString of an exception",
            script: "function Decoder() { throw { toString: function () { for (;;) {} } }; }",
            kinds: [.timeout]
        ),
        Case(
            name: "exception that cannot be printed",
            script: "function Decoder() { throw { toString: null, valueOf: null }; }",
            kinds: [.exception]
        ),
        Case(
            name: "proxy as result",
            script:
                "function Decoder() { return new Proxy({}, { ownKeys: function () { throw new Error('trap'); } }); }",
            kinds: [.exception]
        ),
        Case(
            name: "deeply nested result",
            script:
                "function Decoder() { var a = {}, b = a; for (var i = 0; i < 1e6; i++) { b.a = {}; b = b.a; } return a; }",
            kinds: [.exception, .type, .timeout]
        ),
        Case(name: "giant result", script: "function Decoder() { return { a: 'x'.repeat(1 << 20) }; }", kinds: [.type]),
        Case(name: "eval", script: "function Decoder() { return { a: eval('1') }; }", kinds: [.exception]),
        Case(
            name: "Function",
            script: "function Decoder() { return { a: Function('return 1')() }; }",
            kinds: [.exception]
        ),
        Case(
            name: "Function by constructor",
            script: "function Decoder() { return { a: (function () {}).constructor('return 1')() }; }",
            kinds: [.exception]
        ),
        Case(
            name: "generator by constructor",
            script: "function Decoder() { return { a: (function* () {}).constructor('yield 1')().next().value }; }",
            kinds: [.exception]
        ),
        Case(
            name: "WebAssembly",
            script: "function Decoder() { return { a: new WebAssembly.Module(new Uint8Array(8)) }; }",
            kinds: [.exception]
        ),
        Case(
            name: "shared memory",
            script: "function Decoder() { Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0); }",
            kinds: [.exception]
        ),
        Case(name: "require", script: "function Decoder() { return { a: require('fs') }; }", kinds: [.exception]),
        Case(name: "process", script: "function Decoder() { return { a: process.env }; }", kinds: [.exception]),
        Case(
            name: "timer",
            script: "function Decoder() { setTimeout(function () {}, 1); return {}; }",
            kinds: [.exception]
        ),
        Case(
            name: "fetch",
            script: "function Decoder() { fetch('http://127.0.0.1'); return {}; }",
            kinds: [.exception]
        ),
    ]

    @Test(arguments: cases)
    func aHostileScriptFailsItsOwnMessageAlone(_ example: Case) async throws {
        try await TestCodec.with { codec in
            let before = await codec.decode(DecodeCall(Self.good, [1]))
            #expect(before.fields == #"{"a":1}"#)
            var call = DecodeCall(example.script, [1])
            call.applicationID = "hostile"
            let outcome = await codec.decode(call)
            let failure = try #require(outcome.failure)
            #expect(example.kinds.contains(failure.kind), "\(failure)")
            let after = await codec.decode(DecodeCall(Self.good, [2]))
            #expect(after.fields == #"{"a":2}"#)
        }
    }

    @Test(arguments: [
        "var n = 0; function Decoder() { return { n: ++n }; }",
        "function Decoder() { if (typeof n === 'undefined') n = 0; n++; return { n: n }; }",
        "function Decoder() { globalThis.n = (globalThis.n || 0) + 1; return { n: globalThis.n }; }",
        "function Decoder() { this.n = (this.n || 0) + 1; return { n: this.n }; }",
        "function Decoder() { Array.prototype.n = (Array.prototype.n || 0) + 1; return { n: [].n }; }",
        "function Decoder() { Object.prototype.n = (Object.prototype.n || 0) + 1; return { n: ({}).n }; }",
        "function Decoder() { var p = Object.getPrototypeOf({}); p.n = (p.n || 0) + 1; return { n: p.n || 1 }; }",
        "function Decoder() { var s = Symbol.iterator; globalThis[s] = (globalThis[s] || 0) + 1; return { n: globalThis[s] }; }",
        "function Decoder() { var n = (globalThis.h || 0) + 1; Object.defineProperty(globalThis, 'h', { value: n, configurable: false }); return { n: n }; }",
        "function Decoder() { var n = (Math.n || 0) + 1; Math.n = n; return { n: n }; }",
        "function Decoder() { var m = Math, k = 'sta' + 'te'; var n = (m[k] || 0) + 1; m[k] = n; return { n: n }; }",
        "function Decoder() { var f = [].push; f.n = (f.n || 0) + 1; return { n: f.n || 1 }; }",
        "function Decoder() { var c = console.log; c.n = (c.n || 0) + 1; return { n: c.n || 1 }; }",
        "function Decoder() { var c = Buffer; c.n = (c.n || 0) + 1; return { n: c.n || 1 }; }",
        "function Decoder() { var n = /x(1*)/.exec('x' + (RegExp.$1 || '')); var l = RegExp.lastMatch.length; return { n: 1 }; }",
        "function Decoder(b) { var f = arguments.callee.caller; var n = f ? (f.n = (f.n || 0) + 1) : 1; return { n: n }; }",
        "var f = arguments.callee; f.n = (f.n || 0) + 1; function Decoder() { return { n: f.n }; }",
        "function Decoder() { var t = (function (x) { return x; })`a`; var n = (t.n || 0) + 1; try { t.n = n; } catch (e) {} return { n: 1 }; }",
        "function Decoder() { exports.n = (exports.n || 0) + 1; return { n: exports.n }; }",
        "function Decoder() { JSON.parse = function () { return 5; }; var n = JSON.parse('{\\\"a\\\":1}') === 5 ? 1 : 2; return { n: n }; }",
        "function Decoder() { Promise.resolve().then(function () { globalThis.late = 1; }); return { n: globalThis.late ? 2 : 1 }; }",
        "function Decoder() { Object.freeze(globalThis); n = 1; return { n: typeof n === 'undefined' ? 1 : 1 }; }",
        "function Decoder() { var d = Error.stackTraceLimit; Error.stackTraceLimit = 1; return { n: d === 100 ? 1 : 2 }; }",
    ])
    func noCallSeesWhatAnotherLeft(_ script: String) async throws {
        try await TestCodec.with { codec in
            for _ in 0..<3 {
                let outcome = await codec.decode(DecodeCall(script, [1]))
                #expect(outcome.fields == #"{"n":1}"#, "\(String(describing: outcome.failure))")
            }
        }
    }

    @Test func aPolyfillWorksAsWritten() async throws {
        let scripts = [
            "String.prototype.twice = function () { return this + this; }; function Decoder() { return { s: 'ab'.twice() }; }",
            "Object.defineProperty(Array.prototype, 'last', { get: function () { return this[this.length - 1]; } }); function Decoder(b) { return { s: [1, 'abab'].last }; }",
            "Math.twice = function (s) { return s + s; }; function Decoder() { return { s: Math.twice('ab') }; }",
            "var S = String; S.prototype.twice = function () { return this + this; }; function Decoder() { return { s: 'ab'.twice() }; }",
            "'use strict'; var m = [][0] || (function () { return Math; })(); m.twice = function (s) { return s + s; }; function Decoder() { return { s: m.twice('ab') }; }",
            "function T() {} T.prototype.toString = function () { return 'abab'; }; function Decoder() { var d = new T(); return { s: String(d) }; }",
            "function Decoder() { var d = {}; d.toString = function () { return 'abab'; }; d.s = String(d); return d; }",
            "function Decoder() { var d = {}; d.constructor = 'abab'; return { s: d.constructor }; }",
            "function Decoder() { var d = []; d.values = 'abab'; return { s: d.values }; }",
            "parseInt = function () { return 'abab'; }; function Decoder() { return { s: parseInt('1') }; }",
            "function Decoder() { 'abab'.match(/(.*)/); return { s: RegExp.$1 }; }",
        ]
        try await TestCodec.with { codec in
            for script in scripts {
                for _ in 0..<2 {
                    let outcome = await codec.decode(DecodeCall(script, [1]))
                    #expect(outcome.fields == #"{"s":"abab"}"#, "\(script): \(String(describing: outcome.failure))")
                }
            }
        }
    }

    @Test func anApplicationCannotReachAnother() async throws {
        let spy =
            "function Decoder() { return { seen: typeof secret + typeof Object.prototype.secret + typeof Math.secret }; }"
        let leak = "secret = 1; Object.prototype.secret = 1; Math.secret = 1; function Decoder() { return { a: 1 }; }"
        try await TestCodec.with { codec in
            var hostile = DecodeCall(leak)
            hostile.applicationID = "hostile"
            #expect(await codec.decode(hostile).fields == #"{"a":1}"#)
            #expect(await codec.decode(DecodeCall(spy)).fields == #"{"seen":"undefinedundefinedundefined"}"#)
        }
    }

    @Test func callsOfOthersInALostBatchAreRunAgain() async throws {
        let metrics = MetricRegistry()
        try await TestCodec.with(metrics: metrics) { codec in
            var calls: [DecodeCall] = []
            for index in 0..<100 {
                var call = DecodeCall(Self.good, [UInt8(index)])
                call.applicationID = "good-\(index % 5)"
                calls.append(call)
                if index % 25 == 10 {
                    var hostile = DecodeCall(
                        "function Decoder() { return { a: /^(a|a)+$/.test('a'.repeat(60) + 'b') }; }"
                    )
                    hostile.applicationID = "hostile"
                    hostile.formatter = .javascript(
                        script:
                            "function Decoder() { var s = 'x'.repeat(1 << 29); return { a: s.split('').sort().length }; }"
                    )
                    calls.append(hostile)
                }
            }
            let outcomes = await withCheckedContinuation { continuation in
                codec.decode(calls) { continuation.resume(returning: $0) }
            }
            #expect(outcomes.count == calls.count)
            for (call, outcome) in zip(calls, outcomes) {
                if call.applicationID == "hostile" {
                    #expect(outcome.failure != nil)
                } else {
                    #expect(outcome.fields == #"{"a":\#(call.bytes[0])}"#)
                }
            }
        }
        #expect(metrics.counter("codec_worker_restarts_total").value >= 1)
        #expect(metrics.counter("codec_penalties_total").value == 1)
    }

    @Test func resultsOfAnApplicationKeepTheOrderOfItsCallsAlsoWhenItOversteps() async throws {
        let script = "function Decoder(b) { if (b[0] % 40 === 7) while (true) {} return { a: b[0] }; }"
        let seen = Mutex<[Int]>([])
        try await TestCodec.with { codec in
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                for batch in 0..<10 {
                    let calls = (0..<20).map { DecodeCall(script, [UInt8(batch * 20 + $0)]) }
                    codec.decode(calls) { index, _ in
                        let isLast = seen.withLock { seen in
                            seen.append(batch * 20 + index)
                            return seen.count == 200
                        }
                        if isLast { continuation.resume() }
                    }
                }
            }
        }
        #expect(seen.withLock { $0 } == Array(0..<200))
    }

    @Test func aWorkerThatIsKilledFromOutsideIsReplaced() async throws {
        let metrics = MetricRegistry()
        // The limit is part of a worker's command line: it tells this test's worker from others.
        try await TestCodec.with({ $0.resultLimit = 100_001 }, metrics: metrics) { codec in
            #expect(await codec.decode(DecodeCall(Self.good, [1])).fields == #"{"a":1}"#)
            let workers = ChildProcesses.with("codec-worker", "100001")
            #expect(workers.count == 1)
            for worker in workers { ChildProcesses.kill(worker) }
            #expect(await codec.decode(DecodeCall(Self.good, [2])).fields == #"{"a":2}"#)
        }
        #expect(metrics.counter("codec_worker_restarts_total").value == 1)
    }

    @Test func aStoppedCodecLeavesNoProcess() async throws {
        let count = try await TestCodec.with({ $0.resultLimit = 100_002 }) { codec in
            _ = await codec.decode(DecodeCall(Self.good, [1]))
            return ChildProcesses.with("codec-worker", "100002").count
        }
        #expect(count == 1)
        #expect(ChildProcesses.with("codec-worker", "100002").isEmpty)
    }

    @Test func aWorkerInheritsNothing() async throws {
        try await TestCodec.with({ $0.resultLimit = 100_003 }) { codec in
            _ = await codec.decode(DecodeCall(Self.good, [1]))
            let worker = try #require(ChildProcesses.with("codec-worker", "100003").first)
            let environment = ChildProcesses.environment(worker)
            #expect(!environment.isEmpty)
            #expect(environment.allSatisfy { $0.hasPrefix("JSC_") || ["LANG", "TZ", "LD_LIBRARY_PATH"].contains($0) })
            // Standard streams are nothing; the shared page is mapped and closed; the engine has its own sources.
            let descriptors = ChildProcesses.descriptors(worker)
            #expect(descriptors.filter { $0.key < 3 }.allSatisfy { $0.value == "/dev/null" })
            #expect(descriptors[3]?.hasPrefix("socket:") == true)
            let engine: Set = ["/dev/urandom", "anon_inode:[eventfd]", "/proc/\(worker)/statm"]
            #expect(descriptors.filter { $0.key > 3 }.allSatisfy { engine.contains($0.value) })
        }
    }

    @Test func onlyScriptsThatChangeBuiltInsPayForARealmOfTheirOwn() async throws {
        let metrics = MetricRegistry()
        let plain = [
            Self.good,
            "function Decoder(b) { d = {}; for (i = 0; i < 3; i++) { d['x' + i] = Math.round(b[0] * i); } return d; }",
            "function Decoder(b) { return { s: Array.prototype.slice.call(b, 0).map(Number).join() }; }",
            "class A { constructor() { this.x = 1; } toString() { return 'a'; } } function Decoder() { return { a: String(new A()) }; }",
            "function T() {} T.prototype.get = function () { return 1; }; function Decoder() { return { a: new T().get() }; }",
            "function decodeUplink(i) { var b = Buffer.from(i.bytes); return { data: { a: b.readUInt8(0) } }; }",
            "function Decoder() { throw new Error('x'); }",
            "function Decoder() { return { s: typeof Symbol, p: new Date(0).getTime(), r: 'abc'.replace(/b/, 'x') }; }",
            "function Decoder() { var d = {}; d.toString = 5; d.constructor = 6; return d; }",
        ]
        try await TestCodec.with(metrics: metrics) { codec in
            for script in plain { _ = await codec.decode(DecodeCall(script, [1])) }
            #expect(metrics.counter("codec_own_realm_calls_total").value == 0)
            _ = await codec.decode(
                DecodeCall("String.prototype.x = 1; function Decoder() { return { a: ''.x }; }", [1])
            )
            #expect(metrics.counter("codec_own_realm_calls_total").value == 1)
        }
    }

    @Test func aProgramThatIsNotThereIsAnErrorInWords() throws {
        var configuration = CodecConfiguration()
        configuration.workerExecutable = "/nonexistent/program"
        let codec = PayloadCodec(
            configuration: configuration,
            logger: Logger(component: "codec", sink: LogSink(descriptor: -1)),
            metrics: MetricRegistry(),
        )
        #expect(throws: CodecError.spawn(call: "posix_spawn", code: 2)) { try codec.start() }
    }
}
