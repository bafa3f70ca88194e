// SPDX-License-Identifier: Apache-2.0
public import JSON

extension ApplicationClient {
    /// The downlinks that wait for a device, the next one first, in the bridge's form.
    public func downlinkQueue(_ devID: String) async throws(TTNClientError) -> JSONValue {
        try await channel.request("downlink_queue", ["dev_id": .string(devID)], of: .application(appID))
    }

    /// Removes all downlinks that wait for a device.
    public func clearDownlinkQueue(_ devID: String) async throws(TTNClientError) {
        _ = try await channel.request("clear_downlink_queue", ["dev_id": .string(devID)], of: .application(appID))
    }

    /// Runs the payload functions on octets, as for an uplink that never was.
    ///
    /// - Parameters:
    ///   - devID: a device with functions of its own; the application's are used when nil.
    ///   - functions: tried in place of the stored ones, by name: `decoder`, `converter`, `validator`.
    /// - Returns: fields, logs and steps in the bridge's form.
    public func dryUplink(
        _ payload: [UInt8],
        port: UInt8,
        devID: String? = nil,
        functions: [String: String] = [:],
    ) async throws(TTNClientError) -> JSONValue {
        var body: JSONObject = ["payload_raw": .string(Base64.text(payload)), "port": .integer(Int64(port))]
        body["dev_id"] = devID.map { .string($0) }
        for (name, script) in functions.sorted(by: { $0.key < $1.key }) { body[name] = .string(script) }
        return try await channel.request("dry_uplink", body, of: .application(appID))
    }

    /// Runs the encoder on fields, as for a downlink that is not sent.
    ///
    /// - Parameter encoder: tried in place of the stored one.
    /// - Returns: octets, logs and steps in the bridge's form.
    public func dryDownlink(
        _ fields: JSONObject,
        port: UInt8,
        encoder: String? = nil,
    ) async throws(TTNClientError) -> JSONValue {
        var body: JSONObject = ["payload_fields": .object(fields), "port": .integer(Int64(port))]
        body["encoder"] = encoder.map { .string($0) }
        return try await channel.request("dry_downlink", body, of: .application(appID))
    }

    /// Publishes an uplink as if the device had sent it.
    public func simulateUplink(_ devID: String, _ payload: [UInt8], port: UInt8) async throws(TTNClientError) {
        let body: JSONObject = [
            "dev_id": .string(devID), "payload_raw": .string(Base64.text(payload)), "port": .integer(Int64(port)),
        ]
        _ = try await channel.request("simulate_uplink", body, of: .application(appID))
    }
}
