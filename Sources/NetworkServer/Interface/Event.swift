// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What can happen to a shard of the network server.
public enum Event: Sendable {
    /// A device enters the shard, or its registration changed. `restored` is what the store held of it, nil for a device
    /// that is already known here.
    case register(DeviceProfile, restored: RestoredDevice?)
    /// A device leaves.
    case unregister(EUI64)
    /// The counters of a device's session are these: the last uplink's, and the next downlink's. nil leaves one alone.
    case setCounters(EUI64, up: UInt32?, down: UInt32?)
    /// A frame arrived from the RAN.
    case upstream(UpstreamFrame)
    /// An application asks for a downlink.
    case enqueue(DownlinkItem, DownlinkSchedule)
    /// Several items in one request: all are taken or none.
    case enqueueAll([DownlinkItem], DownlinkSchedule)
    /// An application empties a device's queue.
    case clearQueue(EUI64)
    /// A multicast group enters the shard, or its registration changed; its counter goes on.
    case registerGroup(MulticastGroup, restored: RestoredGroup?)
    /// A multicast group leaves.
    case unregisterGroup(DevAddr)
    /// An application asks for downlinks to a group: all are taken or none.
    case enqueueMulticast([MulticastItem], DownlinkSchedule)
    /// An application empties a group's queue.
    case clearGroupQueue(DevAddr)
    /// A coverage takes transmissions from now on, or takes none. Until it is told a coverage takes them.
    case coverage(Int, isOpen: Bool)
    /// The RAN took a transmission for processing.
    case transmissionAccepted(TransactionID)
    /// The RAN told what became of a transmission.
    case transmissionResult(TransactionID, TransmissionResult)
    /// Time passed: `NetworkServer.nextDeadline` was reached.
    case timer
}

/// The number that names a transmission on the RAN's downstream socket: unique among all shards and restarts.
public struct TransactionID: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// What became of a transmission.
public enum TransmissionResult: Hashable, Sendable {
    /// A gateway sent it.
    case sent
    /// The RAN refused it or a gateway did not send it; `code` and `message` are the RAN's own words.
    case refused(code: String, message: String)
    /// It did not leave: there was no connection. That counts as no attempt.
    case unsent(reason: String)
    /// Its fate is unknown: the socket was lost, or no answer came in time.
    case lost(reason: String)
}
