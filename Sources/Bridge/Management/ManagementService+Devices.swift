// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import JSON
internal import LoRaWAN
internal import Management
internal import NetworkServer
internal import Store
internal import TTNMessages

/// Devices one by one.
extension ManagementService {
    // MARK: Looking

    func device(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let id = try members.text("dev_id")
        try members.finish()
        let record = try await record(of: id, in: call)
        return Deed(await json([record], showsKeys: call.showsKeys)[0])
    }

    func devices(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let limit = try members.optionalNumber("limit", in: 1...Int64(Self.pageLimit)).map { Int($0) } ?? Self.pageLimit
        let after = try members.optionalText("after")
        let wanted = try members.optionalTexts("attributes") ?? [:]
        try members.finish()
        let (records, next) = try await page(of: call.id, after: after, limit: limit) { record in
            wanted.allSatisfy { record.attributes[$0.key] == $0.value }
        }
        var result: JSONObject = ["devices": .array(await json(records, showsKeys: call.showsKeys))]
        if let next { result["next"] = .string(next) }
        return Deed(.object(result))
    }

    /// The most devices of one answer: with long texts each, it stays below what brokers carry.
    private static let pageLimit = 500

    /// Devices in the order of their ids.
    ///
    /// - Returns: also the id after which the next page begins; nil for the last page.
    func page(
        of applicationID: String,
        after: String?,
        limit: Int,
        where fits: @escaping @Sendable (DeviceRecord) -> Bool = { _ in true },
    ) async throws(ManagementFault) -> (records: [DeviceRecord], next: String?) {
        let store = house.store
        let result = await runBlocking("devices") { () -> Result<([DeviceRecord], String?), StoreError> in
            var records: [DeviceRecord] = []
            var last = after
            do throws(StoreError) {
                while true {
                    let page = try store.devices(of: applicationID, after: last, limit: 512)
                    for (index, record) in page.enumerated() {
                        last = record.deviceID
                        guard fits(record) else { continue }
                        records.append(record)
                        guard records.count == limit else { continue }
                        let isLast = index == page.count - 1 && page.count < 512
                        return .success((records, isLast ? nil : last))
                    }
                    if page.count < 512 { return .success((records, nil)) }
                }
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let page): return page
        case .failure(let error): throw ManagementFault(error)
        }
    }

    /// What is registered under a name, also when its registration cannot serve at present.
    func record(of id: String, in call: ApplicationCall) async throws(ManagementFault) -> DeviceRecord {
        if let record = try await existing(id, in: call) { return record }
        throw ManagementFault(.notFound, "there is no device \(id) in application \(call.id)", field: "dev_id")
    }

    private func existing(_ id: String, in call: ApplicationCall) async throws(ManagementFault) -> DeviceRecord? {
        let (store, applicationID) = (house.store, call.id)
        let found = await runBlocking("device") { () -> Result<DeviceRecord?, StoreError> in
            do throws(StoreError) {
                return .success(try store.device(applicationID, id))
            } catch {
                return .failure(error)
            }
        }
        switch found {
        case .success(let record): return record
        case .failure(let error): throw ManagementFault(error)
        }
    }

    /// Devices as answers show them.
    func json(_ records: [DeviceRecord], showsKeys: Bool) async -> [JSONValue] {
        let sessions = await house.sessions(of: records.map(\.devEUI))
        var states: [EUI64: RouteState] = [:]
        for keeper in house.keepers {
            states.merge(await keeper.states(of: records.map(\.devEUI))) { first, _ in first }
        }
        let memberships = records.first.map { house.memberships(of: $0.applicationID) } ?? [:]
        return records.map { record in
            json(
                record,
                sessions[record.devEUI],
                states[record.devEUI] ?? .pending(nil),
                groups: memberships[record.deviceID] ?? [],
                showsKeys: showsKeys,
            )
        }
    }

