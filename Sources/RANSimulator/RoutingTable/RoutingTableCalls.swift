// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// The HTTP calls on the routing table and the multicast groups: requests in, answers out.
struct RoutingTableCalls {
    var table = RoutingTable()
    var groups = MulticastGroups()
    /// How many MIC candidates a new subscription starts with.
    var firstChallengeSize: Int

    /// Answers a call; names the device it inserted.
    ///
    /// - Parameters:
    ///   - call: the path below the base path, without slashes at its ends.
    mutating func answer(
        _ call: String,
        _ request: HTTPRequest,
        at time: APITime,
    ) throws(APIError) -> (response: HTTPResponse, inserted: EUI64?) {
        if request.method == .post, call == "devices/insert" {
            let row = try insert(request, at: time)
            return (ok(row.json, status: 201), row.devEUI)
        }
        return (try answerOther(call, request, at: time), nil)
    }

    private mutating func answerOther(
        _ call: String,
        _ request: HTTPRequest,
        at time: APITime,
    ) throws(APIError) -> HTTPResponse {
        switch (request.method, call) {
        case (.get, "devices/select"): try select(request)
        case (.post, "devices/update"): try update(request)
        case (.post, "devices/drop"): try drop(request)
        case (.post, "devices/drop-all"): deleted(forget(table.dropAll()))
        case (.post, "multicast/multicast-groups/create"): try createGroup(request, at: time)
        case (.post, "multicast/multicast-groups/update"): try updateGroup(request)
        case (.post, "multicast/multicast-groups/get"): try selectGroups(request)
        case (.post, "multicast/multicast-groups/delete"): try deleteGroups(request)
        case (.post, "multicast/multicast-groups/add-device"): try addDevice(request)
        case (.post, "multicast/multicast-groups/remove-device"): try removeDevice(request)
        default: throw .unknownCall
        }
    }

    private func select(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        var issues: [ValidationIssue] = []
        var devEUIs: [EUI64] = []
        var offset = 0
        var limit: Int?
        for (name, value) in request.arguments {
            switch name {
            case "DevEUIs":
                if let devEUI = EUI64(hex: value) { devEUIs.append(devEUI) } else { fallthrough }
            case "offset", "limit":
                guard name != "DevEUIs", let number = Int(value), number >= 0 else {
                    let rule = name == "DevEUIs" ? "must be 16 hexadecimal digits" : "must be a whole number from 0"
                    issues.append(ValidationIssue(location: ["query", name], message: rule))
                    continue
                }
                if name == "offset" { offset = number } else { limit = number }
            default: continue
            }
        }
        guard issues.isEmpty else { throw .validationFailed(issues) }
        var json = JSONWriter(capacity: 4096)
        var last: (time: APITime, text: String)?
        json.array { json in
            for row in table.select(devEUIs, offset: offset, limit: limit) {
                if last?.time != row.createdAt { last = (row.createdAt, row.createdAt.text) }
                row.write(to: &json, created: last?.text ?? "")
            }
        }
        return HTTPResponse(status: 200, body: json.bytes)
    }

    private mutating func insert(_ request: HTTPRequest, at time: APITime) throws(APIError) -> Subscription {
        var fields = try RequestFields(body: request.body)
        let devEUI = fields.eui("DevEUI")
        let joinEUI = fields.optionalEUI("JoinEUI")
        let address = fields.optionalAddress("DevAddr")
        let details = fields.optionalText("Details", longest: 4096)
        switch (fields.has("JoinEUI"), fields.has("DevAddr")) {
        case (true, true): fields.complain(nil, "JoinEUI (OTAA) and DevAddr (ABP) exclude each other")
        case (false, false): fields.complain(nil, "JoinEUI (OTAA) or DevAddr (ABP) is required")
        default: break
        }
        try fields.finish()
        guard let devEUI else { throw .validationFailed([]) }
        let row = Subscription(
            devEUI: devEUI,
            joinEUI: joinEUI,
            activeDevAddr: address,
            details: details,
            createdAt: time,
            challengeSize: firstChallengeSize,
        )
        try table.insert(row)
        return row
    }

