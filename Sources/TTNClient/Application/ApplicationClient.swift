// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Manages an application and its devices over MQTT.
///
/// Every method is one request to the bridge; a device that is registered, updated or deleted is so in the RAN's routing
/// table too, and the answer says whether that is in effect yet.
public final class ApplicationClient: Sendable {
    /// The application.
    public let appID: String
    /// What the methods go over: for those of the bridge that have none here.
    public let channel: RequestChannel
    private var scope: RequestScope { .application(appID) }

    /// Makes a client; the first method connects it.
    ///
    /// - Parameters:
    ///   - appID: the application's id; for a further key followed by `/` and that key's name.
    ///   - accessKey: an access key with the rights `settings` and `devices`; empty on a broker without log-ins.
    ///   - address: the broker: `host`, `host:port`, `mqtt://host:port` or `mqtts://host:port`.
    public init(
        appID: String,
        accessKey: String,
        address: String,
        options: ConnectionOptions = ConnectionOptions(),
    ) throws(TTNClientError) {
        self.appID = try Login.applicationID(of: appID)
        channel = try RequestChannel(address: address, username: appID, accessKey: accessKey, options: options)
    }

    /// Ends the connection for good.
    public func close() async { await channel.close() }

    // MARK: The application

    /// The application.
    public func get() async throws(TTNClientError) -> Application {
        try await application("get")
    }

    /// Sets how payloads become fields: `custom`, `cayennelpp` or empty for none. Stored functions stay.
    @discardableResult
    public func setPayloadFormat(_ payloadFormat: String) async throws(TTNClientError) -> Application {
        try await application("set_payload_format", ["payload_format": .string(payloadFormat)])
    }

    /// Sets payload functions; those left out are not changed, and an empty text removes one.
    @discardableResult
    public func setCustomPayloadFunctions(
        decoder: String? = nil,
        converter: String? = nil,
        validator: String? = nil,
        encoder: String? = nil,
    ) async throws(TTNClientError) -> Application {
        var body = JSONObject()
        body["decoder"] = decoder.map { .string($0) }
        body["converter"] = converter.map { .string($0) }
        body["validator"] = validator.map { .string($0) }
        body["encoder"] = encoder.map { .string($0) }
        return try await application("set_custom_payload_functions", body)
    }

    /// Removes the application with all its devices, which leave the RAN as well.
    public func unregister() async throws(TTNClientError) {
        _ = try await channel.request("unregister", of: scope)
    }

    // MARK: Devices

    /// Registers a device.
    ///
    /// - Parameter overwrite: replaces a device of that id. Without it a device that exists and differs is
    ///   `already_exists`; one that is equal is answered as it is.
    @discardableResult
    public func registerDevice(
        _ devID: String,
        _ device: DeviceAttributes,
        overwrite: Bool = false,
    ) async throws(TTNClientError) -> Device {
        var body: JSONObject = ["dev_id": .string(devID), "device": .object(device.json)]
        if overwrite { body["overwrite"] = true }
        return try await self.device("register_device", body, of: scope)
    }

    /// A device.
    ///
    /// - Parameter withKeys: shows its keys, too: needs the right `devices:keys`.
    public func device(_ devID: String, withKeys: Bool = false) async throws(TTNClientError) -> Device {
        try await device("device", ["dev_id": .string(devID)], of: withKeys ? .keys(appID) : scope)
    }

    /// All devices in the order of their ids, asked for page by page.
    ///
    /// - Parameters:
    ///   - attributes: only devices that have these.
    ///   - withKeys: shows their keys, too: needs the right `devices:keys`.
    public func devices(
        attributes: [String: String] = [:],
        withKeys: Bool = false,
    ) async throws(TTNClientError) -> [Device] {
        var devices: [Device] = []
        var after: String?
        repeat {
            let page = try await devicePage(after: after, attributes: attributes, withKeys: withKeys)
            devices += page.devices
            after = page.next
        } while after != nil
        return devices
    }

    /// Some devices in the order of their ids.
    ///
    /// - Parameters:
    ///   - limit: how many at most; as many as the bridge gives when nil.
    ///   - after: begins behind this id.
    public func devicePage(
        limit: Int? = nil,
        after: String? = nil,
        attributes: [String: String] = [:],
        withKeys: Bool = false,
    ) async throws(TTNClientError) -> DevicePage {
        var body = JSONObject()
        body["limit"] = limit.map { .integer(Int64($0)) }
        body["after"] = after.map { .string($0) }
        if !attributes.isEmpty {
            var object = JSONObject()
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
            body["attributes"] = .object(object)
        }
        let result = try await channel.request("devices", body, of: withKeys ? .keys(appID) : scope)
        guard let elements = result["devices"]?.elements else {
            throw .malformedAnswer(method: "devices", problem: "it has no list 'devices'")
        }
        var devices: [Device] = []
        for element in elements { devices.append(try read(Device(element), "devices")) }
        return DevicePage(devices: devices, next: result["next"]?.text)
    }

    /// Changes what is said in `updates` and leaves all else.
    @discardableResult
    public func updateDevice(
        _ devID: String,
        _ updates: DeviceAttributes,
    ) async throws(TTNClientError) -> Device {
        try await device("update_device", ["dev_id": .string(devID), "device": .object(updates.json)], of: scope)
    }

    /// Deletes a device and returns it as it was.
    @discardableResult
    public func deleteDevice(_ devID: String) async throws(TTNClientError) -> Device {
        try await device("delete_device", ["dev_id": .string(devID)], of: scope)
    }

    // MARK: Reading answers

    private func application(_ method: String, _ body: JSONObject = [:]) async throws(TTNClientError) -> Application {
        try read(Application(try await channel.request(method, body, of: scope)), method)
    }

    private func device(
        _ method: String,
        _ body: JSONObject,
        of scope: RequestScope,
    ) async throws(TTNClientError) -> Device {
        try read(Device(try await channel.request(method, body, of: scope)), method)
    }

    private func read<Value>(_ value: Value?, _ method: String) throws(TTNClientError) -> Value {
        guard let value else { throw .malformedAnswer(method: method, problem: "it lacks an id") }
        return value
    }
}
