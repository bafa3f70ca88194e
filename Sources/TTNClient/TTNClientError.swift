// SPDX-License-Identifier: Apache-2.0

/// What goes wrong between a program and the bridge.
public enum TTNClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bridge answered a request with an error.
    case refused(RequestRefusal)
    /// An argument with which nothing can be done.
    case invalidArgument(name: String, problem: String)
    /// The broker could not be reached or does not let us in. `reason` is a stable word, `text` a sentence.
    case connection(reason: String, text: String)
    /// The broker does not let us publish or subscribe there.
    case notPermitted(topic: String, text: String)
    /// The broker took the message, but nobody is subscribed to it: the bridge is away, or the topic is not its own.
    case nobodyListens(topic: String)
    /// No answer within the time given.
    case timedOut(waitingFor: String, limit: Duration)
    /// The answer is not what the protocol promises.
    case malformedAnswer(method: String, problem: String)
    /// The calling task was cancelled.
    case cancelled
    /// The client was closed meanwhile, or never connected.
    case closed

    /// A stable word for logs and metrics; for an error of the bridge its code.
    public var reason: String {
        switch self {
        case .refused(let refusal): refusal.code.rawValue
        case .invalidArgument: "invalid_argument"
        case .connection(let reason, _): reason
        case .notPermitted: "not_permitted"
        case .nobodyListens: "nobody_listens"
        case .timedOut: "timed_out"
        case .malformedAnswer: "malformed_answer"
        case .cancelled: "cancelled"
        case .closed: "closed"
        }
    }

    /// Whether trying again may help.
    public var isTransient: Bool {
        switch self {
        case .refused(let refusal): refusal.code == .unavailable || refusal.code == .resourceExhausted
        case .connection, .nobodyListens, .timedOut: true
        case .invalidArgument, .notPermitted, .malformedAnswer, .cancelled, .closed: false
        }
    }

    /// A sentence for the operator.
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .invalidArgument(let name, let problem): "\(name) cannot be used: \(problem)"
        case .connection(_, let text): text
        case .notPermitted(let topic, let text):
            "the broker refuses '\(topic)': \(text); use a key with the right for it"
        case .nobodyListens(let topic):
            "nobody listens on '\(topic)': is the bridge running on this broker, and its topic prefix the same?"
        case .timedOut(let what, let limit):
            "\(what) did not come within \(limit); is the bridge running, and may this key use the topic?"
        case .malformedAnswer(let method, let problem): "the answer to '\(method)' cannot be read: \(problem)"
        case .cancelled: "the task was cancelled"
        case .closed: "the client is closed"
        }
    }
}
