// SPDX-License-Identifier: Apache-2.0

/// What `sendAndWait` brings back: the RAN's ack and its result.
public struct DownstreamOutcome: Sendable, Hashable {
    /// Ours, from the request.
    public let transactionID: UInt64
    /// The number of the ack; nil when the result came without one.
    public let mailboxID: UInt64?
    /// What the RAN said in the end.
    public let result: Result

    /// What became of the request.
    public enum Result: Sendable, Hashable {
        /// One result for the request as a whole.
        case single(code: DownstreamResultCode, message: String)
        /// One result a device of the group.
        case multicast([MulticastDeviceResult])
    }

    /// Whether the frame was sent; to a group: to every device of it.
    public var isSuccess: Bool {
        switch result {
        case .single(let code, _): code == .success
        case .multicast(let results): results.allSatisfy { $0.code == .success }
        }
    }
}
