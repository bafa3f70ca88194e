// SPDX-License-Identifier: Apache-2.0
public import JSON

/// What an application is: how its payloads become fields, and who may join it.
public struct Application: Sendable, Hashable {
    /// The application's id.
    public var appID: String
    /// `custom`, `cayennelpp`, or empty for none.
    public var payloadFormat: String
    /// JavaScript from octets to fields; empty for none.
    public var decoder: String
    /// JavaScript from decoded fields to those that are published; empty for none.
    public var converter: String
    /// JavaScript that may drop an uplink; empty for none.
    public var validator: String
    /// JavaScript from the fields of a downlink to octets; empty for none.
    public var encoder: String
    /// The access key that registers unknown devices as they join; empty when switched off or not shown.
    public var registerOnJoinAccessKey: String
    /// All that the bridge answered, members without a property here included.
    public var json: JSONValue

    /// Reads the bridge's form; nil for anything without an `app_id`.
    init?(_ json: JSONValue) {
        guard let appID = json["app_id"]?.text else { return nil }
        self.appID = appID
        payloadFormat = json["payload_format"]?.text ?? ""
        decoder = json["decoder"]?.text ?? ""
        converter = json["converter"]?.text ?? ""
        validator = json["validator"]?.text ?? ""
        encoder = json["encoder"]?.text ?? ""
        registerOnJoinAccessKey = json["register_on_join_access_key"]?.text ?? ""
        self.json = json
    }
}
