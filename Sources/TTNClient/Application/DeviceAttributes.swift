// SPDX-License-Identifier: Apache-2.0
public import JSON

/// What is said about a device when it is registered, updated or shown. nil means "not said": an update leaves it.
public struct DeviceAttributes: Sendable, Hashable {
    /// Degrees, north positive.
    public var latitude: Double?
    /// Degrees, east positive.
    public var longitude: Double?
    /// Metres above sea level.
    public var altitude: Double?
    /// For people.
    public var description: String?
    /// Named texts of the application's own, which uplinks carry.
    public var attributes: [String: String]?
    /// The radio side.
    public var lorawanDevice: LoRaWANDevice
    /// Further members under the bridge's own names, such as `class`, `region` or `coverage`; null clears one.
    public var additional: JSONObject

    /// Attributes of which only those given are said.
    public init(
        latitude: Double? = nil,
        longitude: Double? = nil,
        altitude: Double? = nil,
        description: String? = nil,
        attributes: [String: String]? = nil,
        lorawanDevice: LoRaWANDevice = LoRaWANDevice(),
        additional: JSONObject = [:],
    ) {
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
        self.description = description
        self.attributes = attributes
        self.lorawanDevice = lorawanDevice
        self.additional = additional
    }

    /// Reads the bridge's form.
    init(_ json: JSONObject) {
        var rest = json
        latitude = rest.take("latitude")?.double
        longitude = rest.take("longitude")?.double
        altitude = rest.take("altitude")?.double
        description = rest.take("description")?.text
        attributes = rest.take("attributes")?.object.map { object in
            Dictionary(uniqueKeysWithValues: object.members.map { ($0.name, $0.value.text ?? $0.value.jsonText) })
        }
        lorawanDevice = LoRaWANDevice(rest.take("lorawan_device")?.object ?? [:])
        additional = rest
    }

    /// The bridge's form, without what is not said.
    var json: JSONObject {
        var json = JSONObject()
        json["latitude"] = latitude.map { .number($0) }
        json["longitude"] = longitude.map { .number($0) }
        json["altitude"] = altitude.map { .number($0) }
        json["description"] = description.map { .string($0) }
        if let attributes {
            var object = JSONObject()
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
            json["attributes"] = .object(object)
        }
        let radio = lorawanDevice.json
        if !radio.isEmpty { json["lorawan_device"] = .object(radio) }
        for member in additional.members { json[member.name] = member.value }
        return json
    }
}
