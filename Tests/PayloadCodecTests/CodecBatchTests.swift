// SPDX-License-Identifier: Apache-2.0
import JSON
import TestSupport
import Testing

/// The contract of `codec batch`, which programs outside this project drive.
@Suite struct CodecBatchTests {
    private let scratch: ScratchDirectory
    private let identity: String

    init() throws {
        scratch = try ScratchDirectory()
        identity = try scratch.write("identity.js", "function decodeUplink(input) { return input; }")
    }

    private func line(_ id: String, _ script: String, _ input: String, function: String = "decodeUplink") -> String {
        #"{"id":\#(id),"script":"\#(script)","function":"\#(function)","input":\#(input)}"#
    }

    private func batch(_ lines: [String]) throws -> [String] {
        let run = try ProgramRun(["codec", "batch"], input: lines.joined(separator: "\n"))
        #expect(run.code == 0)
        #expect(run.errors.isEmpty)
        return run.lines
    }

    /// The answers to one call each of scripts that are given as text.
    private func outputs(_ scripts: [String], _ input: String = #"{"bytes":[1,2],"fPort":1}"#) throws -> [String] {
        let lines = try scripts.enumerated().map { index, script in
            line("\(index)", try scratch.write("s\(index).js", script), input)
        }
        return try batch(lines).enumerated().map { index, answer in
            let prefix = #"{"id":\#(index),"#
            #expect(answer.hasPrefix(prefix))
            return String(answer.dropFirst(prefix.count).dropLast())
        }
    }

