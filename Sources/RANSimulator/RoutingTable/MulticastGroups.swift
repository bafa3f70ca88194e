// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// A multicast group of the HTTP API.
struct MulticastGroup {
    /// A number of the server's own; older clients ask for it.
    let id: Int
    var name: String
    var address: DevAddr
    let createdAt: APITime
    var devices: [EUI64] = []

    var json: JSONValue {
        [
            "id": .integer(Int64(id)),
            "addr": .string(address.hex),
            "name": .string(name),
            "created_at": .string(createdAt.text),
            "devices": .array(devices.map { .string($0.hex) }),
        ]
    }
}

/// All multicast groups by address, in order of creation.
struct MulticastGroups {
    private var groups: [MulticastGroup] = []
    private var nextID = 1

    subscript(address: DevAddr) -> MulticastGroup? { groups.first { $0.address == address } }

    mutating func create(name: String, address: DevAddr, at time: APITime) throws(APIError) -> MulticastGroup {
        guard self[address] == nil else { throw .multicastGroupAlreadyExists }
        let group = MulticastGroup(id: nextID, name: name, address: address, createdAt: time)
        nextID += 1
        groups.append(group)
        return group
    }

    mutating func update(_ address: DevAddr, name: String?, newAddress: DevAddr?) throws(APIError) -> MulticastGroup {
        let index = try index(of: address)
        if let newAddress, newAddress != address, self[newAddress] != nil { throw .multicastGroupAlreadyExists }
        if let name { groups[index].name = name }
        if let newAddress { groups[index].address = newAddress }
        return groups[index]
    }

    /// The groups named, or all when none is.
    func select(_ addresses: [DevAddr]) -> [MulticastGroup] {
        addresses.isEmpty ? groups : groups.filter { addresses.contains($0.address) }
    }

    /// Removes the groups that exist; says how many did.
    mutating func delete(_ addresses: [DevAddr]) -> Int {
        let before = groups.count
        groups.removeAll { addresses.contains($0.address) }
        return before - groups.count
    }

    mutating func add(_ devEUI: EUI64, to address: DevAddr) throws(APIError) {
        let index = try index(of: address)
        guard !groups[index].devices.contains(devEUI) else { throw .multicastGroupAlreadyContainsTheDevice }
        groups[index].devices.append(devEUI)
    }

    /// False when either is unknown.
    mutating func remove(_ devEUI: EUI64, from address: DevAddr) -> Bool {
        guard let index = groups.firstIndex(where: { $0.address == address }),
            let position = groups[index].devices.firstIndex(of: devEUI)
        else { return false }
        groups[index].devices.remove(at: position)
        return true
    }

    /// Takes a device that left the routing table out of every group.
    mutating func forget(_ devEUIs: [EUI64]) {
        let gone = Set(devEUIs)
        for index in groups.indices { groups[index].devices.removeAll { gone.contains($0) } }
    }

    private func index(of address: DevAddr) throws(APIError) -> Int {
        guard let index = groups.firstIndex(where: { $0.address == address }) else { throw .multicastGroupNotFound }
        return index
    }
}
