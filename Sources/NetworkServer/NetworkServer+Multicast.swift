// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Multicast groups.
extension NetworkServer {
    mutating func register(_ profile: MulticastGroup, _ restored: RestoredGroup?) {
        precondition(!profile.coverages.isEmpty, "a multicast group needs a coverage to be sent by")
        if let place = groups.place(of: profile.address) {
            withGroup(place) { group, _ in
                group.profile = profile
                group.nextCounter = max(group.nextCounter, profile.firstCounter)
            }
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

    /// The counter of a group's next frame, and how many of its downlinks wait or are under way; nil for a group that is
    /// not registered here.
    public func state(ofGroup address: DevAddr) -> (nextCounter: UInt32, queued: Int)? {
        groups.place(of: address).map { place in
            let group = groups[place]
            return (group.nextCounter, group.queue.count + (group.current == nil ? 0 : 1))
        }
    }

    /// Decides about one group and brings its deadline up to date.
    mutating func withGroup(_ place: Int, _ decide: (inout Group, inout Desk) -> Void) {
        decide(&groups[place], &desk)
        groupAgenda.set(place, to: groups[place].nextDeadline(desk))
    }
}
