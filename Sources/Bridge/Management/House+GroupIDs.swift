// SPDX-License-Identifier: Apache-2.0
internal import Management
internal import Store

/// What devices and multicast groups have to do with each other.
extension House {
    /// The groups that a device is in.
    func groupIDs(of record: DeviceRecord) -> [String] { [] }

    /// Refuses a device the name of a group: both stand in the same topics.
    func requireFreeGroupID(_ id: String, in applicationID: String) throws(ManagementFault) {}

    /// Tells groups that a device came, changed or went.
    func deviceChanged(_ key: DeviceRecord.Key) async {}
}
