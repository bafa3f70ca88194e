// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Store
internal import TTNMessages

/// Downlinks to groups.
extension GroupDesk {
    /// Queues downlinks whose payloads are octets; `done` follows when they are durable. What becomes of each is told in
    /// events under the group's id, as for a device.
    ///
    /// - Parameter note: becomes durable together with them.
    /// - Throws: nothing of the command is queued then, and no event tells of it.
    func send(
        _ command: DownlinkCommand,
        to key: GroupKey,
        ids: OutboxRows,
        now: UnixTime,
        with note: [StoreMutation] = [],
        done: @escaping @Sendable () -> Void,
    ) throws(MulticastRefusal) {
        guard let group = book.group(key) else { throw MulticastRefusal(.unknownGroup, key) }
        guard !group.members.isEmpty || command.requests.isEmpty else { throw MulticastRefusal(.noMembers, key) }
        var items: [MulticastItem] = []
        for request in command.requests {
            guard !request.isConfirmed else { throw MulticastRefusal(.confirmed, key) }
            guard let port = request.port else { throw MulticastRefusal(.noPort, key) }
            items.append(
                MulticastItem(
                    id: UInt64(bitPattern: ids.next()),
                    address: group.address,
                    port: port,
                    payload: request.payload ?? [],
                    expiresAt: request.ttl.map { UnixTime(nanoseconds: now.nanoseconds + Int64($0) * 1_000_000_000) },
                    notBefore: request.absoluteTime,
                    context: DownlinkContext(device: group.identity, request: request).octets,
                )
            )
        }
        let schedule = DownlinkSchedule(command.schedule)
        submit(group.address, .enqueueMulticast(group.address, items, schedule, with: note, done: done))
    }

    /// Empties a group's queue; the frame under way goes on.
    func clearQueue(_ key: GroupKey) async throws(GroupError) {
        let group = try group(key)
        await withCheckedContinuation { continuation in
            submit(group.address, .enqueueMulticast(group.address, [], .replace, with: []) { continuation.resume() })
        }
    }
}

/// Why downlinks to a group were not queued.
struct MulticastRefusal: Error, Hashable, CustomStringConvertible {
    /// The stable words of `docs/outcomes.md`.
    enum Reason: String, CaseIterable {
        case unknownGroup = "unknown_group"
        /// No device would hear it.
        case noMembers = "no_members"
        /// Nobody could acknowledge for a group.
        case confirmed = "confirmed_multicast"
        /// There is no uplink whose port could be used.
        case noPort = "no_f_port"
    }

    let reason: Reason
    let group: GroupKey

    init(_ reason: Reason, _ group: GroupKey) {
        self.reason = reason
        self.group = group
    }

    var description: String {
        switch reason {
        case .unknownGroup:
            "Multicast group \(group.groupID) not found in application \(group.applicationID)"
        case .noMembers: "Multicast group \(group.groupID) has no devices; add some first"
        case .confirmed: "A downlink to a multicast group cannot be confirmed"
        case .noPort: "A downlink to a multicast group needs a port from 1 to 223"
        }
    }

    /// As events tell it.
    var report: FailureReport { FailureReport(description, reason: reason.rawValue) }
}
