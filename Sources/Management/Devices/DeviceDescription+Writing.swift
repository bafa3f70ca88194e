// SPDX-License-Identifier: Apache-2.0
public import JSON

extension DeviceDescription {
    /// The attributes as members of the documented form: those of the radio inside `lorawan_device`.
    ///
    /// - Parameter showsKeys: whether keys are among them.
    public func members(owner: Owner, showsKeys: Bool) -> JSONObject {
        var device = JSONObject()
        var lorawan = JSONObject()
        device["app_id"] = .string(owner.applicationID)
        device["dev_id"] = .string(owner.deviceID)
        for field in DeviceField.all where showsKeys || !field.isKey {
            guard let value = field.write(self) else { continue }
            switch field.place {
            case .device: device[field.name] = value
            case .lorawan: lorawan[field.name] = value
            }
        }
        var texts = JSONObject()
        for (name, text) in attributes.sorted(by: { $0.key < $1.key }) { texts[name] = .string(text) }
        device["attributes"] = .object(texts)
        device["lorawan_device"] = .object(lorawan)
        return device
    }
}
