// SPDX-License-Identifier: Apache-2.0
import JSON
import Testing

/// The built program, run as users run it; one at a time, so that no child inherits another's pipe.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ProgramTests {
    @Test("the demo's scenario runs, prints what happens, and SIGTERM ends it with a summary")
    func demo() async throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let program = try RunningProgram([
            "--scenario", root + "/examples/demo-scenario.yaml", "--print", "--port", "0",
        ])
        let first = try #require(await program.nextLine())
        let port = try #require(first.split(separator: ":").last?.split(separator: "/").first.flatMap { UInt16($0) })
        #expect(first == "listening on http://127.0.0.1:\(port)/api/v1.0")
        var line = await program.nextLine()
        while let text = line, !text.contains("sends uplink FCnt 0") { line = await program.nextLine() }
        #expect(line?.hasPrefix("device abp-") == true)
        let client = SocketClient()
        try await client.connect(port: port)
        let report = try JSONValue(parsing: try await client.request("GET", "/control/report").body)
        #expect(report["devices"]?.elements?.compactMap { $0["name"]?.text }.count == 6)
        await program.terminate()
        var last = ""
        while let text = await program.nextLine() { last = text.hasPrefix("summary: ") ? text : last }
        #expect(last.contains("0 acked"))
        #expect(await program.exitCode() == 0)
    }

    @Test(
        "a wrong command line or scenario is refused with exit code 2",
        arguments: [["--bad"], [], ["--scenario", "/none"]]
    )
    func refused(arguments: [String]) async throws {
        let program = try RunningProgram(arguments)
        #expect(await program.nextLine() == nil)
        #expect(await program.exitCode() == 2)
    }

    @Test("it ends by itself when told how long to run")
    func seconds() async throws {
        let program = try RunningProgram(["--token", "t", "--seconds", "1"])
        #expect(await program.nextLine()?.hasPrefix("listening on http://127.0.0.1:") == true)
        #expect(await program.nextLine()?.hasPrefix("summary: 0 upstream messages") == true)
        #expect(await program.exitCode() == 0)
    }
}