    private mutating func update(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        var fields = try RequestFields(body: request.body)
        let devEUI = fields.eui("DevEUI")
        let joinEUI = fields.eui("JoinEUI")
        let active = fields.optionalAddress("ActiveDevAddr")
        let target = fields.optionalAddress("TargetDevAddr")
        if !fields.has("ActiveDevAddr"), !fields.has("TargetDevAddr") {
            fields.complain(nil, "ActiveDevAddr or TargetDevAddr is required")
        }
        if let devEUI, let row = table[devEUI], row.joinEUI == nil {
            fields.complain("DevEUI", "the addresses of an ABP device cannot be updated")
        }
        try fields.finish()
        guard let devEUI, let joinEUI else { throw .validationFailed([]) }
        return ok(try table.update(devEUI, joinEUI: joinEUI, active: active, target: target).json, status: 201)
    }

    private mutating func drop(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        var fields = try RequestFields(body: request.body)
        let devEUIs = fields.euis("DevEUIs")
        try fields.finish()
        return deleted(forget(table.drop(devEUIs ?? [])))
    }

    private mutating func createGroup(_ request: HTTPRequest, at time: APITime) throws(APIError) -> HTTPResponse {
        var fields = try RequestFields(body: request.body)
        let name = fields.text("name", longest: 255)
        let address = fields.address("addr")
        try fields.finish()
        guard let name, let address else { throw .validationFailed([]) }
        return ok(try groups.create(name: name, address: address, at: time).json, status: 201)
    }

    private mutating func updateGroup(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        var fields = try RequestFields(body: request.body)
        let address = fields.address("addr")
        var name: String?
        var newAddress: DevAddr?
        if var change = fields.fields("update") {
            name = change.optionalText("name", longest: 255)
            newAddress = change.has("addr") ? change.optionalAddress("addr") : nil
            if !change.has("name"), !change.has("addr") { change.complain(nil, "name or addr is required") }
            fields.absorb(change)
        }
        try fields.finish()
        guard let address else { throw .validationFailed([]) }
        return ok(try groups.update(address, name: name, newAddress: newAddress).json, status: 201)
    }

    private func selectGroups(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        var fields = try RequestFields(body: request.body)
        let addresses = fields.addresses("addrs")
        try fields.finish()
        return ok(.array(groups.select(addresses ?? []).map(\.json)))
    }

    private mutating func deleteGroups(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        var fields = try RequestFields(body: request.body)
        let addresses = fields.addresses("addrs")
        try fields.finish()
        return deleted(groups.delete(addresses ?? []))
    }

    private mutating func addDevice(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        let (address, devEUI) = try membership(request)
        guard groups[address] != nil else { throw .multicastGroupNotFound }
        guard table[devEUI] != nil else { throw .deviceNotFound }
        try groups.add(devEUI, to: address)
        return ok(["is_added": true], status: 201)
    }

    private mutating func removeDevice(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        let (address, devEUI) = try membership(request)
        return ok(["is_removed": .bool(groups.remove(devEUI, from: address))], status: 201)
    }

    private func membership(_ request: HTTPRequest) throws(APIError) -> (DevAddr, EUI64) {
        var fields = try RequestFields(body: request.body)
        let address = fields.address("addr")
        let devEUI = fields.eui("dev_eui")
        try fields.finish()
        guard let address, let devEUI else { throw .validationFailed([]) }
        return (address, devEUI)
    }

    private mutating func forget(_ dropped: [EUI64]) -> Int {
        groups.forget(dropped)
        return dropped.count
    }

    private func deleted(_ count: Int) -> HTTPResponse { ok(["deleted": .integer(Int64(count))]) }

    private func ok(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, body: Array(value.jsonText.utf8))
    }
}
