// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// The answer to a management request, kept so that the same request repeated is answered and not done twice.
public struct AnswerRecord: Hashable, Sendable {
    /// Who asked: an application, or `admin`.
    public var scope: String
    public var requestID: String
    public var answeredAt: UnixTime
    /// The answer, in its owner's own form.
    public var payload: [UInt8]

    public init(scope: String, requestID: String, answeredAt: UnixTime, payload: [UInt8]) {
        self.scope = scope
        self.requestID = requestID
        self.answeredAt = answeredAt
        self.payload = payload
    }
}
