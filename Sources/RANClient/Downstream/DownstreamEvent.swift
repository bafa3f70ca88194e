// SPDX-License-Identifier: Apache-2.0

/// What happens to downstream requests after `send`. Each request ends in exactly one of `result`, `multicastResult`,
/// `notSent` and `unanswered`; an `ack` may come before a result.
public enum DownstreamEvent: Sendable, Hashable {
    /// The RAN accepted the request for processing under that mailbox number.
    case ack(transactionID: UInt64, mailboxID: UInt64)
    /// What became of a request.
    case result(transactionID: UInt64, code: DownstreamResultCode, message: String)
    /// What became of a multicast request, device by device.
    case multicastResult(transactionID: UInt64, results: [MulticastDeviceResult])
    /// These never left this process; sending them again is safe.
    case notSent(transactionIDs: [UInt64], RANError)
    /// These were written, but the connection broke before their ack, or no ack or result came in time. Whether the RAN
    /// acts on them is unknown: nothing is sent again by itself.
    case unanswered(transactionIDs: [UInt64], RANError)
}
