// SPDX-License-Identifier: Apache-2.0
public import JSON

/// An uplink as The Things Network v2 publishes it.
public struct UplinkMessage: Sendable, Hashable {
    /// The application the device is registered to.
    public var appID: String
    /// The id of the device.
    public var devID: String
    /// DevEUI in upper case hexadecimal digits.
    public var hardwareSerial: String
    /// FPort; 0 when the frame had none.
    public var port: UInt8
    /// FCntUp, all 32 bits.
    public var counter: UInt32
    /// Whether the device asked for an acknowledgement.
    public var isConfirmed: Bool
    /// Whether this uplink may have been published before.
    public var isRetry: Bool
    /// The deciphered payload; empty when there was none.
    public var payload: [UInt8]
    /// What the application's functions made of the payload; nil when there are none or they failed.
    public var payloadFields: JSONValue?
    /// How the frame came over the air.
    public var metadata: UplinkMetadata
    /// The device's attributes; empty when no payload function ran.
    public var attributes: [String: String]
    /// The whole message, members without a property here included.
    public var json: JSONValue

    /// Reads a message; nil for what is none.
    init?(_ json: JSONValue, devID: String) {
        guard json.object != nil, let counter = json["counter"]?.unsignedNumber.flatMap({ UInt32(exactly: $0) }),
            let port = (json["port"] ?? 0).unsignedNumber.flatMap({ UInt8(exactly: $0) }),
            let payload = Base64.octets(json["payload_raw"]?.text ?? "")
        else { return nil }
        appID = json["app_id"]?.text ?? ""
        self.devID = json["dev_id"]?.text ?? devID
        hardwareSerial = json["hardware_serial"]?.text ?? ""
        self.port = port
        self.counter = counter
        isConfirmed = json["confirmed"]?.boolean ?? false
        isRetry = json["is_retry"]?.boolean ?? false
        self.payload = payload
        payloadFields = json["payload_fields"]
        metadata = UplinkMetadata(json["metadata"] ?? [:])
        attributes = [:]
        for member in json["attributes"]?.object?.members ?? [] {
            attributes[member.name] = member.value.text ?? member.value.jsonText
        }
        self.json = json
    }
}
