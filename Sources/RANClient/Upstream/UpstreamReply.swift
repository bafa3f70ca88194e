// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// The answer to one upstream message.
public enum UpstreamReply: Sendable, Hashable {
    /// The frame is this device's: its key gave `mic`, which is one of the candidates.
    case ack(transactionID: UInt64, devEUI: EUI64, mic: UInt32)
    /// The frame is refused.
    case reject(transactionID: UInt64, code: UpstreamRejectCode, message: String?)
}

/// Why an upstream message is refused.
public enum UpstreamRejectCode: Sendable, Hashable {
    /// No key of ours gave any of the candidate MICs: `MICFailed`.
    case micFailed
    /// Anything else, told by the message: `Other`.
    case other
}
