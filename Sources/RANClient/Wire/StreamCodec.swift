// SPDX-License-Identifier: Apache-2.0

/// What a message of a stream turned out to be.
enum Decoded<Message> {
    case message(Message)
    /// It cannot be used, and why; the transaction's number when it could be read all the same.
    case bad(reason: String, transactionID: UInt64?)
}

/// The wire form of an upstream websocket. A second revision of the wire is a second conformance.
protocol UpstreamCodec {
    /// Reads a message, borrowed, with simdjson's padding behind it.
    mutating func decode(_ frame: UnsafeRawBufferPointer) -> Decoded<UpstreamMessage>
    /// Adds the frame of an answer.
    mutating func encode(_ reply: UpstreamReply, into outgoing: inout OutgoingFrames)
}

/// The wire form of a downstream websocket.
protocol DownstreamCodec {
    /// Reads a message, borrowed, with simdjson's padding behind it.
    mutating func decode(_ frame: UnsafeRawBufferPointer) -> Decoded<DownstreamAnswer>
    /// Adds the frame of a request.
    mutating func encode(_ request: DownstreamRequest, into outgoing: inout OutgoingFrames)
}

/// What the RAN says on a downstream websocket.
enum DownstreamAnswer: Sendable, Hashable {
    case ack(transactionID: UInt64, mailboxID: UInt64)
    case result(transactionID: UInt64, mailboxID: UInt64?, code: DownstreamResultCode, message: String)
    case multicastResult(transactionID: UInt64, results: [MulticastDeviceResult])

    var transactionID: UInt64 {
        switch self {
        case .ack(let id, _), .result(let id, _, _, _), .multicastResult(let id, _): id
        }
    }
}
