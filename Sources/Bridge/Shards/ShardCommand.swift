// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import RANClient

/// What a shard is asked to do.
enum ShardCommand: Sendable {
    /// A frame from the RAN; `untried` holds the shards of its further candidates.
    case upstream(UpstreamFrame, from: UpstreamOrigin, untried: [Int])
    case register(DeviceEntry, restored: RestoredDevice?)
    case unregister(EUI64)
    /// Items for one device; the callback follows their commit.
    case enqueue(EUI64, [DownlinkItem], DownlinkSchedule, done: @Sendable () -> Void)
    case clearQueue(EUI64)
    case transmissionAccepted(TransactionID)
    case transmissionResult(TransactionID, TransmissionResult)
    /// Publishes what waits for its merge window and calls back when it is on its way.
    case drain(@Sendable () -> Void)
    /// Sets the counters of a device's session; nil leaves one alone.
    case setCounters(EUI64, up: UInt32?, down: UInt32?)
    /// Looks at the network server, for people.
    case inspect(@Sendable (borrowing NetworkServer) -> Void)
    /// Asks for the addresses of all sessions.
    case addresses(@Sendable ([EUI64: DevAddr]) -> Void)
}

/// Where an upstream message came from, and must be answered.
struct UpstreamOrigin: Sendable {
    /// The connection that delivered it.
    var source: UpstreamSource
    var transactionID: UInt64
}
