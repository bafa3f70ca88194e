// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A downlink that waits in a multicast group's queue.
public struct GroupDownlinkEntry: Hashable, Sendable {
    public var address: DevAddr
    /// Unique for its address; given by whoever queues it.
    public var id: UInt64
    /// The queue is in ascending order of position, then of id. Below the first to go in front.
    public var position: Int64
    /// The downlink in its owner's own versioned form.
    public var payload: [UInt8]

    public init(address: DevAddr, id: UInt64, position: Int64, payload: [UInt8]) {
        self.address = address
        self.id = id
        self.position = position
        self.payload = payload
    }
}
