// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import MQTTShim

/// The topics of an application's traffic in the form of v2.
struct TrafficTopics: Sendable {
    /// What can be subscribed to.
    enum Kind: Sendable, Hashable {
        case uplinks
        case events
    }

    /// What a message turned out to be.
    enum Reading {
        case uplink(UplinkMessage)
        case event(DeviceEvent)
    }

    /// The topic prefix with its last `/`, and the application's id with one.
    private let root: String

    init(prefix: String, appID: String) {
        root = (prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/") + appID + "/"
    }

    func filter(_ kind: Kind) -> String {
        switch kind {
        case .uplinks: root + "devices/+/up"
        case .events: root + "devices/+/events/#"
        }
    }

    func downlink(_ devID: String) -> String { root + "devices/\(devID)/down" }

    /// Reads a message; nil when it is not ours or no JSON.
    func read(_ message: MQTTInboundMessage) -> Reading? {
        guard message.topic.hasPrefix(root) else { return nil }
        let levels = message.topic.dropFirst(root.count).split(separator: "/", maxSplits: 3)
        guard levels.count >= 3, levels[0] == "devices" else { return nil }
        let devID = String(levels[1])
        let json: JSONValue
        do throws(JSONSyntaxError) {
            json = try JSONValue(parsing: message.payload)
        } catch {
            return nil
        }
        switch levels[2] {
        case "up" where levels.count == 3: return UplinkMessage(json, devID: devID).map { .uplink($0) }
        case "events" where levels.count == 4:
            return .event(DeviceEvent(devID: devID, name: String(levels[3]), json: json))
        default: return nil
        }
    }
}
