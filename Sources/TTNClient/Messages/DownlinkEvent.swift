// SPDX-License-Identifier: Apache-2.0
public import JSON

/// Something happened to a downlink.
public struct DownlinkEvent: Sendable, Hashable {
    /// How far it came; a word that this library does not know is kept as it came.
    public struct Stage: RawRepresentable, Sendable, Hashable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// It waits in the device's queue; again when a transmission failed and is repeated.
        public static let scheduled = Stage(rawValue: "scheduled")
        /// The RAN sent it.
        public static let sent = Stage(rawValue: "sent")
        /// The device acknowledged it.
        public static let acknowledged = Stage(rawValue: "acks")
        /// The device did not acknowledge it; it is sent again.
        public static let notAcknowledged = Stage(rawValue: "nacks")
        /// It will not be sent: `error` says why.
        public static let failed = Stage(rawValue: "errors")
    }

    /// The id of the device.
    public var devID: String
    public var stage: Stage
    /// What `send` returned for it; nil for downlinks of others that named none.
    public var id: String?
    /// FPort.
    public var port: UInt8?
    /// FCntDown of the frame, once sent.
    public var counter: UInt32?
    /// Why it failed, a sentence.
    public var error: String?
    /// Why it failed, a stable word.
    public var reason: String?
    /// The whole event.
    public var json: JSONValue

    /// Reads a device's event; nil for one that is not about a downlink.
    init?(_ event: DeviceEvent) {
        guard event.name.hasPrefix("down/") else { return nil }
        let json = event.json
        devID = event.devID
        stage = Stage(rawValue: String(event.name.dropFirst(5)))
        id = json["message"]?["id"]?.text
        port = json["message"]?["port"]?.unsignedNumber.flatMap { UInt8(exactly: $0) }
        // A counter of 0 is left out of `config`.
        counter = json["config"].flatMap { ($0["counter"] ?? 0).unsignedNumber }.flatMap { UInt32(exactly: $0) }
        error = json["error"]?.text
        reason = json["reason"]?.text
        self.json = json
    }
}
