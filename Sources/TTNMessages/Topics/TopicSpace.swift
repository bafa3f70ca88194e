// SPDX-License-Identifier: Apache-2.0

/// Where the bridge's topics live on the broker: both formats, behind an optional prefix on a shared broker.
public struct TopicSpace: Hashable, Sendable {
    /// Empty, or levels that end with `/`.
    public let prefix: String
    /// The Things Stack's tenant, as in `v3/<app>@<tenant>/…`; nil for the open-source form `v3/<app>/…`.
    public let tenant: String?

    /// Takes a prefix with or without its last `/`.
    public init(prefix: String = "", tenant: String? = nil) throws(TopicError) {
        var levels = prefix[...]
        if levels.last == "/" { levels.removeLast() }
        let isWritable = !levels.utf8.contains { [0, UInt8(ascii: "+"), UInt8(ascii: "#")].contains($0) }
        guard isWritable, levels.first != "$", levels.utf8.count < 1024 else { throw .prefix(prefix) }
        if let tenant {
            guard IdentifierRule.v3.allows(tenant) else { throw .tenant(tenant) }
        }
        self.prefix = levels.isEmpty ? "" : levels + "/"
        self.tenant = tenant
    }

    /// The filters that together deliver every downlink request of these formats.
    public func requestFilters(for formats: Set<TTNFormat>) -> [String] {
        var filters: [String] = []
        if formats.contains(.v2) { filters.append("\(prefix)+/devices/+/down") }
        if formats.contains(.v3) {
            filters.append("\(prefix)v3/+/devices/+/down/push")
            filters.append("\(prefix)v3/+/devices/+/down/replace")
        }
        return filters
    }

    /// `<app>/devices/<dev>/<suffix>`.
    public func v2(_ applicationID: String, _ deviceID: String, _ suffix: StaticString) -> String {
        var topic = start()
        topic += applicationID
        finish(&topic, deviceID, suffix)
        return topic
    }

    /// `<app>/events/<name>`.
    public func v2Event(_ applicationID: String, _ name: String) -> String {
        prefix + applicationID + "/events/" + name
    }

    /// `v3/<app>@<tenant>/devices/<dev>/<suffix>`.
    public func v3(_ applicationID: String, _ deviceID: String, _ suffix: StaticString) -> String {
        var topic = start()
        topic += "v3/"
        topic += applicationID
        if let tenant {
            topic += "@"
            topic += tenant
        }
        finish(&topic, deviceID, suffix)
        return topic
    }

    /// Where refusals go that concern no single device.
    public var adminUplinkErrors: String { prefix + "admin/events/up/errors" }

    private func start() -> String {
        var topic = ""
        topic.reserveCapacity(prefix.utf8.count + 96)
        topic += prefix
        return topic
    }

    private func finish(_ topic: inout String, _ deviceID: String, _ suffix: StaticString) {
        topic += "/devices/"
        topic += deviceID
        topic += "/"
        topic += suffix.description
    }
}

/// Why topics cannot be built so.
public enum TopicError: Error, Hashable, Sendable, CustomStringConvertible {
    case prefix(String)
    case tenant(String)

    public var description: String {
        switch self {
        case .prefix(let text):
            "the topic prefix \"\(text)\" cannot be used: it may not begin with $ nor hold +, # or NUL"
        case .tenant(let text):
            "the tenant \"\(text)\" cannot be used: 3 to 36 lower case letters and digits, parted by single hyphens"
        }
    }
}
