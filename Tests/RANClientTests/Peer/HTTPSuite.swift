// SPDX-License-Identifier: Apache-2.0
import Observability
import RANClient

/// Tests of HTTP calls: a server by script and the client that calls it.
protocol HTTPSuite {
    /// What the server was asked.
    var requests: Events<PeerConnection.Request> { get }
    var metrics: MetricRegistry { get }
}

extension HTTPSuite {
    /// A server that gives the answers in turn, the last one for ever, over as few connections as the client makes.
    func peer(_ answers: [(status: Int, body: String)]) -> Peer {
        let position = TurnCounter()
        return Peer { [requests] connection, _ in
            while true {
                requests.add(try connection.request())
                let (status, body) = answers[min(position.next(), answers.count - 1)]
                try connection.respond(status, body)
            }
        }
    }

    func client(_ peer: Peer, attempts: Int = 3, request: Duration = .seconds(20)) throws -> RANClient {
        RANClient(
            endpoint: try endpoint(peer, request: request),
            name: "test",
            retries: RetryOptions(
                attempts: attempts,
                pauses: ReconnectPolicy(minimum: .milliseconds(1), maximum: .milliseconds(5)),
            ),
            metrics: metrics,
        )
    }
}
