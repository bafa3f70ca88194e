// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// A registered device.
@dynamicMemberLookup
public struct Device: Sendable, Hashable {
    /// Whether the RAN routes the device's frames to the bridge.
    public struct RANState: Sendable, Hashable {
        /// Where it stands; a word that this library does not know is kept as it came.
        public struct State: RawRepresentable, Sendable, Hashable {
            public let rawValue: String

            public init(rawValue: String) { self.rawValue = rawValue }

            /// The RAN's routing table has the device as it is registered.
            public static let inEffect = State(rawValue: "in_effect")
            /// The bridge is about to tell the RAN.
            public static let pending = State(rawValue: "pending")
            /// The RAN does not take it; `error` says why.
            public static let refused = State(rawValue: "refused")
        }

        public var state: State
        /// The RAN's reason in words.
        public var error: String?
    }

    /// The application it belongs to.
    public var appID: String
    /// Its id in the application.
    public var devID: String
    /// What is said about it; its members are also the device's own.
    public var attributes: DeviceAttributes
    /// Whether its registration has reached the RAN; nil when the answer does not say.
    public var ran: RANState?

    /// Reads the bridge's form; nil for anything without its ids.
    init?(_ json: JSONValue) {
        guard var members = json.object, let appID = members.take("app_id")?.text,
            let devID = members.take("dev_id")?.text
        else { return nil }
        self.appID = appID
        self.devID = devID
        let state = members.take("ran")
        ran = state?["state"]?.text.map {
            RANState(state: RANState.State(rawValue: $0), error: state?["error"]?.text)
        }
        attributes = DeviceAttributes(members)
    }

    public subscript<Value>(dynamicMember path: KeyPath<DeviceAttributes, Value>) -> Value { attributes[keyPath: path] }
}
