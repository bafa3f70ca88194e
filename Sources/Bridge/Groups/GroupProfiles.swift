// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Store

/// What follows from a group's registration and those of its members: its coverages, its region, its radio parameters.
struct GroupProfiles: Sendable {
    let registry: Registry
    let coverages: [CoverageRegion]

    /// The members that are registered, with their coverages.
    func members(of group: GroupDefinition) -> [(devEUI: EUI64, coverage: Int)] {
        group.members.compactMap { id in
            registry.device(group.applicationID, id).map { ($0.devEUI, $0.coverage) }
        }
    }

    /// The indexes of the coverages whose RANs send to the group: those of its members, else the first.
    func coverages(of group: GroupDefinition) -> [Int] {
        let used = Set(members(of: group).map(\.coverage)).sorted()
        return used.isEmpty ? [0] : used
    }

    func region(of group: GroupDefinition) throws(GroupError) -> Region {
        guard let name = group.region else { return coverages[coverages(of: group)[0]].region }
        guard let region = Region.named(name) else {
            throw .invalid(field: "region", "'\(name)' is none of \(Region.names.joined(separator: ", "))")
        }
        return region
    }

    /// What the network server needs of the group.
    func profile(of group: GroupDefinition) throws(GroupError) -> GroupProfile {
        let region = try region(of: group)
        try check(group.listening, in: region)
        return GroupProfile(
            address: group.address,
            applicationKey: group.applicationKey,
            networkKey: group.networkKey,
            region: region,
            coverages: coverages(of: group),
            listening: group.listening,
            firstCounter: group.firstCounter,
        )
    }

    /// Whether a device can hear the group.
    func check(_ device: DeviceEntry, for group: GroupDefinition) throws(GroupError) {
        let region = try region(of: group)
        // A group without members takes the region of its first.
        let own = device.region ?? coverages[device.coverage].region
        guard region.name == own.name || (group.region == nil && members(of: group).isEmpty) else {
            throw .regionMismatch(
                device: device.deviceID,
                region: own.name,
                groupRegion: region.name,
            )
        }
    }

    private func check(_ listening: GroupProfile.Listening, in region: Region) throws(GroupError) {
        let window: ReceiveWindow?
        switch listening {
        case .classC(let own): window = own
        case .classB(let periodicity, let own):
            window = own
            guard periodicity <= 7 else {
                throw .invalid(field: "ping_periodicity", "is \(periodicity); it goes from 0 to 7")
            }
        }
        guard let window else { return }
        guard region.modulation(of: window.dataRate) != nil else {
            throw .invalid(field: "data_rate", "\(window.dataRate) does not exist in \(region.name)")
        }
        guard (100_000_000...2_500_000_000).contains(window.frequency) else {
            throw .invalid(field: "frequency", "\(window.frequency) is no frequency in hertz")
        }
    }
}
