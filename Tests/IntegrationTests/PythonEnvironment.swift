// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport

/// A virtual environment of Python with packages from PyPI, kept below `.build` so that later runs are quick.
enum PythonEnvironment {
    /// The folder of the package.
    static let root =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// The interpreter of an environment that holds what a requirements file of the repository names.
    static func interpreter(requirements: String) async throws -> String {
        try await builder.interpreter(requirements: requirements)
    }

    private static let builder = Builder()

    /// Builds one environment at a time: two tests that need the same one share it.
    private actor Builder {
        private var building: [String: Task<String, any Error>] = [:]

        func interpreter(requirements: String) async throws -> String {
            if let task = building[requirements] { return try await task.value }
            // Shared by all who ask for it, so it must not end with the first of them.
            let task = Task { try await build(requirements) }
            building[requirements] = task
            return try await task.value
        }
    }

    private static func build(_ requirements: String) async throws -> String {
        let file = "\(root)/\(requirements)"
        let name = requirements.split(separator: "/").dropLast().last.map(String.init) ?? "python"
        let directory = "\(root)/.build/venv-\(name)"
        let python = "\(directory)/bin/python"
        let wanted = try read(file)
        if let present = try? read("\(directory)/installed.txt"), present == wanted, access(python, X_OK) == 0 {
            return python
        }
        do {
            try await ChildProcess.run("python3", ["-m", "venv", "--clear", directory], within: .seconds(120))
            try await ChildProcess.run(
                python,
                ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", file],
                within: .seconds(300),
            )
        } catch {
            throw SceneError(
                problem: "\(requirements) could not be installed from PyPI, which this test needs: \(error)"
            )
        }
        try write(wanted, to: "\(directory)/installed.txt")
        return python
    }

    private static func read(_ path: String) throws -> String {
        guard let stream = fopen(path, "r") else { throw SystemCallError("fopen \(path)") }
        defer { fclose(stream) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer.prefix(count)
        }
    }

    private static func write(_ text: String, to path: String) throws {
        guard let stream = fopen(path, "w") else { throw SystemCallError("fopen \(path)") }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, stream)
        guard fclose(stream) == 0, written == bytes.count else { throw SystemCallError("write \(path)") }
    }
}
