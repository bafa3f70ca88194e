// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import JSON
internal import LoRaWAN
internal import Management
internal import RANClient
internal import Store
internal import TTNMessages

/// Applications, access keys and coverages.
extension ManagementService {
    func perform(_ method: AdminMethod, _ members: RequestMembers) async throws(ManagementFault) -> Deed {
        switch method {
        case .register: return try await register(members)
        case .applications: return try applications(members)
        case .addAccessKey: return try await addAccessKey(members)
        case .accessKeys: return try await accessKeys(members)
        case .removeAccessKey: return try await removeAccessKey(members)
        case .coverages: return try await coverages(members)
        case .ranPlan: return try await ranPlan(members)
        case .ranApply: return try await ranApply(members)
        }
    }

    private func register(_ members: RequestMembers) async throws(ManagementFault) -> Deed {
        var members = members
        let id = try members.text("app_id")
        try members.finish()
        do throws(IdentifierError) {
            try IdentifierRule(serving: house.settings.formats).check(id, as: "application id")
        } catch {
            throw ManagementFault(.invalidArgument, error.description, field: "app_id")
        }
        guard !ManagementTopic.reservedIDs.contains(id) else {
            throw .invalid("app_id", "\(id) begins topics of another meaning: choose another name")
        }
        if house.registry.application(id) != nil {
            throw ManagementFault(.alreadyExists, "there is an application \(id)", field: "app_id")
        }
        try await access.removeAll(of: id)
        let record = ApplicationRecord(id: id)
        let result = Self.json(record)
        let registry = house.registry
        return Deed(
            result,
            mutations: [.putApplication(record), .deleteSetting(House.tombstoneName(id, nil))],
        ) {
            registry.put(record)
            return result
        }
    }

    private func applications(_ members: RequestMembers) throws(ManagementFault) -> Deed {
        try members.finish()
        var counts: [String: Int64] = [:]
        for entry in house.registry.devices { counts[entry.application.id, default: 0] += 1 }
        let list = house.registry.applications.map { application -> JSONValue in
            [
                "app_id": .string(application.id),
                "payload_format": .string(application.record.payloadFormat.rawValue),
                "devices": .integer(counts[application.id] ?? 0),
            ]
        }
        return Deed(["applications": .array(list)])
    }

    // MARK: Access keys

    private func application(_ members: inout RequestMembers) throws(ManagementFault) -> String {
        let id = try members.text("app_id")
        guard house.registry.application(id) != nil else {
            throw ManagementFault(.notFound, "there is no application \(id)", field: "app_id")
        }
        return id
    }

    private func keyName(_ members: inout RequestMembers) throws(ManagementFault) -> String {
        let name = try members.text("name")
        guard IdentifierRule.v2.allows(name) else {
            throw .invalid("name", "must be 2 to 36 lower case letters and digits, with single - or _ between them")
        }
        return name
    }

    private func addAccessKey(_ members: RequestMembers) async throws(ManagementFault) -> Deed {
        var members = members
        let id = try application(&members)
        let name = try keyName(&members)
        guard let words = members.optional("rights")?.elements, !words.isEmpty else {
            throw .invalid("rights", "must be a list of \(Self.allRights)")
        }
        var rights: [AccessRight] = []
        for word in words {
            guard let right = word.text.flatMap({ AccessRight(rawValue: $0) }) else {
                throw .invalid("rights", "holds \(word.jsonText); there are \(Self.allRights)")
            }
            if !rights.contains(right) { rights.append(right) }
        }
        try members.finish()
        if try await keys(of: id).contains(where: { $0.name == name }) {
            throw ManagementFault(
                .alreadyExists,
                "the application \(id) has a key \(name): remove it first",
                field: "name"
            )
        }
        let key = Self.newKey()
        try await access.add(name, of: id, rights: rights, password: key)
        let record = AccessKeyRecord(applicationID: id, name: name, rights: rights.map(\.rawValue))
        var result = Self.json(record).object ?? JSONObject()
        result["key"] = .string(key)
        return Deed(.object(result), mutations: [.putAccessKey(record)])
    }

    private static let allRights = AccessRight.allCases.map(\.rawValue).joined(separator: ", ")

    /// 256 bits of chance. It has a dot, for programs that look for one.
    private static func newKey() -> String {
        var random = SystemRandomNumberGenerator()
        let octets = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let text = Base64.text(octets).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return "rmb." + text
    }

    private func accessKeys(_ members: RequestMembers) async throws(ManagementFault) -> Deed {
        var members = members
        let id = try application(&members)
        try members.finish()
        return Deed(["access_keys": .array(try await keys(of: id).map(Self.json))])
    }

