// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import RANClient

/// How far the RAN routes a device's frames to this service.
enum RouteState: Hashable, Sendable {
    case inEffect
    /// It is being worked on; the problem is what stood in the way so far.
    case pending(RouteProblem?)
    /// The RAN says no. It is tried again when something changes, and at every comparison.
    case refused(RouteProblem)

    /// `{state, error?}`.
    var json: JSONValue {
        switch self {
        case .inEffect: ["state": "in_effect"]
        case .pending(nil): ["state": "pending"]
        case .pending(let problem?): ["state": "pending", "error": .string(problem.message)]
        case .refused(let problem): ["state": "refused", "error": .string(problem.message)]
        }
    }
}

/// Why a row is not as it should be.
struct RouteProblem: Hashable, Sendable {
    /// A stable word.
    let reason: String
    /// A sentence.
    let message: String
    /// Whether all rows of the coverage wait for the same.
    let stopsAll: Bool

    init(_ error: RANError) {
        reason = error.reason
        message = error.description
        switch error {
        case .unauthorized, .closed, .cancelled, .tls: stopsAll = true
        default: stopsAll = error.isTransient
        }
    }

    init(reason: String, message: String) {
        self.reason = reason
        self.message = message
        stopsAll = false
    }
}
