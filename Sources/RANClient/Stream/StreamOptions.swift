// SPDX-License-Identifier: Apache-2.0

/// How a stream connection behaves; every value has a default that suits the public RAN.
public struct StreamOptions: Sendable, Hashable {
    /// The largest message accepted, in octets. A larger one is skipped and counted.
    public var maximumMessageBytes = 4 << 20
    /// How often this side sends a ping.
    public var pingInterval: Duration = .seconds(20)
    /// After how long without any traffic, pongs included, a connection counts as dead and is replaced.
    public var silenceLimit: Duration = .seconds(30)
    /// How long `stop` waits for replies to leave and for the peer's close frame.
    public var closeTimeout: Duration = .seconds(1)
    /// How many answers may wait for a socket that takes none for the moment; from then on nothing is read from it either.
    public var replyLimit = 65_536
    /// The pauses between attempts to connect.
    public var reconnect = ReconnectPolicy()

    /// The defaults, to be changed.
    public init() {}
}
