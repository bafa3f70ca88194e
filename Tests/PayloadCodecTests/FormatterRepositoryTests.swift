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
}
