// SPDX-License-Identifier: Apache-2.0
internal import Observability

/// One call on its way through a worker.
struct CodecJob: Sendable {
    /// What is asked.
    enum Request: Sendable {
        case decode(DecodeCall)
        case encode(EncodeCall)
        /// One function with the JSON text of its input.
        case call(ScriptFunction, inputJSON: [UInt8])
        case list
    }

    /// Where its answer goes: called once, on the thread of a worker's lane.
    typealias Delivery = @Sendable (CodecAnswer) -> Void

    let applicationID: String
    let formatter: Formatter
    let request: Request
    let deliver: Delivery
    /// Known before a worker was asked: it only waits for its turn.
    var answer: CodecAnswer?
    /// How many workers ended while this call was in their batch and none was running.
    var losses = 0
}

/// The answer to a job, in the kind of its request.
enum CodecAnswer: Sendable {
    case decoded(DecodeOutcome)
    case encoded(EncodeOutcome)
    case called(ScriptCallOutcome)
}

/// What a named function returned.
struct ScriptCallOutcome: Sendable {
    /// The result as JSON text; nil when it returned undefined or failed.
    var resultJSON: [UInt8]?
    /// Functions found by `list`.
    var functions: [ScriptFunction] = []
    var failure: CodecFailure?
    var logs: [CodecLog] = []
}

extension CodecJob {
    /// The answer of a call that a worker did not survive, or that never got to one.
    func failed(_ code: EnvelopeProblem.Code, function: ScriptFunction?, text: String, limit: Int) -> CodecAnswer {
        let problem = EnvelopeProblem(
            code: code,
            function: function ?? mainFunction,
            line: nil,
            column: nil,
            text: text
        )
        let speech = CodecSpeech(limitMilliseconds: limit)
        switch request {
        case .decode(let call):
            var outcome = DecodeOutcome()
            if call.flavours.contains(.v2) { outcome.failure = speech.decodeFailure(problem, .v2) }
            if call.flavours.contains(.v3) { outcome.decodedFailure = speech.decodeFailure(problem, .v3) }
            return .decoded(outcome)
        case .encode(let call):
            var outcome = EncodeOutcome()
            outcome.failure = speech.encodeFailure(problem, call.flavour)
            return .encoded(outcome)
        case .call, .list:
            var outcome = ScriptCallOutcome()
            outcome.failure = speech.plainFailure(problem)
            return .called(outcome)
        }
    }

    /// The call with a refusal for its answer, counted, unless it has an answer.
    func refused(_ text: String, limit: Int, _ metrics: CodecMetrics) -> CodecJob {
        guard answer == nil else { return self }
        var job = self
        job.answer = failed(.refused, function: nil, text: text, limit: limit)
        metrics.refused.add()
        return job
    }

    private var mainFunction: ScriptFunction {
        switch request {
        case .decode(let call):
            call.isDownlink ? .decodeDownlink : call.flavours.contains(.v2) ? .decoder : .decodeUplink
        case .encode(let call): call.flavour.contains(.v2) ? .encoder : .encodeDownlink
        case .call(let function, _): function
        case .list: .decodeUplink
        }
    }

    /// Octets it adds to a frame, about.
    var weight: Int {
        switch request {
        case .decode(let call): 32 + call.bytes.count
        case .encode(let call): 32 + call.fieldsJSON.count
        case .call(_, let json): 32 + json.count
        case .list: 32
        }
    }
}