    func json(
        _ record: DeviceRecord,
        _ session: SessionStatus?,
        _ route: RouteState,
        groups: [String],
        showsKeys: Bool,
    ) -> JSONValue {
        var description = DeviceDescription(record)
        if let session { description.tell(session) }
        let owner = DeviceDescription.Owner(applicationID: record.applicationID, deviceID: record.deviceID)
        var device = description.members(owner: owner, showsKeys: showsKeys)
        device["created_at"] = .string(RFC3339.text(record.createdAt, .inThrees))
        device["updated_at"] = .string(RFC3339.text(record.updatedAt, .inThrees))
        if !groups.isEmpty { device["multicast_groups"] = .array(groups.map { .string($0) }) }
        device["ran"] = route.json
        return .object(device)
    }

    // MARK: Changing

    func registerDevice(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let id = try members.text("dev_id")
        let object = try members.object("device")
        let overwrites = try members.optionalFlag("overwrite") ?? false
        try members.finish()
        do throws(IdentifierError) {
            try IdentifierRule(serving: house.settings.formats).check(id, as: "device id")
        } catch {
            throw ManagementFault(.invalidArgument, error.description, field: "dev_id")
        }
        try house.requireFreeGroupID(id, in: call.id)
        let owner = DeviceDescription.Owner(applicationID: call.id, deviceID: id)
        var description = DeviceDescription()
        let former = try await existing(id, in: call)
        let record: DeviceRecord
        do throws(ManagementFault) {
            try description.apply(object, owner: owner)
            let now = house.now()
            record = try DeviceRecord(
                description,
                owner: owner,
                createdAt: former?.createdAt ?? now,
                updatedAt: now,
            )
        } catch {
            throw error.inside("device")
        }
        if let former, !overwrites {
            if former.saysTheSame(as: record) {
                return Deed(await json([former], showsKeys: call.showsKeys)[0])
            }
            throw ManagementFault(
                .alreadyExists,
                "the device \(id) is registered otherwise; say overwrite: true to replace it, or use update_device",
                field: "dev_id",
            )
        }
        return try await put(
            record,
            former: former,
            change: former == nil ? .created : .updated(location: GeoLocation(of: record)),
            call,
        )
    }

    func updateDevice(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let id = try members.text("dev_id")
        let object = try members.object("device")
        try members.finish()
        let former = try await record(of: id, in: call)
        let owner = DeviceDescription.Owner(applicationID: call.id, deviceID: id)
        let session = await house.sessions(of: [former.devEUI])[former.devEUI]
        var description = DeviceDescription(former)
        let names: Set<String>
        var record: DeviceRecord
        do throws(ManagementFault) {
            names = try description.apply(object, owner: owner)
            try refuseSessionKeys(names, description, former, session)
            record = try DeviceRecord(
                description,
                owner: owner,
                createdAt: former.createdAt,
                updatedAt: house.now(),
            )
        } catch {
            throw error.inside("device")
        }
        // What was read and sent back is no wish to set the counters.
        let up = names.contains("f_cnt_up") && session?.counterUp != description.fCntUp ? description.fCntUp : nil
        let down =
            names.contains("f_cnt_down") && session?.nextCounterDown != description.fCntDown
            ? description.fCntDown : nil
        if up == nil { record.initialFCntUp = former.initialFCntUp }
        if down == nil { record.initialFCntDown = former.initialFCntDown }
        if up == nil, down == nil, former.saysTheSame(as: record) {
            return Deed(await json([former], showsKeys: call.showsKeys)[0])
        }
        let isMoved = names.contains("latitude") || names.contains("longitude") || names.contains("altitude")
        return try await put(
            record,
            former: former,
            change: .updated(location: isMoved ? GeoLocation(of: record) : nil),
            counters: up == nil && down == nil ? nil : (up, down),
            session: session,
            call,
        )
    }

    /// Session keys that are given to a device that joins would be without effect: a word is better.
    private func refuseSessionKeys(
        _ names: Set<String>,
        _ description: DeviceDescription,
        _ former: DeviceRecord,
        _ session: SessionStatus?,
    ) throws(ManagementFault) {
        guard description.appKey != nil, case .otaa = former.activation, !names.contains("app_key") else { return }
        var present = DeviceDescription(former)
        if let session { present.tell(session) }
        let changes = [
            ("dev_addr", description.devAddr != present.devAddr), ("nwk_s_key", description.nwkSKey != present.nwkSKey),
            ("app_s_key", description.appSKey != present.appSKey),
        ]
        guard let field = changes.first(where: { names.contains($0.0) && $0.1 })?.0 else { return }
        throw ManagementFault(
            .failedPrecondition,
            "\(field) belongs to a session, and the device joins: set app_key to null to personalise it",
            field: field,
        )
    }

