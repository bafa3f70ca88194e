// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// What the other tests rely on: that programs are heard, ended and never left behind.
@Suite(.timeLimit(.minutes(5))) struct ChildProcessTests {
    @Test("a program's lines come in order and end with it")
    func lines() async throws {
        let child = try ChildProcess(
            "sh",
            ["-c", "read a; echo got $a; echo worse >&2; echo last; exit 3"],
            input: "in\n"
        )
        var seen: [ChildProcess.Line] = []
        for await line in child.lines { seen.append(line) }
        #expect(seen.filter { $0.stream == .output }.map(\.text) == ["got in", "last"])
        #expect(seen.filter { $0.stream == .error }.map(\.text) == ["worse"])
        #expect(try await child.exit() == .code(3))
    }

    @Test("waiting for a line that does not come fails when the program ends, with what it wrote")
    func missingLine() async throws {
        let child = try ChildProcess("sh", ["-c", "echo something else; exit 1"])
        let failure = await #expect(throws: ProgramFailure.self) { try await child.line(containing: "wanted") }
        #expect(failure?.text == "something else")
        #expect(failure?.exit == .code(1))
    }

    @Test("a program gets its environment and its directory, and no signal is blocked in it")
    func surroundings() async throws {
        let directory = try TemporaryDirectory()
        let record = try await ChildProcess.run(
            "sh",
            ["-c", "pwd; echo $SHOWN; grep SigBlk /proc/self/status"],
            environment: ["SHOWN": "yes"],
            workingDirectory: directory.path,
        )
        #expect(record.lines.map(\.text) == [directory.path, "yes", "SigBlk:\t0000000000000000"])
    }

    @Test("terminate ends a program, and one that does not listen is killed")
    func terminate() async throws {
        let polite = try ChildProcess("sh", ["-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done"])
        try await polite.line(containing: "up")
        #expect(try await polite.terminate() == .code(7))
        let deaf = try ChildProcess("sh", ["-c", "trap '' TERM; echo up; exec sleep 60"])
        try await deaf.line(containing: "up")
        await #expect(throws: WaitTimeout.self) { try await deaf.terminate(within: .milliseconds(50)) }
        #expect(try await deaf.exit() == .signal(SIGKILL))
    }

    @Test("a program that a test lets go is killed")
    func letGo() async throws {
        var child: ChildProcess? = try ChildProcess("sleep", ["60"])
        let record = try #require(child?.record)
        child = nil
        try await record.wait(for: "its end") { $0.exit == .signal(SIGKILL) }
    }

    @Test("a directory goes away with its object")
    func directory() throws {
        var directory: TemporaryDirectory? = try TemporaryDirectory()
        let path = try #require(directory?.path)
        try directory?.write("x", to: "file")
        mkdir("\(path)/sub", 0o700)
        try directory?.write("x", to: "sub/file")
        #expect(access("\(path)/sub/file", F_OK) == 0)
        directory = nil
        #expect(access(path, F_OK) != 0)
    }
}
