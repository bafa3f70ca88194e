// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer

/// What the network server is told of a group; the RAN client has a type of the same name.
typealias GroupProfile = MulticastGroup

/// A multicast group as it was registered.
struct GroupDefinition: Hashable, Sendable {
    var applicationID: String
    /// Unique among the groups and devices of its application: it stands in the same topics.
    var groupID: String
    /// What the RAN calls it, at most 255 characters.
    var name: String
    /// Unique among all groups.
    var address: DevAddr
    /// McAppSKey.
    var applicationKey: AES128Key
    /// McNwkSKey.
    var networkKey: AES128Key
    var listening: GroupProfile.Listening
    /// A region in place of its coverage's.
    var region: String?
    /// Devices of the same application, by id, in order.
    var members: [String]
    /// The least counter of the next frame; what was used at the address before is never used again.
    var firstCounter: UInt32
    var createdAt: UnixTime

    init(
        applicationID: String,
        groupID: String,
        name: String? = nil,
        address: DevAddr,
        applicationKey: AES128Key,
        networkKey: AES128Key,
        listening: GroupProfile.Listening = .classC(nil),
        region: String? = nil,
        members: [String] = [],
        firstCounter: UInt32 = 0,
        createdAt: UnixTime,
    ) {
        self.applicationID = applicationID
        self.groupID = groupID
        self.name = name ?? groupID
        self.address = address
        self.applicationKey = applicationKey
        self.networkKey = networkKey
        self.listening = listening
        self.region = region
        self.members = members
        self.firstCounter = firstCounter
        self.createdAt = createdAt
    }

    /// Its place among all groups.
    var key: GroupKey { GroupKey(applicationID: applicationID, groupID: groupID) }
}

/// Names a group.
struct GroupKey: Hashable, Sendable, Comparable {
    var applicationID: String
    var groupID: String

    static func < (left: GroupKey, right: GroupKey) -> Bool {
        (left.applicationID, left.groupID) < (right.applicationID, right.groupID)
    }
}
