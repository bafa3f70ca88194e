// SPDX-License-Identifier: Apache-2.0

/// One line of what a user may do at the broker.
public struct AccessRule: Hashable, Sendable {
    public enum Direction: Hashable, Sendable {
        /// To publish there.
        case write
        /// To subscribe there and to be given what is published.
        case read
        /// To be given nothing of what is published there, whatever else permits it.
        case hidden
    }

    public var direction: Direction
    /// A topic filter.
    public var filter: String

    public init(_ direction: Direction, _ filter: String) {
        self.direction = direction
        self.filter = filter
    }

    /// What the rights of a key amount to.
    ///
    /// - Parameters:
    ///   - prefix: of all topics: empty, or levels that end with `/`.
    ///   - tenant: of v3's topics; nil for the form without one.
    public static func rules(
        of rights: [AccessRight],
        applicationID: String,
        prefix: String,
        tenant: String?,
    ) -> [AccessRule] {
        let application = prefix + applicationID
        let third = "\(prefix)v3/\(applicationID)\(tenant.map { "@\($0)" } ?? "")"
        var rules: [AccessRule] = []
        var methods: Set<String> = []
        for right in AccessRight.allCases where rights.contains(right) {
            switch right {
            case .readMessages:
                for filter in ["devices/+/up", "devices/+/up/#", "devices/+/events/#", "events/#"] {
                    rules.append(AccessRule(.read, "\(application)/\(filter)"))
                }
                for filter in [
                    "up", "up/#", "join", "down/queued", "down/sent", "down/ack", "down/nack", "down/failed",
                ]
                    + ["service/data", "location/#", "events/#"]
                {
                    rules.append(AccessRule(.read, "\(third)/devices/+/\(filter)"))
                }
            case .writeMessages:
                rules.append(AccessRule(.write, "\(application)/devices/+/down"))
                rules.append(AccessRule(.write, "\(third)/devices/+/down/push"))
                rules.append(AccessRule(.write, "\(third)/devices/+/down/replace"))
            case .devices, .settings: break
            case .deviceKeys:
                rules.append(AccessRule(.write, "\(application)/request/keys/+"))
                rules.append(AccessRule(.read, "\(application)/response/keys/#"))
            }
            methods.formUnion(right.methods.map(\.rawValue))
        }
        for method in methods.sorted() { rules.append(AccessRule(.write, "\(application)/request/\(method)")) }
        if !methods.isEmpty {
            rules.append(AccessRule(.read, "\(application)/response/#"))
            if !rights.contains(.deviceKeys) { rules.append(AccessRule(.hidden, "\(application)/response/keys/#")) }
        }
        return rules
    }

    /// Rules as lines of mosquitto's `acl_file`. That file knows no exceptions from a `#`, so answers are read one level
    /// deep by those who may not see keys.
    public static func staticLines(_ rules: [AccessRule], user: String) -> [String] {
        let hidesKeys = rules.contains { $0.direction == .hidden }
        return ["user \(user)"]
            + rules.compactMap { rule in
                switch rule.direction {
                case .write: "topic write \(rule.filter)"
                case .read where hidesKeys && rule.filter.hasSuffix("/response/#"):
                    "topic read \(rule.filter.dropLast())+"
                case .read: "topic read \(rule.filter)"
                case .hidden: nil
                }
            }
    }
}
