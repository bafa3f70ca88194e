// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A multicast group as it stands.
struct GroupStatus: Sendable {
    var definition: GroupDefinition
    /// The counter of the next frame; nil when the group cannot send, see `problem`.
    var nextCounter: UInt32?
    /// Downlinks that wait, the one under way included.
    var queued: Int
    /// How far each coverage's RAN knows of it, by the coverage's name.
    var mirrors: [String: MirrorState]
    /// Why it cannot send, such as a region that its coverage does not have.
    var problem: String?
}

/// How far a RAN knows of a group.
enum MirrorState: Hashable, Sendable {
    /// The RAN has it with name, address and members.
    case inEffect
    /// The RAN was not reached yet; it is tried again.
    case pending
    /// The RAN refuses; it is tried again with growing pauses.
    case refused(reason: String, error: String)
}