    func deleteDevice(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let id = try members.text("dev_id")
        try members.finish()
        let record = try await record(of: id, in: call)
        let house = house
        let entry = house.registry.device(call.id, id)
        let shown = await json([record], showsKeys: call.showsKeys)[0]
        var mutations: [StoreMutation] = [
            .deleteDevice(applicationID: call.id, deviceID: id), house.tombstone(record),
        ]
        guard let entry else { return Deed(shown, mutations: mutations) }
        mutations += await house.releases(of: [entry])
        let event = house.outgoing(
            .device(DeviceEvent(device: entry.identity(devAddr: nil), change: .deleted, time: house.now())),
            devEUI: record.devEUI,
        )
        mutations.append(event.mutation)
        let patience = ranPatience
        return Deed(shown, mutations: mutations, actions: [event.action]) {
            await house.remove([entry], isUrgent: true)
            await house.groups.devicesChanged(record.applicationID)
            guard var object = shown.object else { return shown }
            object["ran"] = await house.keepers[entry.coverage].settled(entry.devEUI, within: patience).json
            return .object(object)
        }
    }

    private func put(
        _ record: DeviceRecord,
        former: DeviceRecord?,
        change: DeviceEvent.Change,
        counters: (up: UInt32?, down: UInt32?)? = nil,
        session: SessionStatus? = nil,
        _ call: ApplicationCall,
    ) async throws(ManagementFault) -> Deed {
        let house = house
        let enrolment: Enrolment
        do throws(RegistrationError) {
            enrolment = try house.enrolment(of: record, in: call.application)
        } catch {
            throw ManagementFault.invalid(error.field, error.message).inside("device")
        }
        let entry = enrolment.entry
        try await requireFreeDevEUI(record)
        let formerEntry = former.flatMap { house.registry.device($0.applicationID, $0.deviceID) }
        var mutations: [StoreMutation] = [
            .putDevice(record),
            .deleteSetting(House.tombstoneName(record.applicationID, record.deviceID)),
        ]
        let isMoved = formerEntry.map {
            $0.devEUI != entry.devEUI || $0.coverage != entry.coverage
        }
        if isMoved == true, let formerEntry { mutations += await house.releases(of: [formerEntry]) }
        let event = house.outgoing(
            .device(DeviceEvent(device: entry.identity(devAddr: nil), change: change, time: house.now())),
            devEUI: record.devEUI,
        )
        mutations.append(event.mutation)
        let patience = ranPatience
        let service = self
        let showsKeys = call.showsKeys
        let groups = house.memberships(of: record.applicationID)[record.deviceID] ?? []
        // Mostly the answer: then it need not be kept twice.
        let prospect = await house.keepers[entry.coverage].prospect(of: WantedRoute(entry, address: nil))
        let provisional = json(record, session, prospect, groups: groups, showsKeys: showsKeys)
        let notes = call.notes
        // Counters are the shard's: it makes them durable, and the answer with them.
        return Deed(provisional, mutations: mutations, actions: [event.action], keepsAnswer: counters == nil) {
            await house.put(enrolment, former: formerEntry, isUrgent: true)
            if let counters {
                await house.setCounters(of: entry, counters.up, counters.down, with: notes.result(provisional))
            }
            await house.groups.devicesChanged(record.applicationID)
            let route = await house.keepers[entry.coverage].settled(entry.devEUI, within: patience)
            let session = await house.sessions(of: [entry.devEUI])[entry.devEUI]
            return service.json(record, session, route, groups: groups, showsKeys: showsKeys)
        }
    }

    /// The commit would refuse it too, but without the name of the member.
    private func requireFreeDevEUI(_ record: DeviceRecord) async throws(ManagementFault) {
        guard let other = house.registry.device(record.devEUI), !other.isNamed(in: record) else { return }
        throw ManagementFault(
            .alreadyExists,
            "device.dev_eui \(record.devEUI.upperHex) belongs to "
                + (other.application.id == record.applicationID
                    ? "the device \(other.deviceID)" : "a device of another application"),
            field: "device.dev_eui",
        )
    }
}
