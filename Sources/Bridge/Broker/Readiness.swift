// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Collects what must be reached before the service calls itself ready, and says so once.
final class Readiness: Sendable {
    enum Milestone: Hashable, Sendable {
        /// The broker is connected and granted every subscription.
        case broker
        /// The broker answered the subscriptions of management requests.
        case management
        /// The routing table of the coverage holds the devices.
        case routingTable(Int)
        /// The coverage's multicast groups were compared with ours.
        case groups(Int)
        /// An upstream socket of a coverage is open.
        case upstream(coverage: Int, socket: Int)
        /// The downstream socket of a coverage is open.
        case downstream(Int)
    }

    private let missing: Mutex<Set<Milestone>>
    private let ready: @Sendable () -> Void

    /// - Parameter ready: called once, on the thread that reaches the last milestone.
    init(_ milestones: Set<Milestone>, ready: @escaping @Sendable () -> Void) {
        missing = Mutex(milestones)
        self.ready = ready
    }

    /// Notes a milestone; further times change nothing.
    func reach(_ milestone: Milestone) {
        let isLast = missing.withLock { missing in
            missing.remove(milestone) != nil && missing.isEmpty
        }
        if isLast { ready() }
    }

    /// What is still missing.
    var isReady: Bool { missing.withLock { $0.isEmpty } }
}
