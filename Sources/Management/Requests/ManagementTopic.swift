// SPDX-License-Identifier: Apache-2.0

/// Where a request stands, and so where its answers may go.
public struct ManagementTopic: Hashable, Sendable {
    /// Who is asked for.
    public enum Scope: Hashable, Sendable {
        /// An application; with `showsKeys` under `request/keys/`.
        case application(String, showsKeys: Bool)
        /// The service itself.
        case admin
    }

    public let scope: Scope
    /// The last level, as it was written.
    public let method: String
    private let prefix: String

    /// The first level of the service's own topics: no application may have this name.
    public static let adminLevel = "admin"
    /// Names that no application may have, because topics of another meaning begin with them.
    public static let reservedIDs: Set<String> = [adminLevel, "v3"]

    /// Reads a topic; nil for one that is no request.
    ///
    /// - Parameter prefix: empty, or levels that end with `/`.
    public init?(_ topic: String, prefix: String) {
        guard topic.utf8.starts(with: prefix.utf8) else { return nil }
        let levels = Substring(topic.utf8.dropFirst(prefix.utf8.count))
            .split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count >= 3, levels[1] == "request", let name = levels.last, !levels[0].isEmpty else { return nil }
        self.prefix = prefix
        method = String(name)
        switch levels.count {
        case 3 where levels[0] == Self.adminLevel: scope = .admin
        case 3: scope = .application(String(levels[0]), showsKeys: false)
        // Also of admin, which is no application: its sender is told so.
        case 4 where levels[2] == "keys":
            scope = .application(String(levels[0]), showsKeys: true)
        default: return nil
        }
    }

    /// The filters that together deliver every request.
    public static func filters(prefix: String) -> [String] {
        ["\(prefix)+/request/+", "\(prefix)+/request/keys/+"]
    }

    /// The topic of answers that name no other.
    public var responseTopic: String {
        switch scope {
        case .admin: "\(prefix)\(Self.adminLevel)/response"
        case .application(let id, let showsKeys): "\(prefix)\(id)/response\(showsKeys ? "/keys" : "")"
        }
    }

    /// The topic of the answer to a request of that id.
    public func responseTopic(requestID: String?) -> String {
        requestID.map { "\(responseTopic)/\($0)" } ?? responseTopic
    }

    /// Whether a client may choose this topic for its answer: it lies below `responseTopic`.
    public func allows(responseTopic topic: String) -> Bool {
        let start = responseTopic + "/"
        guard topic.utf8.starts(with: start.utf8), topic.utf8.count > start.utf8.count else { return false }
        return topic.utf8.count <= 1024
            && !topic.utf8.contains { [0, UInt8(ascii: "+"), UInt8(ascii: "#")].contains($0) }
    }

    /// Whose requests are answered in order, and whose request ids are told apart.
    public var owner: String {
        switch scope {
        case .admin: Self.adminLevel
        case .application(let id, _): id
        }
    }

    /// The name under which answers are remembered: those with keys are never given to a request without them.
    public var answerScope: String {
        switch scope {
        case .admin: Self.adminLevel
        case .application(let id, let showsKeys): showsKeys ? "\(id)/keys" : id
        }
    }
}
