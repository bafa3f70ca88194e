// SPDX-License-Identifier: Apache-2.0
import Observability
import RANClient

/// Tests of an upstream connection: what it hands over, tells and writes.
protocol UpstreamSuite {
    var batches: Events<UpstreamBatch> { get }
    var states: Events<ConnectionState> { get }
    /// What the peer read.
    var frames: Events<PeerConnection.Frame> { get }
    var metrics: MetricRegistry { get }
}

extension UpstreamSuite {
    func connect(
        to peer: Peer,
        options: StreamOptions = .quick,
        token: String = "s3cret+/token",
    ) throws -> UpstreamConnection {
        UpstreamConnection(
            endpoint: try endpoint(peer, token: token),
            name: "up-1",
            coverage: "test",
            options: options,
            metrics: metrics,
            handler: { [batches] batch in batches.add(batch) },
            stateChanged: { [states] state in states.add(state) },
        )
    }

    func counter(_ name: StaticString) -> UInt64 { metrics.counter(name, ("coverage", "test")).value }
}
