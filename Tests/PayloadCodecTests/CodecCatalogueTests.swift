// SPDX-License-Identifier: Apache-2.0
import Testing

/// `codec test` on directories laid out as the public catalogues are.
@Suite struct CodecCatalogueTests {
    @Test func testRunsTheExamplesOfBothCatalogues() throws {
        let scratch = try ScratchDirectory()
        let codec =
            "function decodeUplink(input) { return { data: { t: input.bytes[0] / 2, at: input.recvTime } }; } function encodeDownlink(input) { return { bytes: [input.data.n] }; }"
        try scratch.write("vendor/codecs/probe.js", codec)
        try scratch.write(
            "vendor/codecs/test_decode_probe.json",
            "[ { \"name\": \"half\", \"input\": { \"fPort\": 0x7f, // a comment\n \"bytes\": [0x03] }, \"expected\": { \"data\": { \"t\": 1.5 } } } ]",
        )
        try scratch.write(
            "vendor/codecs/test_encode_probe.json",
            #"[{"name":"n","input":{"data":{"n":4}},"expected":{"bytes":[4]}}]"#
        )
        try scratch.write("other/driver/package.json", #"{"main":"main.js"}"#)
        try scratch.write(
            "other/driver/main.js",
            "exports.driver = { decodeUplink: function (input) { return { data: { t: input.bytes[1] }, errors: [], warnings: [] }; } };"
        )
        try scratch.write(
            "other/driver/examples.json",
            #"[{"type":"uplink","description":"d","input":{"bytes":"00ff","fPort":1},"output":{"data":{"t":255.0},"warnings":[],"errors":[]}}]"#,
        )
        let good = try ProgramRun(["codec", "test", scratch.path])
        #expect(good.output == "3 passed, 0 different, 0 unusable\n")
        #expect(good.code == 0)
        try scratch.write(
            "vendor/codecs/test_decode_probe.json",
            #"[{"name":"half","input":{"bytes":"04"},"expected":{"data":{"t":1.5}}}]"#
        )
        let different = try ProgramRun(["codec", "test", scratch.path])
        #expect(different.code == 1)
        #expect(different.output.contains("half: data.t is 2, expected 1.5"))
        #expect(different.output.hasSuffix("2 passed, 1 different, 0 unusable\n"))
    }

    @Test func aDriversManifestSaysHowItsFunctionsAreCalled() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(
            "own/index.js",
            "var driver; (function () { driver = { decodeUplink: function (input) { return { t: input.bytes[0], at: input.recvTime }; }, encodeDownlink: function (data) { return { bytes: [data.n], fPort: 2 }; }, decodeDownlink: function (input) { return { n: input.bytes[0] }; } }; })();"
        )
        try scratch.write("own/driver.yaml", "name: x\nsignature: actility # its own dialect\n")
        try scratch.write(
            "own/examples/a.examples.json",
            #"[{"type":"uplink","bytes":"05","fPort":1,"recvTime":"2020-08-02T20:00:00.000+05:00","data":{"t":5,"at":"2020-08-02T20:00:00.000+05:00"}},{"type":"downlink","description":"n","bytes":"07","fPort":2,"data":{"n":7}}]"#
        )
        try scratch.write(
            "old/main.js",
            "function Decoder(b, p) { return { p: p, n: b[0] }; } function decodeUplink() { return 0; } function Encoder(o) { return [o.n]; }"
        )
        try scratch.write("old/package.json", #"{"main":"./main"}"#)
        try scratch.write("old/driver.yaml", "signature: 'ttn'\r\n")
        try scratch.write(
            "old/examples/a.examples.json",
            #"[{"type":"uplink","bytes":[3],"fPort":9,"data":{"p":9,"n":"SKIP_NUMBER"}},{"type":"downlink","bytes":[4],"fPort":1,"data":{"n":4}}]"#
        )
        let run = try ProgramRun(["codec", "test", scratch.path])
        #expect(run.output == "5 passed, 0 different, 0 unusable\n")
        try scratch.write(
            "old/examples.json",
            #"[{"type":"uplink","description":"d","input":{"bytes":[3],"fPort":8},"output":{"p":8,"n":3}}]"#
        )
        try scratch.write("own/driver.yaml", "signature: actility\nuseContext: true\n")
        try scratch.write(
            "own/examples.json",
            #"[{"type":"uplink","description":"c","input":{"bytes":[3],"context":[1]},"output":{}},{"what":1}]"#
        )
        let other = try ProgramRun(["codec", "test", scratch.path])
        #expect(other.output.contains("SKIPPED \(scratch.path)/own/examples.json: c: "))
        #expect(other.output.contains("NOEXAMPLE \(scratch.path)/own/examples.json: element 2 "))
        #expect(other.output.hasSuffix("1 passed, 0 different, 1 unusable\n"))
        #expect(other.code == 1)
    }
}
