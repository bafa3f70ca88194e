// SPDX-License-Identifier: Apache-2.0
internal import NetworkServer
internal import Observability

/// What a shard reaches beyond its own state.
struct ShardSurroundings: Sendable {
    let committer: Committer
    let rows: OutboxRows
    let messages: MessageFactory
    let metrics: ShardMetrics
    let logger: Logger
    /// The present.
    let now: @Sendable () -> Moment
    /// Hands a command to a sibling by its index.
    let forward: @Sendable (ShardCommand, Int) -> Void
}

/// Counters of what shards decide.
struct ShardMetrics: Sendable {
    let acknowledged: Counter
    let uplinks: Counter
    let joins: Counter
    /// Events that were not told because their source causes too many.
    let heldBack: Counter
    let refused: @Sendable (RefusalReason) -> Counter

    init(_ registry: MetricRegistry) {
        acknowledged = registry.counter("bridge_upstream_acknowledged_total")
        uplinks = registry.counter("bridge_uplinks_accepted_total")
        heldBack = registry.counter("bridge_events_held_back_total")
        joins = registry.counter("bridge_joins_accepted_total")
        let counters = Dictionary(
            uniqueKeysWithValues: RefusalReason.allCases.map {
                ($0, registry.counter("bridge_refused_total", ("reason", $0.rawValue)))
            }
        )
        let unknown = registry.counter("bridge_refused_total", ("reason", "unknown"))
        refused = { counters[$0] ?? unknown }
    }
}
