// SPDX-License-Identifier: Apache-2.0

/// Something that goes wrong on request.
public enum Fault: Hashable, Sendable {
    /// Which websockets a fault concerns.
    public enum Sockets: String, Hashable, Sendable {
        case upstream, downstream, all
    }

    /// Cuts open websockets without a closing handshake, once.
    case dropSockets(Sockets)
    /// Closes open websockets with a status code, once.
    case closeSockets(Sockets, code: UInt16)
    /// Cuts one upstream socket after the other, one each time the interval has passed; nil ends it.
    case dropUpstreamEvery(Duration?)
    /// Accepts no new TCP connection for that long; zero ends it.
    case refuseConnections(for: Duration)
    /// Takes every token for a wrong one while true.
    case refuseTokens(Bool)
    /// Holds back every HTTP answer and websocket message that long; zero ends it.
    case slow(Duration)
    /// Answers the next calls below the base path with that status and a text body.
    case httpStatus(Int, count: Int)
    /// Keeps websockets open but neither reads nor writes on them while true.
    case freezeSockets(Bool)
    /// Sends texts to every upstream socket as they are, once.
    case sendUpstream([String])
    /// Sends one malformed frame before every `n`th upstream message; nil ends it.
    case malformedEvery(Int?)
    /// Ends the next downstream messages with that result, without sending anything.
    case downstreamResult(DownstreamResultCode, message: String, count: Int)
    /// Takes the next downstream messages without any answer.
    case ignoreDownstream(count: Int)
}
