// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import JSON

/// Reads the harness's answer: sections that begin with U+0001 and a letter.
struct Envelope {
    private let octets: UnsafeRawBufferPointer
    private let speech: CodecSpeech

    init(_ octets: UnsafeRawBufferPointer, speech: CodecSpeech) {
        self.octets = octets
        self.speech = speech
    }

    /// Whether the call ran in a realm of its own: the last section then is an empty `O`.
    static func tellsOfOwnRealm(_ octets: UnsafeRawBufferPointer) -> Bool {
        octets.count >= 2 && octets[octets.count - 1] == UInt8(ascii: "O") && octets[octets.count - 2] == 1
    }

    /// The answer to a job.
    func answer(to request: CodecJob.Request) -> CodecAnswer {
        switch request {
        case .decode: .decoded(decodeOutcome())
        case .encode(_, let flags, _): .encoded(encodeOutcome(flags.flavours))
        case .call, .list: .called(callOutcome())
        }
    }

    private func decodeOutcome() -> DecodeOutcome {
        var outcome = DecodeOutcome()
        var fields: [UInt8] = []
        eachSection { tag, content in
            switch tag {
            case UInt8(ascii: "F"):
                fields = Array(content)
                // An empty object counts as no fields.
                outcome.fieldsJSON = fields.count > 2 ? fields : nil
            case UInt8(ascii: "V"): outcome.isValid = false
            case UInt8(ascii: "E"): outcome.failure = speech.decodeFailure(problem(content), .v2)
            case UInt8(ascii: "D"): outcome.decodedJSON = Array(content)
            case UInt8(ascii: "d"): outcome.decodedJSON = fields
            case UInt8(ascii: "e"): outcome.decodedFailure = speech.decodeFailure(problem(content), .v3)
            case UInt8(ascii: "W"): outcome.warnings.append(text(content))
            case UInt8(ascii: "N"): outcome.normalizedJSON.append(Array(content))
            case UInt8(ascii: "w"): outcome.normalizedWarnings.append(text(content))
            case UInt8(ascii: "x"): outcome.normalizedFailure = speech.decodeFailure(problem(content), .v3)
            case UInt8(ascii: "L"): outcome.logs.append(log(content))
            case UInt8(ascii: "S"): if let step = step(content) { outcome.steps.append(step) }
            default: break
            }
        }
        return outcome
    }

    private func encodeOutcome(_ flavour: CodecFlavours) -> EncodeOutcome {
        var outcome = EncodeOutcome()
        eachSection { tag, content in
            switch tag {
            case UInt8(ascii: "B"): outcome.bytes = numbers(content).map { UInt8(clamping: $0) }
            case UInt8(ascii: "P"): outcome.port = numbers(content).first.map { UInt8(clamping: $0) }
            case UInt8(ascii: "W"): outcome.warnings.append(text(content))
            case UInt8(ascii: "E"): outcome.failure = speech.encodeFailure(problem(content), flavour)
            case UInt8(ascii: "L"): outcome.logs.append(log(content))
            case UInt8(ascii: "S"): if let step = step(content) { outcome.steps.append(step) }
            default: break
            }
        }
        return outcome
    }

    private func callOutcome() -> ScriptCallOutcome {
        var outcome = ScriptCallOutcome()
        eachSection { tag, content in
            switch tag {
            case UInt8(ascii: "R"): outcome.resultJSON = Array(content)
            case UInt8(ascii: "E"): outcome.failure = speech.plainFailure(problem(content))
            case UInt8(ascii: "L"): outcome.logs.append(log(content))
            case UInt8(ascii: "Q"): outcome.functions = content.compactMap { ScriptFunction(rawValue: $0 &- 0x30) }
            default: break
            }
        }
        return outcome
    }

    private func eachSection(_ body: (UInt8, UnsafeRawBufferPointer) -> Void) {
        guard let base = octets.baseAddress else { return }
        var offset = 0
        while offset + 1 < octets.count {
            guard octets[offset] == 1 else { return }
            let start = offset + 2
            let next = memchr(base + start, 1, octets.count - start)
            let end = next.map { base.distance(to: UnsafeRawPointer($0)) } ?? octets.count
            body(octets[offset + 1], UnsafeRawBufferPointer(rebasing: octets[start..<end]))
            offset = end
        }
    }

    // code, function digit, line "," column "," JSON string
    private func problem(_ content: UnsafeRawBufferPointer) -> EnvelopeProblem {
        let parts = content.dropFirst(2).split(separator: UInt8(ascii: ","), maxSplits: 2)
        let line = parts.first.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        var column = parts.dropFirst().first.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        let code = content.first.flatMap { EnvelopeProblem.Code(rawValue: Character(UnicodeScalar($0))) } ?? .engine
        if line == 1, code != .syntax { column &-= ScriptWrapper.columnOffset }
        let function = content.dropFirst().first.flatMap { ScriptFunction(rawValue: $0 &- 0x30) } ?? .decodeUplink
        return EnvelopeProblem(
            code: code,
            function: function,
            line: line > 0 ? line : nil,
            column: line > 0 && column > 0 ? column : nil,
            text: parts.count == 3 ? text(UnsafeRawBufferPointer(rebasing: parts[2])) : "",
        )
    }

    private func text(_ content: UnsafeRawBufferPointer) -> String {
        guard let value = try? JSONValue(parsing: content), let text = value.text else { return "" }
        return text
    }

    private func step(_ content: UnsafeRawBufferPointer) -> CodecStep? {
        guard let first = content.first, let function = ScriptFunction(rawValue: first &- 0x30) else { return nil }
        return CodecStep(function: function.name, resultJSON: Array(content.dropFirst()))
    }

    private func log(_ content: UnsafeRawBufferPointer) -> CodecLog {
        guard let value = try? JSONValue(parsing: content), case .array(let parts) = value else {
            return CodecLog(function: "", fields: [])
        }
        return CodecLog(function: parts.first?.text ?? "", fields: parts.dropFirst().map { $0.text ?? "" })
    }

    private func numbers(_ content: UnsafeRawBufferPointer) -> [Int] {
        var result: [Int] = []
        var value: Int?
        for octet in content {
            if octet == UInt8(ascii: ",") {
                if let value { result.append(value) }
                value = nil
            } else {
                // A worker that was taken over may write any number.
                value = min(1 << 20, value ?? 0) * 10 + Int(octet &- 0x30)
            }
        }
        if let value { result.append(value) }
        return result
    }
}
