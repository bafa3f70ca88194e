// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import Management
internal import NetworkServer
internal import TTNMessages

/// Multicast groups.
extension ManagementService {
    func multicastGroups(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let id = try members.optionalText("group_id")
        try members.finish()
        do throws(GroupError) {
            var statuses = try await house.groups.list(call.id)
            if let id {
                statuses.removeAll { $0.definition.groupID != id }
                guard !statuses.isEmpty else { throw .unknownGroup(GroupKey(applicationID: call.id, groupID: id)) }
            }
            return Deed(["multicast_groups": .array(statuses.map { Self.json($0, showsKeys: call.showsKeys) })])
        } catch {
            throw ManagementFault(error)
        }
    }

    func createMulticastGroup(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let id = try members.text("group_id")
        guard let address = try GroupMembers.address(&members) else { throw .invalid("addr", "is missing") }
        guard let network = try GroupMembers.key("nwk_s_key", &members) else {
            throw .invalid("nwk_s_key", "is missing")
        }
        guard let own = try GroupMembers.key("app_s_key", &members) else { throw .invalid("app_s_key", "is missing") }
        guard let listening = try GroupMembers.listening(&members, former: nil) else {
            throw .invalid("class", "is missing: B or C")
        }
        let group = GroupDefinition(
            applicationID: call.id,
            groupID: id,
            name: try members.optionalText("name"),
            address: address,
            applicationKey: own,
            networkKey: network,
            listening: listening,
            region: try members.optionalText("region"),
            members: try GroupMembers.devices(&members) ?? [],
            firstCounter: UInt32(try members.optionalNumber("f_cnt_down", in: 0...Int64(UInt32.max)) ?? 0),
            createdAt: house.now(),
        )
        try members.finish()
        return try await change(group.key, call) { desk, note throws(GroupError) in
            try await desk.create(group, with: note)
        }
    }

    func updateMulticastGroup(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let key = GroupKey(applicationID: call.id, groupID: try members.text("group_id"))
        guard let former = house.groups.book.group(key) else { throw ManagementFault(GroupError.unknownGroup(key)) }
        let address = try GroupMembers.address(&members)
        let network = try GroupMembers.key("nwk_s_key", &members)
        let own = try GroupMembers.key("app_s_key", &members)
        let listening = try GroupMembers.listening(&members, former: former.listening)
        let name = try members.optionalText("name")
        let clearsRegion = members.has("region")
        let region = try members.optionalText("region")
        let devices = try GroupMembers.devices(&members)
        try members.finish()
        return try await change(key, call) { desk, note throws(GroupError) in
            try await desk.update(key, with: note) { group in
                if let address { group.address = address }
                if let network { group.networkKey = network }
                if let own { group.applicationKey = own }
                if let listening { group.listening = listening }
                if let name { group.name = name }
                if clearsRegion { group.region = region }
                if let devices { group.members = devices }
            }
        }
    }

    func deleteMulticastGroup(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let key = GroupKey(applicationID: call.id, groupID: try members.text("group_id"))
        try members.finish()
        do throws(GroupError) {
            let shown = Self.json(try await house.groups.status(key), showsKeys: false)
            let notes = call.notes
            try await house.groups.delete(key) { _ in notes.result(shown) }
            return Deed(shown)
        } catch {
            throw ManagementFault(error)
        }
    }

    func changeMembership(_ call: ApplicationCall, adds: Bool) async throws(ManagementFault) -> Deed {
        var members = call.members
        let key = GroupKey(applicationID: call.id, groupID: try members.text("group_id"))
        let device = try members.text("dev_id")
        try members.finish()
        return try await change(key, call) { desk, note throws(GroupError) in
            if adds {
                try await desk.addDevice(device, to: key, with: note)
            } else {
                try await desk.removeDevice(device, from: key, with: note)
            }
        }
    }

    func sendMulticast(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let key = GroupKey(applicationID: call.id, groupID: try members.text("group_id"))
        let port = UInt8(try members.number("port", in: 1...223))
        let payload = try members.octets("payload_raw", atMost: RequestLimits.payloadSize)
        let ttl = try members.optionalNumber("ttl", in: 1...Int64(UInt32.max)).map { UInt32($0) }
        try members.finish()
        let request = DownlinkRequest(port: port, payload: payload, ttl: ttl, origin: .v2)
        let command = DownlinkCommand(schedule: .last, requests: [request])
        let house = house
        if house.groups.book.group(key) == nil { throw ManagementFault(GroupError.unknownGroup(key)) }
        let result: JSONValue = [
            "group_id": .string(key.groupID), "port": .integer(Int64(port)),
            "payload_raw": .string(Base64.text(payload)), "state": "queued",
        ]
        let note = call.notes.result(result)
        let failure = await withCheckedContinuation { (continuation: CheckedContinuation<MulticastRefusal?, Never>) in
            do throws(MulticastRefusal) {
                try house.groups.send(command, to: key, ids: house.rows, now: house.now(), with: note) {
                    continuation.resume(returning: nil)
                }
            } catch {
                continuation.resume(returning: error)
            }
        }
        if let failure { throw ManagementFault(.failedPrecondition, failure.description, field: "group_id") }
        return Deed(result)
    }

