// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What is under way with a device: exists from a frame to the moment all its consequences are settled.
struct Exchange: Sendable {
    /// Frames of the last moments, at most `maximumRecents`, oldest first.
    var recents: [RecentFrame] = []
    /// The receive windows of the last uplink.
    var opportunity = Rare<ReceiveOpportunity>()
    /// Frames that the RAN has not told the fate of.
    var transmissions: [OpenTransmission] = []
    /// Class C: nothing may be sent before, monotonic nanoseconds.
    var busyUntil: Int64 = .min

    static let maximumRecents = 8

    func isSettled(at now: Int64) -> Bool {
        recents.isEmpty && !opportunity.isPresent && transmissions.isEmpty && busyUntil <= now
    }

    /// Another gateway heard a frame whose copies are still collected.
    mutating func merge(_ radio: ReceivedRadio, into index: Int) {
        recents[index].receptions.append(radio)
        let uplink = recents[index].uplink
        _ = opportunity.change { if $0.uplink == uplink { $0.note(radio) } }
    }

    /// Frames that are only known by their octets, as join-requests are; the oldest such gives way.
    mutating func remember(_ frame: RecentFrame) {
        if recents.count >= Self.maximumRecents, let oldest = recents.firstIndex(where: { !$0.isCollecting }) {
            recents.remove(at: oldest)
        }
        recents.append(frame)
    }
}