    private func removeAccessKey(_ members: RequestMembers) async throws(ManagementFault) -> Deed {
        var members = members
        let id = try application(&members)
        let name = try keyName(&members)
        try members.finish()
        guard let record = try await keys(of: id).first(where: { $0.name == name }) else {
            throw ManagementFault(.notFound, "the application \(id) has no key \(name)", field: "name")
        }
        try await access.remove(name, of: id)
        return Deed(Self.json(record), mutations: [.deleteAccessKey(applicationID: id, name: name)])
    }

    func keys(of applicationID: String) async throws(ManagementFault) -> [AccessKeyRecord] {
        let store = house.store
        let result = await runBlocking("keys") { () -> Result<[AccessKeyRecord], StoreError> in
            do throws(StoreError) {
                return .success(try store.accessKeys(of: applicationID))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let keys): return keys
        case .failure(let error): throw ManagementFault(error)
        }
    }

    private static func json(_ record: AccessKeyRecord) -> JSONValue {
        [
            "app_id": .string(record.applicationID),
            "name": .string(record.name),
            "username": .string(AccessControl.username(record.applicationID, record.name)),
            "rights": .array(record.rights.map { .string($0) }),
        ]
    }

    // MARK: Coverages

    private func coverages(_ members: RequestMembers) async throws(ManagementFault) -> Deed {
        try members.finish()
        var list: [JSONValue] = []
        for (index, coverage) in house.coverages.enumerated() {
            let settings = house.settings.coverages[index]
            let keeper = house.keepers[index]
            let counts = await keeper.counts
            let connections = coverage.connections
            var routing: JSONObject = [
                "in_effect": .integer(Int64(counts.inEffect)),
                "pending": .integer(Int64(counts.pending)),
                "refused": .integer(Int64(counts.refused)),
            ]
            if let obstacle = await keeper.obstacle { routing["error"] = .string(obstacle.message) }
            list.append([
                "name": .string(coverage.name),
                "region": .string(settings.region.name),
                "upstream": [
                    "connected": .integer(Int64(connections.upstream)),
                    "wanted": .integer(Int64(settings.upstreamConnections)),
                ],
                "downstream": .string(connections.downstream ? "connected" : "disconnected"),
                "routing_table": .object(routing),
            ])
        }
        return Deed(["coverages": .array(list)])
    }

    private func keeper(_ members: inout RequestMembers) throws(ManagementFault) -> RouteKeeper {
        let name = try members.optionalText("coverage")
        guard let name else {
            guard house.keepers.count == 1 else { throw .invalid("coverage", "is missing: there are several") }
            return house.keepers[0]
        }
        guard let keeper = house.keepers.first(where: { $0.coverage == name }) else {
            throw ManagementFault(.notFound, "there is no coverage \(name)", field: "coverage")
        }
        return keeper
    }

    private func ranPlan(_ members: RequestMembers) async throws(ManagementFault) -> Deed {
        var members = members
        let keeper = try keeper(&members)
        try members.finish()
        do throws(RANError) {
            return Deed(Self.json(try await keeper.plan(), coverage: keeper.coverage))
        } catch {
            throw ManagementFault(error)
        }
    }

    private func ranApply(_ members: RequestMembers) async throws(ManagementFault) -> Deed {
        var members = members
        let keeper = try keeper(&members)
        let digest = try members.text("plan")
        try members.finish()
        let plan: RoutingPlan?
        do throws(RANError) { plan = try await keeper.confirm(digest) } catch { throw ManagementFault(error) }
        guard let plan else {
            throw ManagementFault(
                .failedPrecondition,
                "the plan is another by now: look at ran_plan again",
                field: "plan"
            )
        }
        return Deed(Self.json(plan, coverage: keeper.coverage))
    }

    /// The most DevEUIs that an answer lists of each kind; beside them stand their numbers.
    private static let listedRows = 1000

    static func json(_ plan: RoutingPlan, coverage: String) -> JSONValue {
        func list(_ devices: [EUI64]) -> JSONValue {
            .array(devices.prefix(listedRows).map { .string($0.upperHex) })
        }
        func number(_ count: Int) -> JSONValue { .integer(Int64(count)) }
        let drops = plan.releases + plan.drops
        return [
            "coverage": .string(coverage),
            "table": number(plan.tableCount),
            "insert_count": number(plan.inserts.count), "inserts": list(plan.inserts.map(\.devEUI)),
            "replacement_count": number(plan.replacements.count), "replacements": list(plan.replacements.map(\.devEUI)),
            "update_count": number(plan.updates.count), "updates": list(plan.updates.map(\.devEUI)),
            "drop_count": number(drops.count), "drops": list(drops),
            "conflict_count": number(plan.conflicts.count), "conflicts": list(plan.conflicts.map(\.wanted.devEUI)),
            "needs_confirmation": .bool(plan.needsConfirmation),
            "plan": .string(plan.digest),
        ]
    }
}
