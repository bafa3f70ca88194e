// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A multicast group: its address is unique; keys, counters and members are its owner's own versioned form.
public struct MulticastGroupRecord: Hashable, Sendable {
    public var applicationID: String
    /// Unique in its application.
    public var groupID: String
    public var address: DevAddr
    public var state: [UInt8]

    public init(applicationID: String, groupID: String, address: DevAddr, state: [UInt8]) {
        self.applicationID = applicationID
        self.groupID = groupID
        self.address = address
        self.state = state
    }
}
