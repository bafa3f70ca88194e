// SPDX-License-Identifier: Apache-2.0
internal import Management
internal import Store

/// What devices and multicast groups have to do with each other.
extension House {
    /// The groups that each device of an application is in, by device id.
    func memberships(of applicationID: String) -> [String: [String]] {
        var memberships: [String: [String]] = [:]
        for group in groups.book.groups(of: applicationID) {
            for member in group.members { memberships[member, default: []].append(group.groupID) }
        }
        return memberships
    }

    /// Refuses a device the name of a group: both stand in the same topics.
    func requireFreeGroupID(_ id: String, in applicationID: String) throws(ManagementFault) {
        guard groups.book.group(GroupKey(applicationID: applicationID, groupID: id)) != nil else { return }
        throw ManagementFault(.alreadyExists, "the id \(id) belongs to a multicast group", field: "dev_id")
    }
}
