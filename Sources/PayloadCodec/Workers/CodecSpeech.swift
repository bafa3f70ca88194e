// SPDX-License-Identifier: Apache-2.0

/// Puts failures into the words of each network (ttn-mqtt B.1 and D.3). The one place where they are spelled.
struct CodecSpeech: Sendable {
    /// For the text of a timeout.
    let limitMilliseconds: Int

    /// A failure of decodeUplink, Decoder, Converter or Validator.
    func decodeFailure(_ problem: EnvelopeProblem, _ flavour: CodecFlavours) -> CodecFailure {
        guard flavour.contains(.v2) else { return modernFailure(problem) }
        let prefix = "Unable to decode payload fields: "
        let name = problem.function.name
        let message =
            switch problem.code {
            case .notAnObject, .noOutput: prefix + "\(name) not valid: does not return an object"
            case .notABoolean: prefix + "\(name) not valid: does not return a boolean"
            case .notFinite:
                prefix
                    + "Payload Function output cannot be marshaled to JSON: json: unsupported value at \(problem.text)"
            case .ownErrors: prefix + problem.text
            default: prefix + internalError(problem)
            }
        return failure(problem, message)
    }

    /// A failure of Encoder, encodeDownlink or Encode.
    func encodeFailure(_ problem: EnvelopeProblem, _ flavour: CodecFlavours) -> CodecFailure {
        guard flavour.contains(.v2) else { return modernFailure(problem) }
        let message =
            switch problem.code {
            case .missingFunction: "Downlink Payload not valid: fields supplied, but no Encoder function set"
            case .notAnArray, .noOutput: "Encoder not valid: does not return an Array"
            case .notIntegers: "Encoder not valid: should return an Array of integer numbers"
            case .outOfRange: "Encoder Output not valid: Numbers in Array should be between 0 and 255"
            case .ownErrors: problem.text
            case .badInput: "Downlink Payload not valid: fields are not a JSON object: \(problem.text)"
            default: internalError(problem)
            }
        return failure(problem, message)
    }

    /// A failure in plain words, for the command line.
    func plainFailure(_ problem: EnvelopeProblem) -> CodecFailure { failure(problem, plainText(problem)) }

    private func modernFailure(_ problem: EnvelopeProblem) -> CodecFailure { failure(problem, plainText(problem)) }

    private func internalError(_ problem: EnvelopeProblem) -> String {
        let name = problem.function.name
        switch problem.code {
        case .threw, .outOfMemory, .notJSON, .engine: return "Internal error: \(name) threw error: \(problem.text)"
        case .syntax: return "Internal error: \(name) threw error: SyntaxError: \(bare(problem.text))"
        case .missingFunction:
            return "Internal error: \(name) threw error: ReferenceError: '\(name)' is not defined"
        case .timeout:
            return "Internal error: Interrupted javascript execution for \(name) after \(limitMilliseconds)ms"
        default: return "Internal error: \(plainText(problem))"
        }
    }

    private func plainText(_ problem: EnvelopeProblem) -> String {
        let name = problem.function.name
        return switch problem.code {
        case .threw, .outOfMemory, .engine: problem.text
        case .notJSON: "\(name) returns what is not JSON: \(problem.text)"
        case .timeout: "\(name) ran longer than \(limitMilliseconds) ms"
        case .syntax: "SyntaxError: \(bare(problem.text))"
        case .missingFunction: "the script defines no function \(name)"
        case .notAnObject: "\(name) does not return an object"
        case .notABoolean: "\(name) does not return a boolean"
        case .notAnArray: "\(name) does not return an array of octets"
        case .notIntegers: "\(name) should return an array of integer numbers"
        case .outOfRange: "\(name) should return numbers between 0 and 255"
        case .badPort: "\(name) returns an fPort that is no integer between 0 and 255"
        case .notFinite: "\(name) returns a number that is not finite at `\(problem.text)`"
        case .tooLarge: "the result of \(name) is too large: \(problem.text) octets"
        case .noOutput: "\(name) returns nothing"
        case .ownErrors: problem.text
        case .badInput: "the input is not usable: \(problem.text)"
        case .died: "the process that ran \(name) \(problem.text)"
        case .unavailable: "no worker process could be had for \(name): \(problem.text)"
        case .unknownFormatter: "the repository has no formatter \(problem.text)"
        case .refused: "the formatter is too slow for its messages: \(problem.text)"
        }
    }

    private func bare(_ text: String) -> String {
        text.hasPrefix("SyntaxError: ") ? String(text.dropFirst(13)) : text
    }

    private func failure(_ problem: EnvelopeProblem, _ message: String) -> CodecFailure {
        let (kind, reason): (CodecFailure.Kind, String) =
            switch problem.code {
            case .threw: (.exception, "script")
            case .outOfMemory: (.memory, "runtime")
            case .died: (.memory, "runtime")
            case .timeout: (.timeout, "script_timeout")
            case .refused: (.timeout, "script_interrupt")
            case .syntax: (.syntax, "script")
            case .missingFunction: (.script, "entrypoint_not_found")
            case .notAnObject, .notABoolean, .notAnArray, .notIntegers, .outOfRange, .badPort: (.type, "output")
            case .notFinite, .notJSON, .tooLarge: (.type, "output_encoding")
            case .noOutput: (.type, "no_script_output")
            case .ownErrors: (.script, "output_errors")
            case .badInput: (.type, "input")
            case .engine: (.script, "runtime")
            case .unavailable: (.script, "worker_unavailable")
            case .unknownFormatter: (.script, "formatter_unknown")
            }
        return CodecFailure(kind: kind, reason: reason, message: message, line: problem.line, column: problem.column)
    }
}
