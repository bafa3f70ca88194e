// SPDX-License-Identifier: Apache-2.0

/// What a LoRaWAN 1.1 join-accept's MIC covers beside the accept itself.
public struct JoinAcceptContext: Hashable, Sendable {
    /// What is answered.
    public var answering: JoinRequestType
    /// The JoinEUI of the device.
    public var joinEUI: EUI64
    /// DevNonce of the join-request, or RJcount of the rejoin-request.
    public var devNonce: UInt16

    /// A context from its parts.
    public init(answering: JoinRequestType, joinEUI: EUI64, devNonce: UInt16) {
        self.answering = answering
        self.joinEUI = joinEUI
        self.devNonce = devNonce
    }
}
