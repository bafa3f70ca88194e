// SPDX-License-Identifier: Apache-2.0
internal import JSON
public import LoRaWAN

/// The multicast groups of one coverage.
///
/// Every call throws `.unauthorized`, `.validationFailed` and `.refused` for the server's no; `.timedOut`, `.transport`, `.tls`,
/// `.connectionLost` and `.protocolViolation` for the way; `.cancelled` with its task and `.closed` with its client. Failures
/// that time may mend were tried again before.
public struct MulticastGroups: Sendable {
    static let longestName = 255

    let calls: RANCalls

    /// Makes a group without devices.
    ///
    /// - Parameters:
    ///   - name: at most 255 characters.
    ///   - address: unique among the groups.
    /// - Throws: `.invalidParameter`, `.multicastGroupAlreadyExists` and what every call can throw.
    @discardableResult
    public func create(name: String, address: DevAddr) async throws(RANError) -> MulticastGroup {
        try check(name)
        let request = MulticastGroups.request("create") { json in
            json.member("name", name)
            json.member("addr", address.hex)
        }
        do throws(RANCalls.Failure) {
            return try await calls.answer(request, MulticastGroup.init)
        } catch {
            // An earlier attempt, whose answer was lost, may have made the group.
            guard case .multicastGroupAlreadyExists = error.error, error.attempts > 1,
                let existing = try await get(addresses: [address]).first, existing.name == name
            else { throw error.error }
            return existing
        }
    }

    /// Changes a group's name, its address, or both.
    ///
    /// - Throws: `.invalidParameter` for neither, `.multicastGroupNotFound`, `.multicastGroupAlreadyExists` and what every
    ///   call can throw.
    @discardableResult
    public func update(
        address: DevAddr,
        name: String? = nil,
        newAddress: DevAddr? = nil,
    ) async throws(RANError) -> MulticastGroup {
        guard name != nil || newAddress != nil else {
            throw .invalidParameter(name: "name", problem: "and newAddress are both missing")
        }
        if let name { try check(name) }
        let request = MulticastGroups.request("update") { json in
            json.member("addr", address.hex)
            json.name("update")
            json.object { json in
                if let name { json.member("name", name) }
                if let newAddress { json.member("addr", newAddress.hex) }
            }
        }
        do throws(RANCalls.Failure) {
            return try await calls.answer(request, MulticastGroup.init)
        } catch {
            // An earlier attempt, whose answer was lost, may have moved the group.
            guard case .multicastGroupNotFound = error.error, error.attempts > 1, let newAddress,
                let moved = try await get(addresses: [newAddress]).first, name == nil || moved.name == name
            else { throw error.error }
            return moved
        }
    }

    /// Groups by address.
    ///
    /// - Parameter addresses: only these groups; nil for all. An empty list gives an empty answer.
    /// - Throws: what every call can throw.
    public func get(addresses: [DevAddr]? = nil) async throws(RANError) -> [MulticastGroup] {
        if let addresses, addresses.isEmpty { return [] }
        let request = MulticastGroups.request("get") { $0.addresses(addresses ?? []) }
        return try await calls.value(request) { document throws(DocumentError) in
            try document.list(MulticastGroup.init)
        }
    }

    /// Removes groups; those that do not exist are ignored.
    ///
    /// - Returns: how many were removed. A repeated call after a network failure does not count what the first one removed.
    /// - Throws: what every call can throw.
    @discardableResult
    public func delete(addresses: [DevAddr]) async throws(RANError) -> Int {
        if addresses.isEmpty { return 0 }
        let request = MulticastGroups.request("delete") { $0.addresses(addresses) }
        return try await calls.value(request) { answer throws(DocumentError) in
            Int(try answer.required("deleted", \.wholeNumber))
        }
    }

    /// Adds a device of the routing table to a group.
    ///
    /// - Returns: whether the group holds it because of this call.
    /// - Throws: `.multicastGroupNotFound`, `.deviceNotFound`, `.multicastGroupAlreadyContainsDevice` and what every call
    ///   can throw.
    @discardableResult
    public func addDevice(_ devEUI: EUI64, to address: DevAddr) async throws(RANError) -> Bool {
        do throws(RANCalls.Failure) {
            return try await change("add-device", "is_added", devEUI, address)
        } catch {
            // An earlier attempt, whose answer was lost, may have added it.
            guard case .multicastGroupAlreadyContainsDevice = error.error, error.attempts > 1 else { throw error.error }
            return true
        }
    }

    /// Removes a device from a group.
    ///
    /// - Returns: false when the group or the device in it is unknown.
    /// - Throws: what every call can throw.
    @discardableResult
    public func removeDevice(_ devEUI: EUI64, from address: DevAddr) async throws(RANError) -> Bool {
        do throws(RANCalls.Failure) {
            return try await change("remove-device", "is_removed", devEUI, address)
        } catch {
            throw error.error
        }
    }

    // MARK: - Calls

    private func change(
        _ call: String,
        _ member: String,
        _ devEUI: EUI64,
        _ address: DevAddr,
    ) async throws(RANCalls.Failure) -> Bool {
        let request = MulticastGroups.request(call) { json in
            json.member("addr", address.hex)
            json.member("dev_eui", devEUI.hex)
        }
        return try await calls.answer(request) { answer throws(DocumentError) in
            try answer.required(member, \.boolean)
        }
    }

    private func check(_ name: String) throws(RANError) {
        guard name.unicodeScalars.count <= MulticastGroups.longestName else {
            throw .invalidParameter(name: "name", problem: "is longer than \(MulticastGroups.longestName) characters")
        }
    }

    private static func request(_ call: String, _ body: (inout JSONWriter) -> Void) -> HTTPRequest {
        var writer = JSONWriter()
        writer.object(body)
        return HTTPRequest(method: .post, path: "multicast/multicast-groups/\(call)", body: writer.bytes)
    }
}

extension JSONWriter {
    fileprivate mutating func addresses(_ addresses: [DevAddr]) {
        name("addrs")
        array { json in for address in addresses { json.string(address.hex) } }
    }
}
