// SPDX-License-Identifier: Apache-2.0
import PayloadCodec
import Testing

@Suite struct FormatterRepositoryTests {
    @Test func devicesFindFormattersByNameAndReloadTakesEffectAsAWhole() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a.js", "function Decoder() { return { v: 1 }; }")
        try scratch.write("sub/b.js", "function Decoder() { return { v: 2 }; }")
        let first = #"{"vendor":"acme","model":"probe","firmware":"1.0","file":"a.js"}"#
        let second = #"{"vendor":"acme","model":"probe","firmware":"2.0","file":"sub/b.js"}"#
        try scratch.write("formatters.json", "[\(first)]")
        let repository = try FormatterRepository(directory: scratch.path)
        let old = try #require(repository.formatter(named: "acme/probe"))
        #expect(repository.formatter(named: "acme/probe@1.0") == old)
        #expect(repository.formatter(named: "acme/probe@2.0") == nil)
        try scratch.write("formatters.json", "[\(first),\(second)]")
        #expect(try repository.reload() == 2)
        #expect(repository.formatter(named: "acme/probe@1.0") == old)
        #expect(repository.formatter(named: "acme/probe") == repository.formatter(named: "acme/probe@2.0"))
        #expect(repository.entries.map(\.name) == ["acme/probe@1.0", "acme/probe@2.0"])
        try scratch.write("formatters.json", "[\(first),\(first)]")
        #expect(throws: FormatterRepositoryError.self) { try repository.reload() }
        #expect(repository.entries.count == 2)
    }

    @Test(arguments: [
        "{}", "[1]", "[", #"[{"vendor":"a","model":"b"}]"#, #"[{"vendor":"a","model":"b","file":"../x.js"}]"#,
        #"[{"vendor":"a","model":"b","file":"/etc/passwd"}]"#, #"[{"vendor":"a/c","model":"b","file":"a.js"}]"#,
        #"[{"vendor":"a","model":"b","file":"missing.js"}]"#, #"[{"vendor":"a","model":"b","file":"a.js","typo":1}]"#,
    ])
    func aBadManifestIsAnErrorInWords(_ manifest: String) throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a.js", "")
        try scratch.write("formatters.json", manifest)
        #expect(throws: FormatterRepositoryError.self) { try FormatterRepository(directory: scratch.path) }
    }

    @Test func theExamplesOfTheProjectAreGoodOnes() throws {
        let directory = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/examples/formatters"
        #expect(try FormatterRepository(directory: directory).entries.count == 3)
        let run = try ProgramRun(["codec", "test", directory])
        #expect(run.output == "7 passed, 0 different, 0 unusable\n")
        #expect(run.code == 0)
    }

    @Test func aReloadThatTheCodecChecksRefusesWhatCannotRunAndKeepsTheRest() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a.js", "function Decoder() { return { v: 1 }; }")
        try scratch.write("formatters.json", #"[{"vendor":"acme","model":"probe","file":"a.js"}]"#)
        let repository = try FormatterRepository(directory: scratch.path)
        let old = try #require(repository.formatter(named: "acme/probe"))
        try await TestCodec.with { codec in
            #expect(try await repository.reload(checkedBy: codec) == 1)
            for (script, detail) in [
                ("function Decoder( {", "SyntaxError"), ("nothing.at.all; function Decoder() {}", "ReferenceError"),
                ("for (;;);", "ran longer"), ("var x = 1;", "defines no function of any dialect"),
            ] {
                try scratch.write("a.js", script)
                let error = await #expect(throws: FormatterRepositoryError.self) {
                    try await repository.reload(checkedBy: codec)
                }
                #expect(error?.reason == "bad_script")
                #expect(error?.description.hasPrefix("\(scratch.path)/a.js: ") == true)
                #expect(error?.description.contains(detail) == true, "\(error?.description ?? "")")
                #expect(repository.formatter(named: "acme/probe") == old)
            }
            try scratch.write("a.js", "function Decoder() { return { v: 2 }; }")
            #expect(try await repository.reload(checkedBy: codec) == 1)
            #expect(repository.formatter(named: "acme/probe") != old)
        }
    }

    @Test func aNameThatMeansNoFormatterFailsEveryCallInWords() async throws {
        var decode = DecodeCall("")
        decode.formatter = .unknown(name: "acme/none")
        decode.flavours = [.v2, .v3]
        let encode = EncodeCall(
            applicationID: "a",
            formatter: .unknown(name: "acme/none"),
            fieldsJSON: [123, 125],
            port: 1
        )
        try await TestCodec.with { [decode] codec in
            let decoded = await codec.decode(decode)
            #expect(decoded.failure?.reason == "formatter_unknown")
            #expect(decoded.failure?.message.hasSuffix("the repository has no formatter acme/none") == true)
            #expect(decoded.decodedFailure?.reason == "formatter_unknown")
            #expect(await codec.encode(encode).failure?.reason == "formatter_unknown")
        }
    }
}
