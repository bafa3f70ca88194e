// SPDX-License-Identifier: Apache-2.0

/// What encoding one set of fields gave.
public struct EncodeOutcome: Hashable, Sendable {
    /// The FRMPayload; empty when nothing is to be sent or on failure.
    public var bytes: [UInt8] = []
    /// The port that the script chose (`encodeDownlink` only), which goes before the request's.
    public var port: UInt8?
    public var warnings: [String] = []
    public var failure: CodecFailure?
    /// What the script wrote to the console; dry runs only.
    public var logs: [CodecLog] = []
    /// What the encoder returned, before it was checked; dry runs only.
    public var steps: [CodecStep] = []

    public init() {}
}
