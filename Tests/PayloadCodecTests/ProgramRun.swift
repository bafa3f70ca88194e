// SPDX-License-Identifier: Apache-2.0
import Glibc

/// One run of the built program.
struct ProgramRun {
    let code: Int32
    let output: String
    let errors: String

    /// Output as lines.
    var lines: [String] { output.split(separator: "\n").map { String($0) } }

    /// Runs `ran-mqtt-bridge` with arguments and standard input from a text, and waits for its end.
    init(_ arguments: [String], input: String = "") throws {
        let scratch = try ScratchDirectory()
        let inputPath = try scratch.write("input", input)
        let outputPath = scratch.path + "/output"
        let errorPath = scratch.path + "/errors"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, inputPath, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT, 0o600)
        var words: [UnsafeMutablePointer<CChar>?] = ([TestCodec.program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var identifier: pid_t = 0
        let result = posix_spawn(&identifier, TestCodec.program, &actions, nil, &words, environ)
        guard result == 0 else { throw ProgramError(what: "posix_spawn says \(result)") }
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        code = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
        output = try scratch.read("output")
        errors = try scratch.read("errors")
    }
}

/// Why a program could not be run.
struct ProgramError: Error {
    let what: String
}

/// A directory that goes when this object goes.
final class ScratchDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/codec-tests-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw ProgramError(what: "mkdtemp says \(errno)") }
        path = String(cString: made)
    }

    deinit { ScratchDirectory.remove(path) }

    /// Writes a file below it, with the directories on the way, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, octets: Array(text.utf8)) }

    /// The same for octets.
    @discardableResult
    func write(_ name: String, octets: [UInt8]) throws -> String {
        var directory = path
        for part in name.split(separator: "/").dropLast() {
            directory += "/" + part
            mkdir(directory, 0o700)
        }
        let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw ProgramError(what: "open \(name) says \(errno)") }
        defer { close(file) }
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw ProgramError(what: "write says \(errno)") }
            rest = rest.dropFirst(count)
        }
        return path + "/" + name
    }

    /// The text of a file below it.
    func read(_ name: String) throws -> String {
        let file = open(path + "/" + name, O_RDONLY)
        guard file >= 0 else { throw ProgramError(what: "open \(name) says \(errno)") }
        defer { close(file) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            octets += chunk.prefix(count)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(directory)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
