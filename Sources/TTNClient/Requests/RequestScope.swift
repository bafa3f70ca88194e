// SPDX-License-Identifier: Apache-2.0

/// Whose requests: each has its own topics, so that the broker's access control list can tell them apart.
public enum RequestScope: Sendable, Hashable {
    /// An application and its devices: `<app_id>/request/<method>`.
    case application(String)
    /// The same methods with keys in their answers: `<app_id>/request/keys/<method>`.
    case keys(String)
    /// The operator's: `admin/request/<method>`.
    case administration

    /// Where a method is asked for, without the topic prefix.
    func requestTopic(_ method: String) -> String {
        switch self {
        case .application(let id): "\(id)/request/\(method)"
        case .keys(let id): "\(id)/request/keys/\(method)"
        case .administration: "admin/request/\(method)"
        }
    }

    /// Where answers come, without the topic prefix: below it one level, the name of the answer.
    func answerTopic(_ name: String) -> String {
        switch self {
        case .application(let id): "\(id)/response/\(name)"
        case .keys(let id): "\(id)/response/keys/\(name)"
        case .administration: "admin/response/\(name)"
        }
    }
}
