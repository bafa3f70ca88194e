// SPDX-License-Identifier: Apache-2.0

/// What the topic of a downlink request says. The names are as the request used them: they may not exist, nor be valid.
public struct RequestTopic: Hashable, Sendable {
    public var applicationID: String
    public var deviceID: String
    public var action: Action
    /// Whose request it is; always `.own` in v2.
    public var tenant: Tenant

    public init(applicationID: String, deviceID: String, action: Action, tenant: Tenant = .own) {
        self.applicationID = applicationID
        self.deviceID = deviceID
        self.action = action
        self.tenant = tenant
    }

    /// Which request it is.
    public enum Action: Hashable, Sendable {
        /// v2's `down`: the body says where it goes in the queue.
        case down
        /// v3's `down/push`: behind all that waits.
        case push
        /// v3's `down/replace`: in place of all that waits.
        case replace
    }

    /// How the tenant in a v3 topic compares to ours.
    public enum Tenant: Hashable, Sendable {
        case own
        /// We have one and the topic has none: answered as wrong.
        case missing
        /// Another's, who may share the broker: not ours to answer.
        case foreign(String)
    }

    /// The format of the request's body.
    public var format: TTNFormat { action == .down ? .v2 : .v3 }

    /// The device under the names the request used.
    public var device: DeviceIdentity { DeviceIdentity(applicationID: applicationID, deviceID: deviceID) }
}

extension TopicSpace {
    /// Reads the topic of a downlink request; nil for every other topic.
    public func requestTopic(_ topic: String) -> RequestTopic? {
        guard topic.utf8.starts(with: prefix.utf8) else { return nil }
        let own = Substring(topic.utf8.dropFirst(prefix.utf8.count))
        let levels = own.split(separator: "/", omittingEmptySubsequences: false)
        switch levels.count {
        case 4 where levels[1] == "devices" && levels[3] == "down":
            return RequestTopic(applicationID: String(levels[0]), deviceID: String(levels[2]), action: .down)
        case 6 where levels[0] == "v3" && levels[2] == "devices" && levels[4] == "down":
            guard let action = v3Action(levels[5]) else { return nil }
            let (applicationID, tenant) = owner(levels[1])
            return RequestTopic(
                applicationID: applicationID,
                deviceID: String(levels[3]),
                action: action,
                tenant: tenant,
            )
        default:
            return nil
        }
    }

    private func v3Action(_ level: Substring) -> RequestTopic.Action? {
        switch level {
        case "push": .push
        case "replace": .replace
        default: nil
        }
    }

    private func owner(_ level: Substring) -> (applicationID: String, tenant: RequestTopic.Tenant) {
        guard let at = level.firstIndex(of: "@") else { return (String(level), tenant == nil ? .own : .missing) }
        let named = String(level[level.index(after: at)...])
        return (String(level[..<at]), named == tenant ? .own : .foreign(named))
    }
}
