// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Store
internal import Synchronization

/// The multicast groups in memory, and how far each RAN knows of them.
final class GroupBook: Sendable {
    private struct Tables {
        var groups: [GroupKey: GroupDefinition] = [:]
        var addresses: [DevAddr: GroupKey] = [:]
        var mirrors: [GroupKey: [Int: MirrorState]] = [:]
    }

    private let tables = Mutex(Tables())

    init() {}

    /// Adds or replaces a group; its mirrors are pending until told otherwise.
    func put(_ group: GroupDefinition) {
        tables.withLock { tables in
            if let former = tables.groups[group.key] { tables.addresses[former.address] = nil }
            tables.groups[group.key] = group
            tables.addresses[group.address] = group.key
            tables.mirrors[group.key] = [:]
        }
    }

    func remove(_ key: GroupKey) {
        tables.withLock { tables in
            guard let former = tables.groups.removeValue(forKey: key) else { return }
            tables.addresses[former.address] = nil
            tables.mirrors[key] = nil
        }
    }

    func group(_ key: GroupKey) -> GroupDefinition? {
        tables.withLock { $0.groups[key] }
    }

    func owner(of address: DevAddr) -> GroupKey? {
        tables.withLock { $0.addresses[address] }
    }

    /// All groups in the order of their keys, or those of one application.
    func groups(of applicationID: String? = nil) -> [GroupDefinition] {
        tables.withLock { tables in
            tables.groups.values.filter { applicationID == nil || $0.applicationID == applicationID }
        }.sorted { $0.key < $1.key }
    }

    /// How far the RANs know of a group, by the coverage's index.
    func mirrors(of key: GroupKey) -> [Int: MirrorState] {
        tables.withLock { $0.mirrors[key] ?? [:] }
    }

    /// Notes what a RAN knows of a group, unless the group changed since.
    func note(_ state: MirrorState, of group: GroupDefinition, coverage: Int) {
        tables.withLock { tables in
            if tables.groups[group.key] == group { tables.mirrors[group.key]?[coverage] = state }
        }
    }
}
