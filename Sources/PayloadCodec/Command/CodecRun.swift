// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// `codec run`: one function, one payload.
enum CodecRun {
    private struct Options {
        var file = ""
        var function: String?
        var port = 1
        var isBase64 = false
        var payload = ""
    }

    static func main(_ arguments: [String], _ codec: PayloadCodec) async -> Int32 {
        let options: Options
        switch parse(arguments) {
        case .success(let parsed): options = parsed
        case .failure(let complaint): return refuse(complaint.text)
        }
        guard let script = CommandOutput.script(options.file) else { return refuse("cannot read \(options.file)") }
        let function: ScriptFunction
        if let name = options.function {
            guard let named = ScriptFunction(name: name) else {
                return refuse(
                    "no dialect has a function \(name); one of "
                        + ScriptFunction.allCases.map(\.name).joined(separator: ", ")
                )
            }
            function = named
        } else {
            let listed = await codec.list(.javascript(script: script), as: "run")
            if let failure = listed.failure { return fail(failure, listed.logs) }
            let order: [ScriptFunction] = [.decodeUplink, .decoder, .decode, .encodeDownlink, .encoder, .encode]
            guard let first = order.first(where: { listed.functions.contains($0) }) else {
                return refuse("\(options.file) defines no function of any dialect")
            }
            function = first
        }
        guard let input = input(options, function) else {
            return refuse(
                function.encodes
                    ? "the payload for \(function.name) must be JSON, such as '{\"led\":true}'"
                    : "the payload is not \(options.isBase64 ? "base64" : "hex"): \(options.payload)"
            )
        }
        let outcome = await codec.call(function, formatter: .javascript(script: script), inputJSON: input, as: "run")
        if let failure = outcome.failure { return fail(failure, outcome.logs) }
        report(outcome)
        return 0
    }

    private struct Complaint: Error {
        let text: String
    }

    private static func parse(_ arguments: [String]) -> Result<Options, Complaint> {
        var options = Options()
        var payloads: [String] = []
        var iterator = arguments.makeIterator()
        while let argument = iterator.next() {
            switch argument {
            case "--file", "--function", "--port":
                guard let value = iterator.next() else { return .failure(Complaint(text: "\(argument) needs a value")) }
                switch argument {
                case "--file": options.file = value
                case "--function": options.function = value
                default:
                    guard let port = UInt8(value) else {
                        return .failure(Complaint(text: "--port must be 0 to 255, not \(value)"))
                    }
                    options.port = Int(port)
                }
            case "--hex": options.isBase64 = false
            case "--base64": options.isBase64 = true
            case _ where argument.hasPrefix("--"): return .failure(Complaint(text: "unknown option \(argument)"))
            default: payloads.append(argument)
            }
        }
        guard !options.file.isEmpty else { return .failure(Complaint(text: "--file SCRIPT is missing")) }
        guard payloads.count == 1 else {
            return .failure(Complaint(text: "give one PAYLOAD (use '' for an empty one)"))
        }
        options.payload = payloads[0]
        return .success(options)
    }

    private static func input(_ options: Options, _ function: ScriptFunction) -> [UInt8]? {
        var object: JSONObject = ["fPort": .integer(Int64(options.port))]
        switch function {
        case .encodeDownlink, .encoder, .encode, .normalizeUplink, .converter, .validator:
            guard let data = try? JSONValue(parsing: options.payload.utf8, depth: 512) else { return nil }
            object["data"] = data
        case .decodeUplink, .decodeDownlink, .decoder, .decode:
            let octets =
                options.isBase64 ? Base64.octetsOfAnyForm(options.payload) : ScriptInput.octets(hex: options.payload)
            guard let octets else { return nil }
            object["bytes"] = .array(octets.map { .integer(Int64($0)) })
            object["recvTime"] = .string("1970-01-01T00:00:00Z")
        }
        return ScriptInput.json(.object(object))
    }

    private static func report(_ outcome: ScriptCallOutcome) {
        say(outcome.logs)
        let result = outcome.resultJSON ?? Array("null".utf8)
        CommandOutput.print(result)
        guard let value = try? JSONValue(parsing: result, depth: 512) else { return }
        for (member, word) in [("warnings", "warning"), ("errors", "error")] {
            guard case .array(let texts)? = value[member] else { continue }
            for text in texts { CommandOutput.complain("\(word): \(text.text ?? text.jsonText)") }
        }
    }

    private static func say(_ logs: [CodecLog]) {
        for log in logs { CommandOutput.complain("console: \(log.fields.joined(separator: " "))") }
    }

    private static func fail(_ failure: CodecFailure, _ logs: [CodecLog]) -> Int32 {
        say(logs)
        CommandOutput.complain("error: \(failure.kind.rawValue): \(failure)")
        return 1
    }

    private static func refuse(_ text: String) -> Int32 {
        CommandOutput.complain("error: \(text)")
        return 2
    }
}
