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

        /// Whether frames can pass before it is reached.
        fileprivate var isBackground: Bool {
            switch self {
            case .routingTable, .groups: true
            case .broker, .management, .upstream, .downstream: false
            }
        }
    }

    private let missing: Mutex<Set<Milestone>>
    private let serving: @Sendable () -> Void
    private let ready: @Sendable () -> Void

    /// - Parameters:
    ///   - serving: called once, when all that frames pass through is open.
    ///   - ready: called once, on the thread that reaches the last milestone.
    init(
        _ milestones: Set<Milestone>,
        serving: @escaping @Sendable () -> Void,
        ready: @escaping @Sendable () -> Void,
    ) {
        missing = Mutex(milestones)
        self.serving = serving
        self.ready = ready
    }

    /// Notes a milestone; further times change nothing.
    func reach(_ milestone: Milestone) {
        let (isOpen, isLast) = missing.withLock { missing in
            guard missing.remove(milestone) != nil else { return (false, false) }
            return (!milestone.isBackground && missing.allSatisfy(\.isBackground), missing.isEmpty)
        }
        if isOpen { serving() }
        if isLast { ready() }
    }

    /// What is still missing.
    var isReady: Bool { missing.withLock { $0.isEmpty } }
}
