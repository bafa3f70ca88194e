// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension RoutingEntry {
    /// Reads a device document; the error says what is wrong with it.
    init(_ document: JSONValue) throws(DocumentError) {
        let createdAt = try document.required("CreatedAt") { $0.text.flatMap(UnixTime.init(ran:)) }
        self.init(
            devEUI: try document.required("DevEUI", JSONValue.eui),
            joinEUI: try document.optional("JoinEUI", JSONValue.eui),
            activeDevAddr: try document.optional("ActiveDevAddr", JSONValue.devAddr),
            targetDevAddr: try document.optional("TargetDevAddr", JSONValue.devAddr),
            details: try document.optional("Details", \.text),
            createdAt: createdAt,
        )
    }
}

extension MulticastGroup {
    /// Reads a group document; the error says what is wrong with it.
    init(_ document: JSONValue) throws(DocumentError) {
        var devices: [EUI64] = []
        for device in try document.required("devices", \.elements) {
            guard let devEUI = JSONValue.eui(device) else { throw DocumentError(member: "devices") }
            devices.append(devEUI)
        }
        self.init(
            address: try document.required("addr", JSONValue.devAddr),
            name: try document.required("name", \.text),
            createdAt: try document.required("created_at") { $0.text.flatMap(UnixTime.init(ran:)) },
            devices: devices,
        )
    }
}

/// A document lacks a member, or the member is not what it must be.
struct DocumentError: Error, CustomStringConvertible {
    let member: String

    var description: String { "a document whose \(member) is missing or unusable" }
}

extension JSONValue {
    static func eui(_ value: JSONValue) -> EUI64? { value.text.flatMap { EUI64(hex: $0) } }

    static func devAddr(_ value: JSONValue) -> DevAddr? { value.text.flatMap { DevAddr(hex: $0) } }

    /// The elements of a list, each read.
    func list<Value>(_ read: (JSONValue) throws(DocumentError) -> Value) throws(DocumentError) -> [Value] {
        guard let elements else { throw DocumentError(member: "list") }
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try read(element)) }
        return values
    }

    func required<Value>(_ name: String, _ read: (JSONValue) -> Value?) throws(DocumentError) -> Value {
        guard let value = self[name].flatMap(read) else { throw DocumentError(member: name) }
        return value
    }

    /// Absent and null are nil.
    func optional<Value>(_ name: String, _ read: (JSONValue) -> Value?) throws(DocumentError) -> Value? {
        guard let member = self[name], member != .null else { return nil }
        guard let value = read(member) else { throw DocumentError(member: name) }
        return value
    }
}
