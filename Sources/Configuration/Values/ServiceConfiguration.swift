// SPDX-License-Identifier: Apache-2.0

/// Threads and bounds of the service itself.
public struct ServiceConfiguration: Hashable, Sendable {
    /// Threads that own the devices' sessions; nil for as many as the machine has processors.
    public var shards: Int?
    /// Upstream messages that may be inside unanswered.
    public var upstreamLimit: Int
    /// Messages that may be in memory on their way to the broker; more wait in the store.
    public var publishLimit: Int
    /// Octets that may wait in the store for the broker.
    public var queueBytes: Int
    /// How old a message that waits for the broker may grow.
    public var queueAge: Duration
    /// The longest time an orderly stop may take.
    public var drainTime: Duration

    init(_ section: Section) {
        defer { section.finish() }
        shards = section.integer("shards", in: 1...256)
        upstreamLimit = section.integer("upstream_limit", in: 16...1_000_000) ?? 16_384
        publishLimit = section.integer("publish_limit", in: 16...1_000_000) ?? 8192
        queueBytes = (section.integer("queue_max_mb", in: 1...16_777_216) ?? 4096) << 20
        queueAge = (section.seconds("queue_max_age_s", in: 1...315_360_000)) ?? .seconds(604_800)
        drainTime = section.seconds("drain_s", in: 1...600) ?? .seconds(8)
    }
}
