// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import RANClient
internal import Store

/// What a shard is asked to do.
enum ShardCommand: Sendable {
    /// A frame from the RAN; `untried` holds the shards of its further candidates.
    case upstream(UpstreamFrame, from: UpstreamOrigin, untried: [Int])
    case register(DeviceEntry, DeviceProfile, restored: RestoredDevice?)
    case unregister(EUI64)
    /// Items for one device; the mutations become durable together with them, and the callback follows.
    case enqueue(EUI64, [DownlinkItem], DownlinkSchedule, with: [StoreMutation], done: @Sendable () -> Void)
    case clearQueue(EUI64)
    /// A coverage's downstream socket opened or closed.
    case coverage(Int, isOpen: Bool)
    case transmissionAccepted(TransactionID)
    case transmissionResult(TransactionID, TransmissionResult)
    /// A group enters, or its registration changed; `restored` counts only when it enters.
    case registerGroup(GroupDefinition, GroupProfile, restored: RestoredGroup)
    /// A group leaves; the mutations become durable together with what follows from that, then the callback comes.
    case unregisterGroup(DevAddr, [StoreMutation], done: @Sendable (StoreError?) -> Void)
    /// Items for one group; the mutations become durable together with them, and the callback follows.
    case enqueueMulticast(DevAddr, [MulticastItem], DownlinkSchedule, with: [StoreMutation], done: @Sendable () -> Void)
    /// Asks for a group's next counter and how many of its downlinks wait; nil when it is not here.
    case groupState(DevAddr, @Sendable ((nextCounter: UInt32, queued: Int)?) -> Void)
    /// What became of a multicast transmission, device by device.
    case multicastResult(TransactionID, [MulticastDeviceResult])
    /// Publishes what waits for its merge window and calls back when it is on its way.
    case drain(@Sendable () -> Void)
    /// Sets the counters of a device's session; nil leaves one alone. The mutations become durable together with them, and
    /// the callback follows.
    case setCounters(EUI64, up: UInt32?, down: UInt32?, with: [StoreMutation], done: @Sendable () -> Void)
    /// Looks at the network server, for people.
    case inspect(@Sendable (borrowing NetworkServer) -> Void)
    /// Asks for the addresses of the sessions of devices that joined over the air.
    case addresses(@Sendable ([EUI64: DevAddr]) -> Void)

    /// Whether somebody waits for it, who may do one thing after the other.
    var isAwaited: Bool {
        switch self {
        case .enqueue, .unregisterGroup, .enqueueMulticast, .groupState, .drain, .setCounters, .inspect, .addresses:
            true
        case .upstream, .register, .unregister, .clearQueue, .coverage, .transmissionAccepted, .transmissionResult,
            .registerGroup, .multicastResult:
            false
        }
    }
}

/// Where an upstream message came from, and must be answered.
struct UpstreamOrigin: Sendable {
    /// The connection that delivered it.
    var source: UpstreamSource
    var transactionID: UInt64
}
