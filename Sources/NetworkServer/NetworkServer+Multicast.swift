// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Multicast groups.
extension NetworkServer {
    mutating func register(_ profile: MulticastGroup, _ restored: RestoredGroup?) {
        precondition(!profile.coverages.isEmpty, "a multicast group needs a coverage to be sent by")
        if let place = groups.place(of: profile.address) {
            withGroup(place) { group, _ in group.profile = profile }
            return
        }
        let place = groups.insert(profile)
        withGroup(place) { group, desk in
            guard let restored, !group.restore(restored) else { return }
            desk.effects.append(.notice(.storedGroupUnreadable(profile.address)))
        }
    }

    mutating func unregister(group address: DevAddr) {
        guard let place = groups.place(of: address) else { return }
        withGroup(place) { group, desk in
            for id in (group.current?.open ?? [:]).keys { desk.close(id) }
            if let current = group.current {
                desk.effects.append(.multicast(current.queued.item, .failed(.groupDeleted)))
            }
            group.current = nil
            group.clear(.groupDeleted, &desk)
        }
        groupAgenda.set(place, to: nil)
        groups.remove(address)
    }

    mutating func enqueue(_ items: [MulticastItem], _ schedule: DownlinkSchedule) {
        guard let address = items.first?.address else { return }
        precondition(items.allSatisfy { $0.address == address }, "the items of one request are for one group")
        guard let place = groups.place(of: address) else {
            desk.effects += items.map { .multicast($0, .failed(.unknownGroup)) }
            return
        }
        withGroup(place) { $0.enqueue(items, schedule, &$1) }
    }

    mutating func clearQueue(ofGroup address: DevAddr) {
        if let place = groups.place(of: address) { withGroup(place) { $0.clear(.replaced, &$1) } }
    }

    /// Decides about one group and brings its deadline up to date.
    mutating func withGroup(_ place: Int, _ decide: (inout Group, inout Desk) -> Void) {
        decide(&groups[place], &desk)
        groupAgenda.set(place, to: groups[place].nextDeadline(desk.now))
    }
}
