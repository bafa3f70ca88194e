// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A multicast group that this service made, or was about to make, at a coverage's RAN: tells its own groups from foreign
/// ones, also after the group was deleted here.
public struct GroupMirrorRecord: Hashable, Sendable {
    public var coverage: String
    /// The address it was made with.
    public var address: DevAddr
    /// The group it stands for.
    public var applicationID: String
    public var groupID: String

    public init(coverage: String, address: DevAddr, applicationID: String, groupID: String) {
        self.coverage = coverage
        self.address = address
        self.applicationID = applicationID
        self.groupID = groupID
    }
}
