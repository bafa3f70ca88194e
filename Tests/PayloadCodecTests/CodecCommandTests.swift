// SPDX-License-Identifier: Apache-2.0
import JSON
import Testing

@Suite struct CodecCommandTests {
    private let alliance = """
        var calls = 0;
        function decodeUplink(input) {
          calls++;
          console.log('port', input.fPort);
          if (input.fPort === 9) throw new Error('nine');
          if (input.fPort === 8) while (true) {}
          if (input.fPort === 7) { var cycle = {}; cycle.cycle = cycle; return cycle; }
          if (input.fPort === 6) return undefined;
          return { data: { first: input.bytes[0], time: input.recvTime, calls: calls, date: input.recvTime instanceof Date },
            warnings: input.fPort === 2 ? ['two'] : [] };
        }
        function encodeDownlink(input) { return { bytes: [input.data.led ? 1 : 0], fPort: 3 }; }
        """

    @Test func runPrintsTheResultAndSaysWarningsAndConsoleOutputOnStandardError() throws {
        let scratch = try ScratchDirectory()
        let file = try scratch.write("codec.js", alliance)
        let run = try ProgramRun(["codec", "run", "--file", file, "--port", "2", "0a"])
        #expect(run.code == 0)
        #expect(
            run.output
                == #"{"data":{"first":10,"time":"1970-01-01T00:00:00.000Z","calls":1,"date":true},"warnings":["two"]}"#
                + "\n"
        )
        #expect(run.errors == "console: \"port\" 2\nwarning: two\n")
        let base64 = try ProgramRun(["codec", "run", "--file", file, "--base64", "/w=="])
        #expect(base64.output.hasPrefix(#"{"data":{"first":255,"#))
        let encode = try ProgramRun(["codec", "run", "--file", file, "--function", "encodeDownlink", #"{"led":true}"#])
        #expect(encode.output == #"{"bytes":[1],"fPort":3}"# + "\n")
    }

    @Test func runTellsScriptFailuresFromWrongUse() throws {
        let scratch = try ScratchDirectory()
        let file = try scratch.write("codec.js", alliance)
        let threw = try ProgramRun(["codec", "run", "--file", file, "--port", "9", "00"])
        #expect(threw.code == 1)
        #expect(threw.errors.contains("error: exception: Error: nine (line 5"))
        #expect(try ProgramRun(["codec", "run", "--file", file, "0"]).code == 2)
        #expect(try ProgramRun(["codec", "run", "--file", file + "x", "00"]).code == 2)
        #expect(try ProgramRun(["codec", "run", "--file", file, "--function", "decode", "00"]).code == 2)
        #expect(try ProgramRun(["codec", "nonsense"]).code == 2)
        #expect(try ProgramRun(["codec", "help"]).output.contains("codec batch"))
    }

    @Test func batchAnswersEveryLineInOrderAndEachStandsAlone() throws {
        let scratch = try ScratchDirectory()
        let file = try scratch.write("codec.js", alliance)
        let old = try scratch.write(
            "old.js",
            "n = typeof n === 'undefined' ? 1 : n + 1; function Decoder(bytes, port) { return { n: n, b: bytes, p: port }; } function Encoder(o, p) { return [o.x, p]; }"
        )
        let chirp = try scratch.write(
            "chirp.js",
            "function Decode(fPort, bytes, variables) { return { p: fPort, b: bytes[0], v: variables.k }; } function Encode(fPort, obj, v) { return [fPort, obj.x]; }"
        )
        let broken = try scratch.write("broken.js", "function decodeUplink(input) {\n  return {;\n}")
        let greedy = try scratch.write(
            "greedy.js",
            "function decodeUplink() { var a = []; for (;;) { a.push(new Uint8Array(1 << 26).fill(1)); } }"
        )
        func line(_ id: String, _ script: String, _ function: String, _ input: String) -> String {
            #"{"id":\#(id),"script":"\#(script)","function":"\#(function)","input":\#(input)}"#
        }
        let time = "2023-05-02T20:00:00+02:00"
        let input = [
            line("1", file, "decodeUplink", #"{"bytes":[1,2],"fPort":1,"recvTime":"\#(time)"}"#),
            line(#""two""#, file, "decodeUplink", #"{"bytes":"ff00","fPort":1,"recvTime":"\#(time)"}"#),
            line("3", file, "decodeUplink", #"{"bytes":[],"fPort":9}"#),
            line("4", file, "decodeUplink", #"{"bytes":[],"fPort":8}"#),
            line("5", file, "decodeUplink", #"{"bytes":[],"fPort":7}"#),
            line("6", file, "decodeUplink", #"{"bytes":[],"fPort":6}"#),
            line("7", file, "encodeDownlink", #"{"data":{"led":1}}"#),
            line("8", file, "decodeDownlink", #"{"bytes":[]}"#),
            line("9", old, "Decoder", #"{"bytes":[5],"fPort":4}"#),
            line("10", old, "Decoder", #"{"bytes":[5],"fPort":4}"#),
            line("11", old, "Encoder", #"{"data":{"x":7},"fPort":4}"#),
            line("12", chirp, "Decode", #"{"bytes":[5],"fPort":4,"variables":{"k":"v"}}"#),
            line("13", chirp, "Encode", #"{"data":{"x":7},"fPort":4}"#),
            line("14", broken, "decodeUplink", #"{"bytes":[]}"#),
            line("15", greedy, "decodeUplink", #"{"bytes":[]}"#),
            line("16", file + "x", "decodeUplink", #"{"bytes":[]}"#),
            line("17", file, "nothing", #"{"bytes":[]}"#),
            line("18", file, "decodeUplink", #"{"bytes":"xyz"}"#),
            "not json",
            line("20", file, "decodeUplink", #"{"bytes":[1],"fPort":1,"recvTime":"\#(time)"}"#),
        ]
        let run = try ProgramRun(["codec", "batch"], input: input.joined(separator: "\n"))
        #expect(run.code == 0)
        let lines = run.lines
        try #require(lines.count == 20)
        let good = #"{"data":{"first":%,"time":"2023-05-02T18:00:00.000Z","calls":1,"date":true},"warnings":[]}}"#
        #expect(lines[0] == #"{"id":1,"output":"# + good.split(separator: "%").joined(separator: "1"))
        #expect(lines[1] == #"{"id":"two","output":"# + good.split(separator: "%").joined(separator: "255"))
        #expect(
            lines[2].hasPrefix(
                #"{"id":3,"error":{"kind":"exception","message":"Error: nine","reason":"script","line":5,"#
            )
        )
        #expect(lines[3].hasPrefix(#"{"id":4,"error":{"kind":"timeout","#))
        #expect(lines[4].hasPrefix(#"{"id":5,"error":{"kind":"type","#))
        #expect(lines[5] == #"{"id":6,"output":null}"#)
        #expect(lines[6] == #"{"id":7,"output":{"bytes":[1],"fPort":3}}"#)
        #expect(lines[7].hasPrefix(#"{"id":8,"error":{"kind":"script","#))
        #expect(lines[8] == #"{"id":9,"output":{"n":1,"b":[5],"p":4}}"#)
        #expect(lines[9] == #"{"id":10,"output":{"n":1,"b":[5],"p":4}}"#)
        #expect(lines[10] == #"{"id":11,"output":[7,4]}"#)
        #expect(lines[11] == #"{"id":12,"output":{"p":4,"b":5,"v":"v"}}"#)
        #expect(lines[12] == #"{"id":13,"output":[4,7]}"#)
        #expect(lines[13].hasPrefix(#"{"id":14,"error":{"kind":"syntax","#))
        #expect(lines[13].contains(#""line":2,"column":11"#))
        #expect(
            lines[14].hasPrefix(#"{"id":15,"error":{"kind":"memory","#)
                || lines[14].hasPrefix(#"{"id":15,"error":{"kind":"timeout","#)
        )
        #expect(lines[15].hasPrefix(#"{"id":16,"error":{"kind":"script","#))
        #expect(lines[16].hasPrefix(#"{"id":17,"error":{"kind":"script","#))
        #expect(lines[17].hasPrefix(#"{"id":18,"error":{"kind":"type","#))
        #expect(lines[18].hasPrefix(#"{"id":null,"error":{"kind":"type","#))
        #expect(lines[19] == #"{"id":20,"output":"# + good.split(separator: "%").joined(separator: "1"))
    }

    @Test func checkNamesDialectFunctionsAndPlaceOfSyntaxErrors() throws {
        let scratch = try ScratchDirectory()
        let good = try ProgramRun(["codec", "check", try scratch.write("codec.js", alliance)])
        #expect(good.code == 0)
        #expect(good.output.contains("dialect: alliance"))
        #expect(good.output.contains("functions: decodeUplink, encodeDownlink"))
        let path = try scratch.write("broken.js", "function Decoder(bytes) {\n  var a = [1, 2;\n}")
        let broken = try ProgramRun(["codec", "check", path])
        #expect(broken.code == 1)
        #expect(broken.output.hasPrefix("\(path):2:16: syntax: "))
        let other = try ProgramRun(["codec", "check", try scratch.write("other.js", "var x = 1;")])
        #expect(other.code == 1)
        #expect(try ProgramRun(["codec", "check", path + "x"]).code == 2)
    }
}
