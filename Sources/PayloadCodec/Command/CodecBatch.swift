// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// `codec batch`: lines of cases in, lines of results out, in the same order.
enum CodecBatch {
    private static let window = 256

    static func main(_ codec: PayloadCodec) async -> Int32 {
        var scripts: [String: String?] = [:]
        var rest: [UInt8] = []
        var number = 0
        while true {
            guard let chunk = CommandOutput.readSome(0) else {
                CommandOutput.complain("error: standard input cannot be read")
                return 2
            }
            rest += chunk
            var lines: [[UInt8]] = []
            if chunk.isEmpty {
                if !rest.isEmpty { lines = [rest] }
            } else {
                var parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                rest = parts.popLast().map { Array($0) } ?? []
                lines = parts.map { Array($0) }
            }
            lines.removeAll { line in !line.contains { $0 > 0x20 } }
            for start in stride(from: 0, to: lines.count, by: window) {
                let cases = lines[start..<min(start + window, lines.count)].map { line -> Case in
                    number += 1
                    return Case(line, number, &scripts)
                }
                await run(cases, codec)
            }
            if chunk.isEmpty { return 0 }
        }
    }

    private static func run(_ cases: [Case], _ codec: PayloadCodec) async {
        let results = await withTaskGroup(of: (Int, [UInt8]).self) { group in
            for (index, one) in cases.enumerated() {
                group.addTask { (index, await one.result(codec)) }
            }
            var results = [[UInt8]](repeating: [], count: cases.count)
            for await (index, line) in group { results[index] = line }
            return results
        }
        CommandOutput.print(Array(results.joined(separator: [UInt8(ascii: "\n")])))
    }

    /// One line: what to run, or why it cannot be run.
    private struct Case: Sendable {
        private let id: JSONValue
        private let number: Int
        private let work: Result<(function: ScriptFunction, script: String, input: [UInt8]), CodecFailure>

        init(_ line: [UInt8], _ number: Int, _ scripts: inout [String: String?]) {
            self.number = number
            let value: JSONValue
            do {
                value = try JSONValue(parsing: line, depth: 512)
            } catch {
                id = .null
                work = .failure(Case.failure(.type, "input", "the line is \(error)"))
                return
            }
            id = value["id"] ?? .null
            guard let path = value["script"]?.text, let name = value["function"]?.text, let input = value["input"]
            else {
                work = .failure(Case.failure(.type, "input", "a case needs script, function and input"))
                return
            }
            guard let function = ScriptFunction(name: name) else {
                work = .failure(Case.failure(.script, "entrypoint_not_found", "no dialect has a function \(name)"))
                return
            }
            guard let json = ScriptInput.json(input) else {
                work = .failure(
                    Case.failure(.type, "input", "the input is no object with octets as numbers or hex text")
                )
                return
            }
            let script: String?
            if let known = scripts[path] {
                script = known
            } else {
                script = CommandOutput.script(path)
                scripts[path] = .some(script)
            }
            guard let script else {
                work = .failure(Case.failure(.script, "script", "cannot read \(path)"))
                return
            }
            work = .success((function, script, json))
        }

        func result(_ codec: PayloadCodec) async -> [UInt8] {
            switch work {
            case .failure(let failure): return line(failure)
            case .success(let (function, script, input)):
                // A name of its own for each case: no case pays for another's.
                let outcome = await codec.call(function, script: script, inputJSON: input, as: "case \(number)")
                if let failure = outcome.failure { return line(failure) }
                var json = JSONWriter()
                json.object { json in
                    json.member("id", id)
                    json.name("output")
                    if let result = outcome.resultJSON { json.json(result) } else { json.null() }
                }
                return json.bytes
            }
        }

        private func line(_ failure: CodecFailure) -> [UInt8] {
            var json = JSONWriter()
            json.object { json in
                json.member("id", id)
                json.name("error")
                json.object { json in
                    json.member("kind", failure.kind.rawValue)
                    json.member("message", failure.message)
                    json.member("reason", failure.reason)
                    if let line = failure.line { json.member("line", line) }
                    if let column = failure.column { json.member("column", column) }
                }
            }
            return json.bytes
        }

        private static func failure(_ kind: CodecFailure.Kind, _ reason: String, _ message: String) -> CodecFailure {
            CodecFailure(kind: kind, reason: reason, message: message)
        }
    }
}
