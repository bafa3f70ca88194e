// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What one virtual device has done and heard.
public struct DeviceReport: Hashable, Sendable {
    /// Where the device is on its way into the network.
    public enum JoinState: String, Hashable, Sendable {
        /// An ABP device has its session for ever.
        case abp
        /// It has sent no join request yet, or none was answered.
        case notJoined = "not_joined"
        /// It has a session from a join.
        case joined
    }

    /// One data frame it sent, retransmissions included in `attempts`.
    public struct Uplink: Hashable, Sendable {
        public var fCnt: UInt32
        public var port: UInt8?
        public var payload: [UInt8]
        public var isConfirmed: Bool
        /// The session it belongs to: 0 for the first, plus one a join.
        public var session: Int
        /// How often it was sent.
        public var attempts = 1
        /// Upstream messages of it that were handed to a client.
        public var delivered = 0
        /// Right acks of those messages.
        public var acks = 0
        /// Rejects of those messages.
        public var rejects = 0
        /// Whether the device got an ACK by a downlink.
        public var isAnswered = false

        /// Whether the client acked any copy.
        public var isAcked: Bool { acks > 0 }
    }

    /// One frame it received, valid in MIC and counter.
    public struct Downlink: Hashable, Sendable {
        public var fCntDown: UInt32
        /// Nil for a frame without payload.
        public var port: UInt8?
        /// Decrypted.
        public var payload: [UInt8]
        public var isConfirmed: Bool
        /// Whether it carried the ACK bit.
        public var isAck: Bool
        public var session: Int
        /// `RX1`, `RX2` or `ping slot`.
        public var window: String
        /// The MAC commands of FOpts.
        public var options: [UInt8]
    }

    public var name: String
    public var devEUI: EUI64
    public var joinState: JoinState
    /// The address of its session.
    public var devAddr: DevAddr?
    /// The next frame counter it will use.
    public var nextFCntUp: UInt32 = 0
    /// Sessions begun by a join.
    public var joins = 0
    public var joinRequests = 0
    public var rejoinRequests = 0
    /// Frames sent, retransmissions included, join requests not.
    public var framesSent = 0
    /// The newest uplinks and downlinks, oldest first.
    public var uplinks: [Uplink] = []
    public var downlinks: [Downlink] = []
    /// How many there were in all.
    public var uplinkCount = 0
    public var downlinkCount = 0
    /// Upstream messages of its frames that were acked, rejected, or got no reply.
    public var acks = 0
    public var rejects = 0
    public var missingAcks = 0
    /// Frames not handed over for want of a subscription or a socket.
    public var undelivered = 0
    /// Frames for it that it could not hear or had to drop, with the reason.
    public var missedDownlinks: [String] = []
    /// FCntDown values the network used for two different frames in one session, heard or not.
    public var fCntDownReused = 0
    /// Every FCntDown the network used in the present session, in order of arrival.
    public var fCntDownSeen: [UInt32] = []
    /// Frames the network sent twice with the same octets.
    public var repeatedDownlinks = 0
    /// Whether the next uplink carries an ACK.
    public var owesAck = false

    init(name: String, devEUI: EUI64, joinState: JoinState) {
        self.name = name
        self.devEUI = devEUI
        self.joinState = joinState
    }
}
