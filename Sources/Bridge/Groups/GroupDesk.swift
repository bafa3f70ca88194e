// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import Store
internal import TTNMessages

/// Takes requests about multicast groups: checks, stores, tells the shard that owns the group's counter, and has the
/// RANs told. One change at a time.
struct GroupDesk: Sendable {
    let book: GroupBook
    let profiles: GroupProfiles
    let logger: Logger
    /// Makes changes durable.
    let commit: @Sendable ([StoreMutation]) async throws(StoreError) -> Void
    /// Reads the state that an address has from earlier, and what waits for it.
    let restore: @Sendable (DevAddr) async throws(StoreError) -> RestoredGroup
    /// Hands a command to the shard that owns an address.
    let submit: @Sendable (DevAddr, ShardCommand) -> Void
    /// Has the RANs brought in line.
    let mirror: @Sendable () -> Void
    private let turns = Turns()

    init(
        book: GroupBook,
        profiles: GroupProfiles,
        logger: Logger,
        commit: @escaping @Sendable ([StoreMutation]) async throws(StoreError) -> Void,
        restore: @escaping @Sendable (DevAddr) async throws(StoreError) -> RestoredGroup,
        submit: @escaping @Sendable (DevAddr, ShardCommand) -> Void,
        mirror: @escaping @Sendable () -> Void,
    ) {
        self.book = book
        self.profiles = profiles
        self.logger = logger
        self.commit = commit
        self.restore = restore
        self.submit = submit
        self.mirror = mirror
    }

    // MARK: Asking

    /// The groups of an application, by id.
    func list(_ applicationID: String) async throws(GroupError) -> [GroupStatus] {
        try requireApplication(applicationID)
        var statuses: [GroupStatus] = []
        for group in book.groups(of: applicationID) { statuses.append(await status(of: group)) }
        return statuses
    }

    /// One group.
    func status(_ key: GroupKey) async throws(GroupError) -> GroupStatus {
        await status(of: try group(key))
    }

    private func status(of group: GroupDefinition) async -> GroupStatus {
        let state = await withCheckedContinuation { continuation in
            submit(group.address, .groupState(group.address) { continuation.resume(returning: $0) })
        }
        let told = book.mirrors(of: group.key)
        var mirrors: [String: MirrorState] = [:]
        for coverage in profiles.coverages(of: group) {
            mirrors[profiles.coverages[coverage].name] = told[coverage] ?? .pending
        }
        var problem: String?
        do throws(GroupError) { _ = try profiles.profile(of: group) } catch { problem = error.description }
        return GroupStatus(
            definition: group,
            nextCounter: state?.nextCounter,
            queued: state?.queued ?? 0,
            mirrors: mirrors,
            problem: problem,
        )
    }

    /// How a group stands whose change is durable, before its shard and the RANs know of it.
    func firstStatus(of group: GroupDefinition) -> GroupStatus {
        let names = profiles.coverages(of: group).map { profiles.coverages[$0].name }
        let mirrors = Dictionary(names.map { ($0, MirrorState.pending) }) { first, _ in first }
        return GroupStatus(definition: group, nextCounter: nil, queued: 0, mirrors: mirrors, problem: nil)
    }

    // MARK: Changing

    /// What else becomes durable in the transaction of a change, made of the group as it is then.
    typealias Note = @Sendable (GroupDefinition) -> [StoreMutation]

    /// Registers a group.
    func create(_ group: GroupDefinition, with note: Note = { _ in [] }) async throws(GroupError) {
        try await turns.take { () async throws(GroupError) in
            try requireApplication(group.applicationID)
            let isTaken = book.group(group.key) != nil
            if isTaken || profiles.registry.device(group.applicationID, group.groupID) != nil {
                throw .idTaken(group.groupID)
            }
            let profile = try check(group)
            try await stored { () async throws(StoreError) in
                try await commit([.putMulticastGroup(group.record)] + note(group))
            }
            try await enter(group, profile)
            log("group_created", group)
        }
    }

    /// Changes a group. Downlinks that wait at an address it leaves end as `group_deleted`.
    ///
    /// - Returns: the group as it is then.
    @discardableResult
    func update(
        _ key: GroupKey,
        with note: @escaping Note = { _ in [] },
        _ change: @escaping @Sendable (inout GroupDefinition) -> Void,
    ) async throws(GroupError) -> GroupDefinition {
        try await turns.take { () async throws(GroupError) in
            try await replace(try self.group(key), with: note, change)
        }
    }

    /// Removes a group; what waits for it ends as `group_deleted`. The counter of its address stays known.
    func delete(_ key: GroupKey, with note: Note = { _ in [] }) async throws(GroupError) {
        try await turns.take { () async throws(GroupError) in
            let group = try self.group(key)
            try await leave(
                group,
                storing: [.deleteMulticastGroup(applicationID: key.applicationID, groupID: key.groupID)] + note(group),
            )
            book.remove(key)
            mirror()
            log("group_deleted", group)
        }
    }

    /// Adds a device of the application.
    func addDevice(
        _ deviceID: String,
        to key: GroupKey,
        with note: Note = { _ in [] },
    ) async throws(GroupError) {
        try await turns.take { () async throws(GroupError) in
            let group = try self.group(key)
            guard !group.members.contains(deviceID) else { throw .alreadyMember(deviceID) }
            try await replace(group, with: note) { $0.members.append(deviceID) }
        }
    }

