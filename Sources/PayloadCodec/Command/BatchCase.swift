// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// One line of `codec batch`: what to run, or why it cannot be run.
struct BatchCase: Sendable {
    private let number: Int
    /// The JSON text of its `id` as it was written.
    private let id: [UInt8]
    private let work: Result<(function: ScriptFunction, script: Formatter, input: [UInt8]), CodecFailure>

    /// - Parameters:
    ///   - line: nil for a line that was too long to read.
    ///   - number: from 1.
    init(_ line: ArraySlice<UInt8>?, number: Int, _ scripts: inout ScriptFiles) {
        self.number = number
        guard let line else {
            id = Array("null".utf8)
            work = .failure(
                BatchCase.unusable("the line is longer than \(LineReader.limit) octets")
            )
            return
        }
        let members: JSONMembers
        do throws(JSONMembers.Fault) {
            members = try JSONMembers(of: line)
            id = BatchCase.id(in: members)
        } catch {
            id = BatchCase.id(in: error.members)
            work = .failure(BatchCase.unusable("the line is not JSON at octet \(error.offset): \(error.message)"))
            return
        }
        guard String(validating: line, as: UTF8.self) != nil else {
            work = .failure(BatchCase.unusable("the line is not UTF-8"))
            return
        }
        work = BatchCase.work(members, &scripts)
    }

    /// Runs it and says what came of it.
    func result(_ codec: PayloadCodec) async -> [UInt8] {
        switch work {
        case .failure(let failure): return line(failure)
        case .success(let (function, script, input)):
            // A name of its own for each case: no case pays for another's.
            let outcome = await codec.call(function, formatter: script, inputJSON: input, as: "case \(number)")
            if let failure = outcome.failure { return line(failure) }
            var json = JSONWriter()
            json.object { json in
                json.name("id")
                json.json(id)
                json.name("output")
                // What JSON has no word for, such as undefined, is null.
                if let result = outcome.resultJSON { json.json(result) } else { json.null() }
            }
            return json.bytes
        }
    }

    private static func work(_ members: JSONMembers, _ scripts: inout ScriptFiles)
        -> Result<(function: ScriptFunction, script: Formatter, input: [UInt8]), CodecFailure>
    {
        guard let path = members.text("script"), let name = members.text("function"), let input = members["input"]
        else { return .failure(unusable("a case needs texts `script` and `function`, and an `input`")) }
        guard let function = ScriptFunction(name: name) else {
            let reason = "entrypoint_not_found"
            return .failure(
                CodecFailure(kind: .script, reason: reason, message: "no dialect has a function \(name)")
            )
        }
        guard let json = ScriptInput.json(input) else {
            return .failure(unusable("the input is no object whose bytes are numbers or hex text"))
        }
        guard let script = scripts.formatter(path) else {
            return .failure(CodecFailure(kind: .script, reason: "script", message: "cannot read \(path)"))
        }
        return .success((function, script, json))
    }

    private static func id(in members: JSONMembers) -> [UInt8] {
        // An id that is not UTF-8 cannot stand in the answer.
        guard let text = members["id"], String(validating: text, as: UTF8.self) != nil else {
            return Array("null".utf8)
        }
        return Array(text)
    }

    private func line(_ failure: CodecFailure) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.name("id")
            json.json(id)
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

    private static func unusable(_ message: String) -> CodecFailure {
        CodecFailure(kind: .type, reason: "input", message: message)
    }
}

/// Scripts by their paths, each read once.
struct ScriptFiles {
    /// Octets of text that are kept.
    private static let limit = 128 << 20

    private var known: [String: Formatter?] = [:]
    private var size = 0

    /// The formatter of a file; nil when it cannot be read.
    mutating func formatter(_ path: String) -> Formatter? {
        if let formatter = known[path] { return formatter }
        let script = CommandOutput.script(path)
        size += path.utf8.count + (script?.utf8.count ?? 0)
        if size > ScriptFiles.limit {
            known.removeAll()
            size = 0
        }
        let formatter = script.map { Formatter.javascript(script: $0) }
        known[path] = .some(formatter)
        return formatter
    }
}
