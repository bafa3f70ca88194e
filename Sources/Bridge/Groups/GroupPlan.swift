// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import RANClient

/// What a coverage's RAN must know of a group.
struct WantedGroup: Hashable, Sendable {
    let key: GroupKey
    let address: DevAddr
    let name: String
    /// Those of its members that are of this coverage.
    let devices: Set<EUI64>
}

/// The difference between the groups here and those of a RAN. Groups of others are never renamed away, emptied or
/// deleted.
struct GroupPlan: Sendable {
    /// What brings one group in line, in this order.
    struct Change: Hashable, Sendable {
        var group: WantedGroup
        var start: Start
        var additions: [EUI64] = []
        var removals: [EUI64] = []

        var isEmpty: Bool { start == .present && additions.isEmpty && removals.isEmpty }
    }

    /// How the group comes to its address and name.
    enum Start: Hashable, Sendable {
        /// It is there.
        case present
        case create
        case rename
        /// It is ours under another address.
        case move(from: DevAddr)
    }

    /// One for each wanted group, also where nothing is to be done.
    var changes: [Change] = []
    /// Groups of ours that are wanted no more.
    var deletions: [DevAddr] = []
    /// Notes of groups that are gone.
    var forgotten: [DevAddr] = []

    /// - Parameters:
    ///   - wanted: the groups of the coverage.
    ///   - existing: all groups of the RAN.
    ///   - ours: the groups that this service made there, by the address they were made with.
    init(wanted: [WantedGroup], existing: [MulticastGroup], ours: [DevAddr: GroupKey]) {
        let there = Dictionary(existing.map { ($0.address, $0) }) { first, _ in first }
        var kept = Set(wanted.map(\.address))
        for group in wanted {
            if let present = there[group.address] {
                let isOurs = ours[group.address] != nil
                var change = Change(group: group, start: present.name == group.name ? .present : .rename)
                // The name of another's group is theirs to choose.
                if !isOurs { change.start = .present }
                change.difference(from: present.devices, removes: isOurs)
                changes.append(change)
                continue
            }
            let former = ours.filter { $0.value == group.key && there[$0.key] != nil && !kept.contains($0.key) }
            if let address = former.keys.min(by: { $0.rawValue < $1.rawValue }) {
                kept.insert(address)
                var change = Change(group: group, start: .move(from: address))
                change.difference(from: there[address]?.devices ?? [], removes: true)
                changes.append(change)
            } else {
                var change = Change(group: group, start: .create)
                change.difference(from: [], removes: false)
                changes.append(change)
            }
        }
        for address in ours.keys.sorted(by: { $0.rawValue < $1.rawValue }) where !kept.contains(address) {
            if there[address] != nil { deletions.append(address) } else { forgotten.append(address) }
        }
    }
}

extension GroupPlan.Change {
    fileprivate mutating func difference(from present: [EUI64], removes: Bool) {
        let present = Set(present)
        additions = group.devices.subtracting(present).sorted()
        if removes { removals = present.subtracting(group.devices).sorted() }
    }
}
