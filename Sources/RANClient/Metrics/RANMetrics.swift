// SPDX-License-Identifier: Apache-2.0
internal import Observability

/// The counters of one coverage. All of them carry the label `coverage`.
struct RANMetrics: Sendable {
    /// Websockets open at this moment.
    let openConnections: Gauge
    /// Websockets opened.
    let connections: Counter
    /// Websockets lost or refused.
    let disconnects: Counter

    /// Upstream messages handed over.
    let upstreamMessages: Counter
    /// Octets of upstream messages.
    let upstreamBytes: Counter
    /// Frames that could not be read; each cost only itself.
    let badFrames: Counter
    /// Upstream messages that came while the connection was being emptied, neither handed over nor answered.
    let discardedMessages: Counter
    /// Acks written.
    let acks: Counter
    /// Rejects written.
    let rejects: Counter
    /// Replies whose websocket was gone.
    let droppedReplies: Counter

    /// Downstream requests written.
    let downstreamRequests: Counter
    /// Downstream requests accepted by the RAN.
    let downstreamAcks: Counter
    /// Results of downstream requests.
    let downstreamResults: Counter
    /// Downstream requests that never got their ack or their result.
    let downstreamUnanswered: Counter
    /// Acks and results of requests that nobody waits for: too late, or never sent from here.
    let downstreamUnexpected: Counter

    /// HTTP calls, retries not counted.
    let httpCalls: Counter
    /// HTTP calls tried again.
    let httpRetries: Counter
    /// HTTP calls that ended in an error.
    let httpFailures: Counter

    init(_ registry: MetricRegistry, coverage: String) {
        let label: (StaticString, String) = ("coverage", coverage)
        openConnections = registry.gauge("ran_connections_open", label)
        connections = registry.counter("ran_connections_total", label)
        disconnects = registry.counter("ran_disconnects_total", label)
        upstreamMessages = registry.counter("ran_upstream_messages_total", label)
        upstreamBytes = registry.counter("ran_upstream_bytes_total", label)
        badFrames = registry.counter("ran_bad_frames_total", label)
        discardedMessages = registry.counter("ran_upstream_discarded_total", label)
        acks = registry.counter("ran_upstream_acks_total", label)
        rejects = registry.counter("ran_upstream_rejects_total", label)
        droppedReplies = registry.counter("ran_upstream_dropped_replies_total", label)
        downstreamRequests = registry.counter("ran_downstream_requests_total", label)
        downstreamAcks = registry.counter("ran_downstream_acks_total", label)
        downstreamResults = registry.counter("ran_downstream_results_total", label)
        downstreamUnanswered = registry.counter("ran_downstream_unanswered_total", label)
        downstreamUnexpected = registry.counter("ran_downstream_unexpected_total", label)
        httpCalls = registry.counter("ran_http_calls_total", label)
        httpRetries = registry.counter("ran_http_retries_total", label)
        httpFailures = registry.counter("ran_http_failures_total", label)
    }
}