    /// Changes a group; what the change comes to is kept with it, and said more exactly in the answer.
    private func change(
        _ key: GroupKey,
        _ call: ApplicationCall,
        _ work: (GroupDesk, @escaping GroupDesk.Note) async throws(GroupError) -> Void,
    ) async throws(ManagementFault) -> Deed {
        let (desk, notes, showsKeys) = (house.groups, call.notes, call.showsKeys)
        do throws(GroupError) {
            try await work(desk) { notes.result(Self.json(desk.firstStatus(of: $0), showsKeys: showsKeys)) }
            return Deed(Self.json(try await desk.status(key), showsKeys: showsKeys))
        } catch {
            throw ManagementFault(error)
        }
    }

    static func json(_ status: GroupStatus, showsKeys: Bool) -> JSONValue {
        let group = status.definition
        var json: JSONObject = [
            "app_id": .string(group.applicationID),
            "group_id": .string(group.groupID),
            "name": .string(group.name),
            "addr": .string(group.address.hex.uppercased()),
        ]
        let window: ReceiveWindow?
        switch group.listening {
        case .classC(let own):
            json["class"] = "C"
            window = own
        case .classB(let periodicity, let own):
            json["class"] = "B"
            json["ping_periodicity"] = .integer(Int64(periodicity))
            window = own
        }
        if let window {
            json["frequency"] = .integer(Int64(window.frequency))
            json["data_rate"] = .integer(Int64(window.dataRate))
        }
        if let region = group.region { json["region"] = .string(region) }
        if showsKeys {
            json["nwk_s_key"] = .string(Hex.text(group.networkKey.octets, uppercase: true))
            json["app_s_key"] = .string(Hex.text(group.applicationKey.octets, uppercase: true))
        }
        json["devices"] = .array(group.members.map { .string($0) })
        if let counter = status.nextCounter { json["f_cnt_down"] = .integer(Int64(counter)) }
        json["queued"] = .integer(Int64(status.queued))
        if let problem = status.problem { json["error"] = .string(problem) }
        json["created_at"] = .string(RFC3339.text(group.createdAt, .inThrees))
        json["ran"] = ran(status.mirrors)
        return .object(json)
    }

    /// The worst of what the coverages say.
    private static func ran(_ mirrors: [String: MirrorState]) -> JSONValue {
        for state in mirrors.values {
            if case .refused(_, let error) = state { return ["state": "refused", "error": .string(error)] }
        }
        return ["state": mirrors.values.contains(.pending) ? "pending" : "in_effect"]
    }
}

/// Members of requests about groups.
private enum GroupMembers {
    static func address(_ members: inout RequestMembers) throws(ManagementFault) -> DevAddr? {
        guard let text = try members.optionalText("addr") else { return nil }
        guard let address = DevAddr(hex: text) else { throw .invalid("addr", "must be 8 hexadecimal digits") }
        return address
    }

    static func key(_ name: String, _ members: inout RequestMembers) throws(ManagementFault) -> AES128Key? {
        guard let text = try members.optionalText(name) else { return nil }
        guard let key = AES128Key(hex: text) else { throw .invalid(name, "must be 32 hexadecimal digits") }
        return key
    }

    static func devices(_ members: inout RequestMembers) throws(ManagementFault) -> [String]? {
        guard let value = members.optional("devices") else { return nil }
        guard let elements = value.elements else { throw .invalid("devices", "must be a list of device ids") }
        var devices: [String] = []
        for element in elements {
            guard let id = element.text else { throw .invalid("devices", "must be a list of device ids") }
            devices.append(id)
        }
        return devices
    }

    /// Class, slots and frequency; nil when none of them is given.
    static func listening(
        _ members: inout RequestMembers,
        former: GroupProfile.Listening?,
    ) throws(ManagementFault) -> GroupProfile.Listening? {
        let word = try members.optionalText("class")
        let slots = try members.optionalNumber("ping_periodicity", in: 0...7).map { UInt8($0) }
        let frequency = try members.optionalNumber("frequency", in: 100_000_000...2_500_000_000).map { UInt32($0) }
        let dataRate = try members.optionalNumber("data_rate", in: 0...15).map { UInt8($0) }
        guard (frequency == nil) == (dataRate == nil) else {
            throw .invalid(frequency == nil ? "frequency" : "data_rate", "is missing: give both or neither")
        }
        guard word != nil || slots != nil || frequency != nil else { return nil }
        var window: ReceiveWindow?
        var isClassB = false
        var periodicity: UInt8?
        switch former {
        case .classC(let own)?: window = own
        case .classB(let known, let own)?: (isClassB, periodicity, window) = (true, known, own)
        case nil: break
        }
        switch word?.uppercased() {
        case "B": isClassB = true
        case "C": isClassB = false
        case nil: if former == nil { throw .invalid("class", "is missing: B or C") }
        default: throw .invalid("class", "must be B or C")
        }
        if let frequency, let dataRate { window = ReceiveWindow(frequency: frequency, dataRate: dataRate) }
        guard isClassB else {
            if slots != nil { throw .invalid("ping_periodicity", "is for class B alone") }
            return .classC(window)
        }
        return .classB(periodicity: slots ?? periodicity ?? 0, window)
    }
}

extension ManagementFault {
    /// What the group desk's refusal means to who asked.
    init(_ error: GroupError) {
        let code: Code
        switch error {
        case .unknownApplication, .unknownGroup, .unknownDevice, .notMember: code = .notFound
        case .idTaken, .addressTaken, .alreadyMember: code = .alreadyExists
        case .invalid: code = .invalidArgument
        case .regionMismatch: code = .failedPrecondition
        case .store(let error):
            self.init(error)
            return
        }
        self.init(code, error.description, field: error.field)
    }
}
