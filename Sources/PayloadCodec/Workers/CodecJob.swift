// SPDX-License-Identifier: Apache-2.0
internal import Observability

/// One call on its way through a worker.
///
/// `@unchecked Sendable` is sound because: 1. one thread at a time has a job: the caller that made it, a lane whose queue
/// it went through, or the lane that it was forwarded to; 2. the queue's lock stands between two of them; 3. only its
/// answer and what it has been through change.
final class CodecJob: @unchecked Sendable {
    /// What is asked.
    enum Request: Sendable {
        case decode(bytes: [UInt8], flags: CallFlags, port: UInt8, receivedAt: Int64)
        case encode(fieldsJSON: [UInt8], flags: CallFlags, port: UInt8)
        /// One function with the JSON text of its input.
        case call(ScriptFunction, inputJSON: [UInt8])
        case list
    }

    /// Where its answer goes, with its place among those that were asked for together: called once, on the thread of a
    /// worker's lane.
    typealias Delivery = @Sendable (Int, CodecAnswer) -> Void

    let applicationID: String
    let formatter: Formatter
    let request: Request
    private let place: Int
    private let delivery: Delivery
    /// Known before a worker was asked: it only waits for its turn.
    var answer: CodecAnswer?
    /// How many workers ended while this call was in their batch and none was running.
    var losses = 0
    /// Whether it is to run with a worker to itself: the last one ran out of memory while it ran.
    var wantsNewWorker = false

    init(
        applicationID: String,
        formatter: Formatter,
        request: Request,
        place: Int = 0,
        delivery: @escaping Delivery,
        answer: CodecAnswer? = nil,
    ) {
        self.applicationID = applicationID
        self.formatter = formatter
        self.request = request
        self.place = place
        self.delivery = delivery
        self.answer = answer
    }

    func deliver(_ answer: CodecAnswer) { delivery(place, answer) }
}

/// The answer to a job, in the kind of its request.
enum CodecAnswer: Sendable {
    case decoded(DecodeOutcome)
    indirect case encoded(EncodeOutcome)
    indirect case called(ScriptCallOutcome)
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
        case .decode(_, let flags, _, _):
            var outcome = DecodeOutcome()
            if flags.flavours.contains(.v2) { outcome.failure = speech.decodeFailure(problem, .v2) }
            if flags.flavours.contains(.v3) { outcome.decodedFailure = speech.decodeFailure(problem, .v3) }
            return .decoded(outcome)
        case .encode(_, let flags, _):
            var outcome = EncodeOutcome()
            outcome.failure = speech.encodeFailure(problem, flags.flavours)
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
        answer = failed(.refused, function: nil, text: text, limit: limit)
        metrics.refused.add()
        return self
    }

    private var mainFunction: ScriptFunction {
        switch request {
        case .decode(_, let flags, _, _):
            flags.isDownlink ? .decodeDownlink : flags.flavours.contains(.v2) ? .decoder : .decodeUplink
        case .encode(_, let flags, _): flags.flavours.contains(.v2) ? .encoder : .encodeDownlink
        case .call(let function, _): function
        case .list: .decodeUplink
        }
    }

    /// Octets it adds to a frame, about.
    var weight: Int {
        switch request {
        case .decode(let bytes, _, _, _): 32 + bytes.count
        case .encode(let json, _, _): 32 + json.count
        case .call(_, let json): 32 + json.count
        case .list: 32
        }
    }
}