    /// Removes a device, also one that is registered no more.
    func removeDevice(
        _ deviceID: String,
        from key: GroupKey,
        with note: Note = { _ in [] },
    ) async throws(GroupError) {
        try await turns.take { () async throws(GroupError) in
            let group = try self.group(key)
            guard group.members.contains(deviceID) else { throw .notMember(deviceID) }
            try await replace(group, with: note) { $0.members.removeAll { $0 == deviceID } }
        }
    }

    /// Looks anew at the groups of an application after devices of it were registered, changed or deleted: a member's
    /// coverage or DevEUI may be another.
    func devicesChanged(_ applicationID: String) async {
        await turns.take { () async in
            let groups = book.groups(of: applicationID).filter { !$0.members.isEmpty }
            for group in groups { await register(group) }
            if !groups.isEmpty { mirror() }
        }
    }

    /// Brings a stored group into memory, at a start.
    func load(_ group: GroupDefinition) async {
        await register(group)
    }

    /// Forgets the groups of an application that the store has deleted with it.
    func applicationDeleted(_ applicationID: String) async throws(GroupError) {
        try await turns.take { () async throws(GroupError) in
            for group in book.groups(of: applicationID) {
                try await leave(group, storing: [])
                book.remove(group.key)
            }
            mirror()
        }
    }

    // MARK: Steps

    @discardableResult
    private func replace(
        _ former: GroupDefinition,
        with note: Note,
        _ change: (inout GroupDefinition) -> Void,
    ) async throws(GroupError) -> GroupDefinition {
        var group = former
        change(&group)
        // What names the group is not for change.
        (group.applicationID, group.groupID) = (former.applicationID, former.groupID)
        let profile = try check(group, besides: former)
        let mutations = [StoreMutation.putMulticastGroup(group.record)] + note(group)
        if group.address == former.address {
            try await stored { () async throws(StoreError) in try await commit(mutations) }
        } else {
            try await leave(former, storing: mutations)
        }
        try await enter(group, profile)
        log("group_changed", group)
        return group
    }

    private func enter(_ group: GroupDefinition, _ profile: GroupProfile) async throws(GroupError) {
        book.put(group)
        // Without what the address used before, a counter could be used twice: rather let the group be silent.
        let restored = try await stored { () async throws(StoreError) in try await restore(group.address) }
        submit(group.address, .registerGroup(group, profile, restored: restored))
        mirror()
    }

    /// Takes a group out of its shard; the changes become durable together with what the shard makes of it.
    private func leave(_ group: GroupDefinition, storing mutations: [StoreMutation]) async throws(GroupError) {
        let failure = await withCheckedContinuation { continuation in
            let command = ShardCommand.unregisterGroup(group.address, mutations) { continuation.resume(returning: $0) }
            submit(group.address, command)
        }
        guard let failure else { return }
        // It stays registered: bring it back to its shard.
        await register(group)
        throw .store(failure)
    }

    /// Tells the shard of a group that is registered already; one that cannot serve is left out, with a word in the log.
    private func register(_ group: GroupDefinition) async {
        book.put(group)
        do throws(GroupError) {
            try await enter(group, try profiles.profile(of: group))
        } catch {
            logger.error(
                "group_unusable",
                ["app_id": group.applicationID, "group_id": group.groupID, "error": error.description],
            )
        }
    }

    private func check(
        _ group: GroupDefinition,
        besides former: GroupDefinition? = nil,
    ) throws(GroupError) -> GroupProfile {
        guard (1...255).contains(group.name.unicodeScalars.count) else {
            throw .invalid(field: "name", "has \(group.name.unicodeScalars.count) characters; 1 to 255 are allowed")
        }
        guard former != nil || IdentifierRule.v2.allows(group.groupID) else {
            throw .invalid(field: "group_id", "'\(group.groupID)' must be 2 to 36 of a-z and 0-9 with single - or _")
        }
        if let owner = book.owner(of: group.address), owner != group.key { throw .addressTaken(group.address) }
        var seen: Set<String> = []
        for id in group.members {
            guard seen.insert(id).inserted else { throw .alreadyMember(id) }
            // A member that was deleted meanwhile may stay; it is passed over.
            guard let device = profiles.registry.device(group.applicationID, id) else {
                if former?.members.contains(id) == true { continue }
                throw .unknownDevice(id)
            }
            try profiles.check(device, for: group)
        }
        return try profiles.profile(of: group)
    }

    func group(_ key: GroupKey) throws(GroupError) -> GroupDefinition {
        try requireApplication(key.applicationID)
        guard let group = book.group(key) else { throw .unknownGroup(key) }
        return group
    }

    private func requireApplication(_ id: String) throws(GroupError) {
        guard profiles.registry.application(id) != nil else { throw .unknownApplication(id) }
    }

    private func stored<Value: Sendable>(
        _ work: () async throws(StoreError) -> Value,
    ) async throws(GroupError) -> Value {
        do throws(StoreError) { return try await work() } catch { throw .store(error) }
    }

    private func log(_ event: StaticString, _ group: GroupDefinition) {
        logger.info(event, ["app_id": group.applicationID, "group_id": group.groupID, "addr": group.address])
    }
}
