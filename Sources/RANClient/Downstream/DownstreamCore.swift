// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What a downstream connection's thread and everybody else share: the requests on their way to the socket.
final class DownstreamCore: Sendable {
    private struct State {
        var isConnected = false
        var isStopped = false
        var requests: [DownstreamRequest] = []
    }

    let name: String
    let control = StreamControl()
    let metrics: RANMetrics
    private let queueLimit: Int
    private let state = Mutex(State())

    init(name: String, queueLimit: Int, metrics: RANMetrics) {
        self.name = name
        self.queueLimit = queueLimit
        self.metrics = metrics
    }

    /// From any thread: all of them, or an error and none.
    func send(_ requests: [DownstreamRequest]) throws(RANError) {
        for request in requests { try request.check() }
        let refusal: RANError? = state.withLock { state in
            if state.isStopped { return .closed }
            if !state.isConnected { return .notConnected }
            if state.requests.count + requests.count > queueLimit { return .overloaded(limit: queueLimit) }
            state.requests.append(contentsOf: requests)
            return nil
        }
        if let refusal { throw refusal }
        control.notify()
    }

    // The socket's thread only.

    func opened() {
        state.withLock { $0.isConnected = true }
    }

    /// Refuses further requests and returns those that were never encoded.
    func closed(isStopped: Bool) -> [DownstreamRequest] {
        state.withLock { state in
            defer { state = State(isStopped: isStopped) }
            return state.requests
        }
    }

    func takeRequests() -> [DownstreamRequest] {
        state.withLock { state in
            defer { state.requests = [] }
            return state.requests
        }
    }
}
