// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Observability
internal import RANClient
internal import Store

/// Brings the multicast groups of a coverage's RAN in line with those here: makes, renames, moves and fills ours, deletes
/// those of ours that are gone, and touches nothing else.
struct GroupMirror: Sendable {
    let coverage: Int
    let name: String
    let groups: MulticastGroups
    let book: GroupBook
    let profiles: GroupProfiles
    /// Reads what this service made at the RAN.
    let mirrored: @Sendable () async throws(StoreError) -> [GroupMirrorRecord]
    let commit: @Sendable ([StoreMutation]) async throws(StoreError) -> Void
    let logger: Logger

    /// One pass. A group that the RAN refuses is noted and does not stop the others.
    ///
    /// - Returns: whether everything is in line.
    func reconcile() async -> Bool {
        let ours: [DevAddr: GroupKey]
        do throws(StoreError) {
            ours = Dictionary(
                try await mirrored().map {
                    ($0.address, GroupKey(applicationID: $0.applicationID, groupID: $0.groupID))
                }
            ) { first, _ in first }
        } catch {
            logger.error("groups_unreadable", ["coverage": name, "reason": error.reason, "error": error.description])
            return false
        }
        let definitions = book.groups().filter { profiles.coverages(of: $0).contains(coverage) }
        guard !definitions.isEmpty || !ours.isEmpty else { return true }
        let existing: [MulticastGroup]
        do throws(RANError) {
            existing = try await groups.get()
        } catch {
            report(error, call: "get", group: nil)
            for definition in definitions where book.mirrors(of: definition.key)[coverage] != .inEffect {
                book.note(MirrorState(error), of: definition, coverage: coverage)
            }
            return false
        }
        let plan = GroupPlan(wanted: definitions.map(wanted), existing: existing, ours: ours)
        return await carryOut(plan, definitions, ours)
    }

    private func wanted(_ group: GroupDefinition) -> WantedGroup {
        let devices = profiles.members(of: group).filter { $0.coverage == coverage }.map(\.devEUI)
        return WantedGroup(key: group.key, address: group.address, name: group.name, devices: Set(devices))
    }

    private func carryOut(
        _ plan: GroupPlan,
        _ definitions: [GroupDefinition],
        _ ours: [DevAddr: GroupKey],
    ) async -> Bool {
        // Noted before it is made, so that a crash between leaves nothing that nobody owns.
        let claims = plan.changes.compactMap { change -> StoreMutation? in
            let isOurs = ours[change.group.address] == change.group.key
            return change.start.claims && !isOurs ? .putGroupMirror(record(change.group)) : nil
        }
        guard await keep(claims) else { return false }
        var isComplete = true
        var released = plan.forgotten
        if !plan.deletions.isEmpty {
            let failure = await attempt("delete", nil) { () async throws(RANError) in
                try await groups.delete(addresses: plan.deletions)
            }
            if failure == nil { released += plan.deletions } else { isComplete = false }
        }
        for (change, definition) in zip(plan.changes, definitions) {
            let failure = await carryOut(change)
            book.note(failure.map { MirrorState($0) } ?? .inEffect, of: definition, coverage: coverage)
            if failure != nil {
                isComplete = false
            } else if case .move(let former) = change.start {
                released.append(former)
            }
        }
        if plan.changes.contains(where: { !$0.isEmpty }) || !plan.deletions.isEmpty {
            logger.info(
                "groups_mirrored",
                [
                    "coverage": name, "groups": plan.changes.count, "deleted": plan.deletions.count,
                    "complete": isComplete,
                ],
            )
        }
        let isKept = await keep(released.map { .deleteGroupMirror(coverage: name, address: $0) })
        return isComplete && isKept
    }

    /// Does what one group needs; a device that cannot be added does not keep the others out.
    private func carryOut(_ change: GroupPlan.Change) async -> RANError? {
        let group = change.group
        let started = await attempt(change.start.word, group) { () async throws(RANError) in
            switch change.start {
            case .present: return
            case .create: try await groups.create(name: group.name, address: group.address)
            case .rename: try await groups.update(address: group.address, name: group.name)
            case .move(let former):
                try await groups.update(address: former, name: group.name, newAddress: group.address)
            }
        }
        if let started { return started }
        var failure: RANError?
        for device in change.removals {
            let refused = await attempt("remove-device", group) { () async throws(RANError) in
                try await groups.removeDevice(device, from: group.address)
            }
            failure = failure ?? refused
        }
        for device in change.additions {
            let refused = await attempt("add-device", group, device) { () async throws(RANError) in
                do throws(RANError) {
                    try await groups.addDevice(device, to: group.address)
                } catch {
                    guard case .multicastGroupAlreadyContainsDevice = error else { throw error }
                }
            }
            failure = failure ?? refused
        }
        return failure
    }

    private func attempt(
        _ call: String,
        _ group: WantedGroup?,
        _ device: EUI64? = nil,
        _ body: () async throws(RANError) -> Void,
    ) async -> RANError? {
        do throws(RANError) {
            try await body()
            return nil
        } catch {
            report(error, call: call, group: group, device: device)
            return error
        }
    }

    private func report(_ error: RANError, call: String, group: WantedGroup?, device: EUI64? = nil) {
        logger.error(
            "group_call_failed",
            [
                "coverage": name, "call": call, "addr": group?.address.hex ?? "-", "dev_eui": device?.hex ?? "-",
                "reason": error.reason, "error": error.description,
            ],
        )
    }

    private func keep(_ mutations: [StoreMutation]) async -> Bool {
        guard !mutations.isEmpty else { return true }
        do throws(StoreError) {
            try await commit(mutations)
            return true
        } catch {
            logger.error("groups_not_remembered", ["coverage": name, "reason": error.reason])
            return false
        }
    }

    private func record(_ group: WantedGroup) -> GroupMirrorRecord {
        GroupMirrorRecord(
            coverage: name,
            address: group.address,
            applicationID: group.key.applicationID,
            groupID: group.key.groupID,
        )
    }
}

extension GroupPlan.Start {
    /// Whether the group is this service's from here on.
    fileprivate var claims: Bool {
        switch self {
        case .create, .move: true
        case .present, .rename: false
        }
    }

    fileprivate var word: String {
        switch self {
        case .present: "get"
        case .create: "create"
        case .rename, .move: "update"
        }
    }
}

extension MirrorState {
    init(_ error: RANError) {
        self = error.isTransient ? .pending : .refused(reason: error.reason, error: error.description)
    }
}
