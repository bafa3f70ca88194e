// SPDX-License-Identifier: Apache-2.0
public import JSON
internal import LoRaWAN

extension DeviceDescription {
    /// Where attributes may come from.
    public struct Owner: Sendable {
        public var applicationID: String
        public var deviceID: String

        public init(applicationID: String, deviceID: String) {
            self.applicationID = applicationID
            self.deviceID = deviceID
        }
    }

    /// The most attributes of the user's own that a device has.
    static let attributeLimit = 32

    /// Takes what an object says over: flat, or nested in `lorawan_device`, in the documented spelling or the SDK's
    /// camelCase. Null takes an attribute away, in `attributes` too; what is not named stays.
    ///
    /// - Parameter owner: what `app_id` and `dev_id` must say if they are there.
    /// - Returns: the documented names of what was set or taken away.
    /// - Throws: naming the first member that is unknown, given twice differently, or has a wrong value.
    @discardableResult
    public mutating func apply(_ object: JSONObject, owner: Owner) throws(ManagementFault) -> Set<String> {
        var seen: [String: JSONValue] = [:]
        for member in object.members {
            switch member.name {
            case "app_id", "appId":
                try expect(member.value, owner.applicationID, member.name, "the application of the topic")
            case "dev_id", "devId": try expect(member.value, owner.deviceID, member.name, "the dev_id of the request")
            case "attributes": try applyAttributes(member.value)
            case "lorawan_device", "lorawanDevice":
                guard case .object(let inner) = member.value else {
                    if member.value == .null { continue }
                    throw .invalid(member.name, "must be an object")
                }
                for nested in inner.members {
                    if ["app_id", "dev_id"].contains(nested.name) { continue }
                    try apply(nested.name, nested.value, path: "\(member.name).\(nested.name)", &seen)
                }
            default: try apply(member.name, member.value, path: member.name, &seen)
            }
        }
        var names = Set(seen.keys)
        if object["attributes"] != nil { names.insert("attributes") }
        return names
    }

    private func expect(
        _ value: JSONValue,
        _ wanted: String,
        _ name: String,
        _ what: String,
    ) throws(ManagementFault) {
        guard value == .string(wanted) || value == .null else { throw .invalid(name, "must be \(what), \(wanted)") }
    }

    private mutating func apply(
        _ name: String,
        _ value: JSONValue,
        path: String,
        _ seen: inout [String: JSONValue],
    ) throws(ManagementFault) {
        guard let field = DeviceField.byName[name] else {
            if DeviceField.readOnly.contains(name) || name.hasPrefix("used_") && name.hasSuffix("_nonces") { return }
            throw .invalid(path, "is no attribute of a device")
        }
        if let earlier = seen[field.name] {
            guard earlier == value else { throw .invalid(path, "contradicts \(field.name), which is given too") }
            return
        }
        seen[field.name] = value
        if value == .null {
            field.clear(&self)
        } else if let problem = field.read(value, &self) {
            throw .invalid(path, problem)
        }
    }

    private mutating func applyAttributes(_ value: JSONValue) throws(ManagementFault) {
        if value == .null {
            attributes = [:]
            return
        }
        guard case .object(let object) = value else { throw .invalid("attributes", "must be an object of texts") }
        for member in object.members {
            let path = "attributes.\(member.name)"
            if member.value == .null {
                attributes[member.name] = nil
                continue
            }
            guard let text = member.value.text, text.utf8.count <= 256 else {
                throw .invalid(path, "must be a text of at most 256 bytes, or null to take it away")
            }
            guard (1...64).contains(member.name.utf8.count) else {
                throw .invalid(path, "has a name that is not 1 to 64 bytes long")
            }
            attributes[member.name] = text
        }
        guard attributes.count <= Self.attributeLimit else {
            throw .invalid("attributes", "would be \(attributes.count); a device has at most \(Self.attributeLimit)")
        }
    }
}
