// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The multicast groups of a shard.
struct GroupTable: Sendable {
    private var places: [DevAddr: Int] = [:]
    private var groups: [Group] = []
    private var vacant: [Int] = []

    var count: Int { places.count }

    /// The places of groups that are there.
    var occupied: some Collection<Int> { places.values }

    func place(of address: DevAddr) -> Int? { places[address] }

    subscript(place: Int) -> Group {
        get { groups[place] }
        _modify { yield &groups[place] }
    }

    /// Adds a group that is not there yet and tells its place.
    mutating func insert(_ profile: MulticastGroup) -> Int {
        let place = vacant.popLast() ?? groups.count
        let group = Group(profile: profile, slot: Self.slot(of: place))
        if place == groups.count { groups.append(group) } else { groups[place] = group }
        places[profile.address] = place
        return place
    }

    mutating func remove(_ address: DevAddr) {
        if let place = places.removeValue(forKey: address) { vacant.append(place) }
    }

    /// Groups have negative slots, devices others.
    static func slot(of place: Int) -> Int32 { -1 - Int32(place) }

    /// The place behind a negative slot.
    static func place(of slot: Int) -> Int? { slot < 0 ? -1 - slot : nil }
}
