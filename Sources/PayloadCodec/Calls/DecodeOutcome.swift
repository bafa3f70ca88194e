// SPDX-License-Identifier: Apache-2.0

/// What decoding one payload gave. JSON members are compact text, ready to be embedded in a message.
public struct DecodeOutcome: Hashable, Sendable {
    /// v2 `payload_fields`; nil when there are none (no formatter, an empty object, a failure).
    public var fieldsJSON: [UInt8]?
    /// False when the v2 validator refused the message: it must not be published.
    public var isValid = true
    /// Why there are no v2 fields; the message is published without them.
    public var failure: CodecFailure?
    /// v3 `decoded_payload`; an empty object is `{}`.
    public var decodedJSON: [UInt8]?
    /// v3 `decoded_payload_warnings`.
    public var warnings: [String] = []
    /// Why there is no `decoded_payload`.
    public var decodedFailure: CodecFailure?
    /// v3 `normalized_payload`: one object a measurement.
    public var normalizedJSON: [[UInt8]] = []
    /// v3 `normalized_payload_warnings`.
    public var normalizedWarnings: [String] = []
    /// Why nothing was normalized although the script has a normalizer; `decodedJSON` stays good.
    public var normalizedFailure: CodecFailure?
    /// What the script wrote to the console; dry runs only.
    public var logs: [CodecLog] = []
    /// The result of every function that ran, in order; dry runs only.
    public var steps: [CodecStep] = []

    public init() {}

    /// The error texts of the v3 decoder (joined by ", " in the failure's message); empty when there was none.
    public var errors: [String] {
        guard let decodedFailure, decodedFailure.reason == "output_errors" else { return [] }
        return [decodedFailure.message]
    }
}
