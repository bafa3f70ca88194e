// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Who a message is from or for, as every message and event names it.
public struct DeviceIdentity: Hashable, Sendable {
    /// The application's id, as in the topic.
    public var applicationID: String
    /// The device's id inside its application, as in the topic.
    public var deviceID: String
    /// nil only for a device that is not registered: it is answered under the names it was asked by.
    public var devEUI: EUI64?
    /// nil for devices activated by personalisation.
    public var joinEUI: EUI64?
    /// The address of the session, after a join the new one.
    public var devAddr: DevAddr?
    /// The registration's attributes in ascending order of their names.
    public var attributes: [Attribute]
    /// Where the registration says the device is.
    public var location: GeoLocation?

    public init(
        applicationID: String,
        deviceID: String,
        devEUI: EUI64? = nil,
        joinEUI: EUI64? = nil,
        devAddr: DevAddr? = nil,
        attributes: [String: String] = [:],
        location: GeoLocation? = nil,
    ) {
        self.applicationID = applicationID
        self.deviceID = deviceID
        self.devEUI = devEUI
        self.joinEUI = joinEUI
        self.devAddr = devAddr
        self.attributes =
            attributes.isEmpty
            ? [] : attributes.sorted { $0.key < $1.key }.map { Attribute(name: $0.key, value: $0.value) }
        self.location = location
    }

    /// A named text of a device's registration.
    public struct Attribute: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }
}
