// SPDX-License-Identifier: Apache-2.0

/// What decoding one payload gave. JSON members are compact text, ready to be embedded in a message.
public struct DecodeOutcome: Hashable, Sendable {
    /// v2 `payload_fields`; nil when there are none (no formatter, an empty object, a failure).
    public var fieldsJSON: [UInt8]?
    /// False when the v2 validator refused the message: it must not be published.
    public var isValid = true
    /// v3 `decoded_payload`; an empty object is `{}`.
    public var decodedJSON: [UInt8]?
    /// All that most outcomes lack; nil while there is none of it, so that an outcome is a few words.
    private var details: Details?

    public init() {}

    /// Why there are no v2 fields; the message is published without them.
    public var failure: CodecFailure? {
        get { rest.failure }
        set { rest.failure = newValue }
    }
    /// v3 `decoded_payload_warnings`.
    public var warnings: [String] {
        get { rest.warnings }
        set { rest.warnings = newValue }
    }
    /// Why there is no `decoded_payload`.
    public var decodedFailure: CodecFailure? {
        get { rest.decodedFailure }
        set { rest.decodedFailure = newValue }
    }
    /// v3 `normalized_payload`: one object a measurement.
    public var normalizedJSON: [[UInt8]] {
        get { rest.normalizedJSON }
        set { rest.normalizedJSON = newValue }
    }
    /// v3 `normalized_payload_warnings`.
    public var normalizedWarnings: [String] {
        get { rest.normalizedWarnings }
        set { rest.normalizedWarnings = newValue }
    }
    /// Why nothing was normalized although the script has a normalizer; `decodedJSON` stays good.
    public var normalizedFailure: CodecFailure? {
        get { rest.normalizedFailure }
        set { rest.normalizedFailure = newValue }
    }
    /// What the script wrote to the console; dry runs only.
    public var logs: [CodecLog] {
        get { rest.logs }
        set { rest.logs = newValue }
    }
    /// The result of every function that ran, in order; dry runs only.
    public var steps: [CodecStep] {
        get { rest.steps }
        set { rest.steps = newValue }
    }

    /// The error texts of the v3 decoder (joined by ", " in the failure's message); empty when there was none.
    public var errors: [String] {
        guard let decodedFailure, decodedFailure.reason == "output_errors" else { return [] }
        return [decodedFailure.message]
    }

    /// The failure to count: of v2, else of v3.
    var mainFailure: CodecFailure? { details.flatMap { $0.rest.failure ?? $0.rest.decodedFailure } }

    private struct Rest: Hashable, Sendable {
        var failure: CodecFailure?
        var warnings: [String] = []
        var decodedFailure: CodecFailure?
        var normalizedJSON: [[UInt8]] = []
        var normalizedWarnings: [String] = []
        var normalizedFailure: CodecFailure?
        var logs: [CodecLog] = []
        var steps: [CodecStep] = []
    }

    private final class Details: Hashable, Sendable {
        let rest: Rest

        init(_ rest: Rest) {
            self.rest = rest
        }

        static func == (left: Details, right: Details) -> Bool { left === right || left.rest == right.rest }

        func hash(into hasher: inout Hasher) { hasher.combine(rest) }
    }

    private var rest: Rest {
        get { details?.rest ?? Rest() }
        set { details = newValue == Rest() ? nil : Details(newValue) }
    }
}
