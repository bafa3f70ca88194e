// SPDX-License-Identifier: Apache-2.0
internal import Observability

/// The figures of one client.
struct ClientMetrics: Sendable {
    let isAlive: Gauge
    let isConnected: Gauge
    let queued: Gauge
    let inflight: Gauge
    let attempts: Counter
    let connections: Counter
    let received: Counter
    let acknowledged: Counter
    let withoutSubscribers: Counter
    let refused: Counter
    let failed: Counter
    let durabilityTimeouts: Counter
    let refusedSubscriptions: Counter

    init(_ registry: MetricRegistry) {
        isAlive = registry.gauge("mqtt_thread_alive")
        isConnected = registry.gauge("mqtt_connected")
        queued = registry.gauge("mqtt_queued_messages")
        inflight = registry.gauge("mqtt_inflight_messages")
        attempts = registry.counter("mqtt_connect_attempts_total")
        connections = registry.counter("mqtt_connections_total")
        received = registry.counter("mqtt_received_messages_total")
        acknowledged = registry.counter("mqtt_published_messages_total", ("outcome", "acknowledged"))
        withoutSubscribers = registry.counter("mqtt_published_messages_total", ("outcome", "no_subscribers"))
        refused = registry.counter("mqtt_published_messages_total", ("outcome", "refused"))
        failed = registry.counter("mqtt_published_messages_total", ("outcome", "failed"))
        durabilityTimeouts = registry.counter("mqtt_durability_timeouts_total")
        refusedSubscriptions = registry.counter("mqtt_refused_subscriptions_total")
    }

    func count(_ outcome: MQTTPublishOutcome) {
        switch outcome {
        case .acknowledged: acknowledged.add()
        case .noSubscribers: withoutSubscribers.add()
        case .refused: refused.add()
        case .failed: failed.add()
        }
    }
}