    @Test func anIdOfAnyTypeComesBackAsItWasWritten() throws {
        let ids = [
            "null", "0", "-1.50", "1E400", "123456789012345678901234567890", "true", #""""#, #""a\"\u2028\ud800""#,
            #"[1,{"a":null}]"#, #"{"id":"x"}"#,
        ]
        let answers = try batch(ids.map { line($0, identity, #"{"bytes":[]}"#) })
        #expect(answers == ids.map { #"{"id":\#($0),"output":{"bytes":[]}}"# })
    }

    @Test func everyInputReachesTheScriptAsItWasWritten() throws {
        let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        let inputs = [
            (#"{"bytes":"","fPort":0}"#, #"{"bytes":[],"fPort":0}"#),
            (#"{"fPort":1,"bytes":"0A ff"}"#, #"{"fPort":1,"bytes":[10,255]}"#),
            (#"{"bytes":[256,-1,1.5]}"#, #"{"bytes":[256,-1,1.5]}"#),
            (#"{"bytes":"00","bytes":[1]}"#, #"{"bytes":[1]}"#),
            (#"{"recvTime":"2023-05-02T20:00:00.5+02:00"}"#, #"{"recvTime":"2023-05-02T18:00:00.500Z"}"#),
            (#"{"big":123456789012345678901234567890}"#, #"{"big":1.2345678901234568e+29}"#),
            (#"{"deep":\#(deep)}"#, #"{"deep":\#(deep)}"#),
            (#"{"data":{"bytes":"00"}}"#, #"{"data":{"bytes":"00"}}"#),
            (#"{"__proto__":{"x":1}}"#, #"{"__proto__":{"x":1}}"#),
            (#"{}"#, #"{}"#),
        ]
        let answers = try batch(inputs.map { line("1", identity, $0.0) })
        #expect(answers == inputs.map { #"{"id":1,"output":\#($0.1)}"# })
    }

    @Test func aResultIsPrintedAsStringifyDoes() throws {
        let cases = [
            ("undefined", "null"), ("function () {}", "null"), ("Symbol()", "null"), ("NaN", "null"), ("-0", "0"),
            ("0.1 + 0.2", "0.30000000000000004"), ("1e21", "1e+21"), ("'\\u2028\\ud800é'", "\"\u{2028}\\ud800é\""),
            ("{ a: undefined, b: [undefined, NaN], toJSON: 1 }", #"{"b":[null,null],"toJSON":1}"#),
            ("{ toJSON: function () { return 7; } }", "7"), ("new Date(0)", #""1970-01-01T00:00:00.000Z""#),
            ("new Uint8Array([1, 2])", #"{"0":1,"1":2}"#), ("new Map([[1, 2]])", "{}"), ("Promise.resolve(1)", "{}"),
            ("Object.create({ inherited: 1 })", "{}"),
            ("{ constructor: 1, 2: 2, a: 3 }", #"{"2":2,"constructor":1,"a":3}"#),
        ]
        let answers = try outputs(cases.map { "function decodeUplink() { return (\($0.0)); }" })
        #expect(answers == cases.map { #""output":\#($0.1)"# })
    }

    @Test(arguments: [
        "var decodeUplink = (input) => 1", "let decodeUplink = function () { return 1 }",
        "const one = 1; const decodeUplink = () => one; ", "decodeUplink = function () { return 1; }",
        "this.decodeUplink = function () { return 1; }", "globalThis.decodeUplink = () => 1;",
        "exports.decodeUplink = () => 1", "module.exports = { decodeUplink() { return 1; } }",
        "if (typeof module !== 'undefined') { module.exports = { decodeUplink: decodeUplink }; } function decodeUplink() { return 1; }",
        "var driver; (() => { driver = { decodeUplink: () => 1 }; })();",
        "!function (root, factory) { 'object' == typeof exports && 'object' == typeof module ? module.exports = factory() : root.driver = factory(); }(this, () => ({ driver: { decodeUplink: () => 1 } }));",
        "\u{FEFF}function decodeUplink() { return 1; }",
        "'use strict';\r\nfunction decodeUplink() {\r\n  return 1;\r\n}\r\n",
        "#!/usr/bin/env node\nfunction decodeUplink() { return 1; }",
        "<!-- a comment\nfunction decodeUplink() { return 1; }",
        "function decodeUplink() { return 1; } // the end",
        "function Decoder() { return 2; } function decodeUplink() { return 1; }",
        "function main() { console.log('self test'); console.table([1]); console.time('x'); } main(); function decodeUplink() { return 1; }",
        "function decodeUplink(input) { with (input) { return bytes.length - 1; } }",
        "function decodeUplink() { return 2; } function decodeUplink() { return 1; }",
        "'use strict'; Object.prototype.first = function () { return this[0]; }; if (typeof module !== 'undefined') { module.exports = codec; } var codec; function decodeUplink(input) { return input.bytes.first(); }",
        "class A { #x = 1; get x() { return this.#x; } } function decodeUplink(i) { return new A()?.x ?? 0; }",
    ])
    func aScriptWrittenInAnyMannerRuns(_ script: String) throws {
        #expect(try outputs([script]) == [#""output":1"#])
    }

    @Test func aScriptOfTheLargestSizeRunsAndALargerOneIsRefused() throws {
        let start = "function decodeUplink() { return 1; } //"
        func script(_ size: Int) -> String { start + String(repeating: "x", count: size - start.utf8.count) }
        let answers = try outputs([script(512 << 10), script(512 << 10 + 1), script(513 << 10)])
        // Under a sanitizer handing it over takes longer than a call may.
        let isTooSlow = Patience.factor > 1 && answers[0].contains(#""kind":"timeout""#)
        #expect(answers[0] == #""output":1"# || isTooSlow)
        #expect(answers[1...].allSatisfy { $0.hasPrefix(#""error":{"kind":"script","#) })
    }

    @Test func textThatIsNotUTF8ReadsWithReplacementCharacters() throws {
        let path = try scratch.write(
            "latin1.js",
            octets: Array("function decodeUplink() { return '".utf8) + [0xB0] + Array("C'; }".utf8)
        )
        #expect(try batch([line("1", path, "{}")]) == [#"{"id":1,"output":"�C"}"#])
    }

    @Test func theWorldOutsideIsAbsent() throws {
        let names = [
            "require", "process", "global", "window", "self", "setTimeout", "setInterval", "queueMicrotask", "fetch",
            "XMLHttpRequest", "WebAssembly", "Atomics", "SharedArrayBuffer", "Deno", "print", "load", "readFile",
            "quit", "$vm",
        ]
        let present = [
            "Buffer", "console", "module", "exports", "JSON", "Math", "Date", "Intl", "Promise", "BigInt", "Uint8Array",
        ]
        let script =
            "function decodeUplink() { return [\((names + present).map { "typeof \($0)" }.joined(separator: ","))]; }"
        let answer = try #require(try outputs([script]).first)
        let words = try #require(JSONValue(parsing: Array(answer.dropFirst(9).utf8)).elements).map { $0.text }
        #expect(words.prefix(names.count).allSatisfy { $0 == "undefined" })
        #expect(words.dropFirst(names.count).allSatisfy { $0 != "undefined" })
    }

    @Test func everyFailureNamesItsKind() throws {
        let cases = [
            ("function decodeUplink() { throw 'plain'; }", "exception"),
            ("nothing.at.all; function decodeUplink() {}", "exception"),
            ("function decodeUplink() { return { get a() { throw new Error('g'); } }; }", "exception"),
            ("function f() { return f() + 1; } function decodeUplink() { return f(); }", "exception"),
            ("function decodeUplink() { return eval('1'); }", "exception"),
            ("function decodeUplink() { return (() => {}).constructor('return 1')(); }", "exception"),
            ("function decodeUplink() { for (;;); }", "timeout"), ("for (;;);", "timeout"),
            ("function decodeUplink() { return /^(a+)+$/.test('a'.repeat(50) + 'b'); }", "timeout"),
            ("function decodeUplink() { return new ArrayBuffer(1e12); }", "memory"),
            ("function decodeUplink() { return 'x'.repeat(2 ** 31); }", "memory"),
            ("function decodeUplink() { return { a: 1n }; }", "type"),
            ("function decodeUplink() { var a = []; a[0] = a; return a; }", "type"),
            ("function decodeUplink() { return 'x'.repeat(1 << 20); }", "type"),
            ("function other() {}", "script"), ("function decodeUplink( {", "syntax"),
            ("export function decodeUplink() {}", "syntax"),
            ("let a; let a; function decodeUplink() {}", "syntax"), ("function decodeUplink() {} /* open", "syntax"),
            ("}); function decodeUplink() {} (function () {", "syntax"),
        ]
        let answers = try outputs(cases.map(\.0))
        for (answer, example) in zip(answers, cases) {
            #expect(answer.hasPrefix(#""error":{"kind":"\#(example.1)","message":""#), "\(example.0): \(answer)")
        }
    }

    @Test func aLineThatIsNoCaseIsAnsweredInItsPlace() throws {
        let long =
            #"{"id":9,"script":"\#(identity)","function":"decodeUplink","input":{"bytes":[],"x":"\#(String(repeating: "y", count: 300_000))"}}"#
        let answers = try batch([
            "\u{FEFF}" + line("1", identity, "{}") + "\r", "", "   ", "[]", #"{"id":2"#, #"{"id":3,"script":"x"} more"#,
            #"{"id":4,"script":5,"function":"decodeUplink","input":{}}"#, line("5", "/nonexistent.js", "{}"),
            line("6", scratch.path, "{}"), line("7", identity, "{}", function: "toString"), line("8", identity, "[1]"),
            line("8", identity, #"{"bytes":"0"}"#), line("8", identity, #"{"recvTime":"yesterday"}"#),
            line("8", identity, #"{"bytes":[NaN]}"#), long, line("10", identity, "{}"),
        ])
        #expect(answers.count == 14)
        let starts = [
            #"{"id":1,"output":{}}"#, #"{"id":null,"error":{"kind":"type","#, #"{"id":2,"error":{"kind":"type","#,
            #"{"id":3,"error":{"kind":"type","#, #"{"id":4,"error":{"kind":"type","#,
            #"{"id":5,"error":{"kind":"script","#,
            #"{"id":6,"error":{"kind":"script","#, #"{"id":7,"error":{"kind":"script","#,
            #"{"id":8,"error":{"kind":"type","#,
            #"{"id":8,"error":{"kind":"type","#, #"{"id":8,"error":{"kind":"type","#,
            #"{"id":8,"error":{"kind":"type","#,
            #"{"id":9,"error":{"kind":"type","message":"the result"#, #"{"id":10,"output":{}}"#,
        ]
        for (answer, start) in zip(answers, starts) { #expect(answer.hasPrefix(start)) }
    }

    @Test func thousandsOfLinesKeepTheirOrderAndShareNothing() throws {
        let script = try scratch.write(
            "leaky.js",
            """
            var calls = 0;
            function decodeUplink(input) {
              calls++; leaked = (typeof leaked === 'undefined' ? 0 : leaked) + 1;
              Object.prototype.polluted = (Object.prototype.polluted || 0) + 1;
              if (input.bytes[0] === 7 && input.bytes[1] === 3) for (;;);
              return [input.bytes[0] + input.bytes[1] * 256, calls, leaked, {}.polluted];
            }
            """
        )
        let count = 3000
        let answers = try batch((0..<count).map { line("\($0)", script, #"{"bytes":[\#($0 % 256),\#($0 / 256)]}"#) })
        #expect(answers.count == count)
        for (index, answer) in answers.enumerated() {
            let expected = #"{"id":\#(index),"output":[\#(index),1,1,1]}"#
            if index == 3 * 256 + 7 {
                #expect(answer.hasPrefix(#"{"id":\#(index),"error":{"kind":"timeout","#))
            } else if answer != expected {
                Issue.record("\(answer) instead of \(expected)")
                return
            }
        }
    }
}
