// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Downlinks that waited for a session that is no more. Only v3 knows this event.
public struct QueueInvalidation: Hashable, Sendable {
    public var device: DeviceIdentity
    public var time: UnixTime
    /// What was in the queue, in its order.
    public var requests: [DownlinkRequest]
    /// FCntDown of the last frame that was sent.
    public var lastCounter: UInt32
    /// Names the session that ended.
    public var sessionKeyID: [UInt8]
    public var correlationIDs: [String]

    public init(
        device: DeviceIdentity,
        time: UnixTime,
        requests: [DownlinkRequest],
        lastCounter: UInt32,
        sessionKeyID: [UInt8],
        correlationIDs: [String] = [],
    ) {
        self.device = device
        self.time = time
        self.requests = requests
        self.lastCounter = lastCounter
        self.sessionKeyID = sessionKeyID
        self.correlationIDs = correlationIDs
    }
}
