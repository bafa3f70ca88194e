// SPDX-License-Identifier: Apache-2.0
internal import JSON
public import LoRaWAN

/// The routing table of one coverage: which devices' frames this customer gets. Every change can be repeated safely, and
/// is when the network fails.
///
/// Every call throws `.unauthorized`, `.validationFailed` and `.refused` for the server's no; `.timedOut`, `.transport`, `.tls`,
/// `.connectionLost` and `.protocolViolation` for the way; `.cancelled` with its task and `.closed` with its client. Failures
/// that time may mend were tried again before.
public struct RoutingTable: Sendable {
    /// How many rows one call asks for when all are wanted.
    static let pageSize = 1000
    /// How many devices one call names at most: a URL of these stays below 1.5 KiB, which every server and proxy takes.
    static let selectChunk = 50
    static let deleteChunk = 1000

    let calls: RANCalls

    /// The rows of the table.
    ///
    /// - Parameters:
    ///   - devEUIs: only these devices, each once; nil for all. An empty list gives an empty answer.
    ///   - offset: how many rows to leave out at the start.
    ///   - limit: how many rows at most; nil pages through all of them.
    /// - Returns: each device once. Rows that others add or remove during paging may be missed.
    /// - Throws: `.invalidParameter` for a negative number, and what every call can throw.
    public func select(
        devEUIs: [EUI64]? = nil,
        offset: Int = 0,
        limit: Int? = nil,
    ) async throws(RANError) -> [RoutingEntry] {
        guard offset >= 0 else { throw .invalidParameter(name: "offset", problem: "is below 0") }
        guard limit.map({ $0 >= 0 }) ?? true else { throw .invalidParameter(name: "limit", problem: "is below 0") }
        guard let devEUIs else { return try await selectAll(offset: offset, limit: limit) }
        var entries: [RoutingEntry] = []
        let unique = devEUIs.uniqued()
        if unique.count <= RoutingTable.selectChunk, !unique.isEmpty {
            return try await page(unique, offset: offset, limit: limit)
        }
        for start in stride(from: 0, to: unique.count, by: RoutingTable.selectChunk) {
            let chunk = unique[start..<min(start + RoutingTable.selectChunk, unique.count)]
            entries += try await page(Array(chunk), offset: 0, limit: nil)
        }
        let rest = entries.dropFirst(offset)
        return Array(limit.map { rest.prefix($0) } ?? rest)
    }

    /// Adds a device that joins (OTAA).
    ///
    /// - Parameters:
    ///   - devEUI: unique in the table.
    ///   - joinEUI: of its join requests; AppEUI before LoRaWAN 1.1.
    ///   - details: any text of the customer's.
    /// - Throws: `.deviceAlreadyExists`, `.deviceLimitExhausted`, `.validationFailed` and what every call can throw.
    @discardableResult
    public func insert(devEUI: EUI64, joinEUI: EUI64, details: String? = nil) async throws(RANError) -> RoutingEntry {
        try await insert(devEUI, ("JoinEUI", joinEUI.hex), details) { $0.joinEUI == joinEUI }
    }

    /// Adds a device with a fixed address (ABP).
    ///
    /// - Parameters:
    ///   - devEUI: unique in the table.
    ///   - devAddr: its address; several devices may share one.
    ///   - details: any text of the customer's.
    /// - Throws: `.deviceAlreadyExists`, `.deviceLimitExhausted`, `.validationFailed` and what every call can throw.
    @discardableResult
    public func insert(devEUI: EUI64, devAddr: DevAddr, details: String? = nil) async throws(RANError) -> RoutingEntry {
        try await insert(devEUI, ("DevAddr", devAddr.hex), details) {
            $0.joinEUI == nil && $0.activeDevAddr == devAddr
        }
    }

    /// Changes the addresses of a device that joins; not for ABP. At least one must be given.
    ///
    /// - Throws: `.invalidParameter` for none, `.deviceNotFound`, `.validationFailed` and what every call can throw.
    @discardableResult
    public func update(
        devEUI: EUI64,
        joinEUI: EUI64,
        activeDevAddr: DevAddr? = nil,
        targetDevAddr: DevAddr? = nil,
    ) async throws(RANError) -> RoutingEntry {
        guard activeDevAddr != nil || targetDevAddr != nil else {
            throw .invalidParameter(name: "activeDevAddr", problem: "and targetDevAddr are both missing")
        }
        var body = JSONWriter()
        body.object { json in
            json.member("DevEUI", devEUI.hex)
            json.member("JoinEUI", joinEUI.hex)
            if let activeDevAddr { json.member("ActiveDevAddr", activeDevAddr.hex) }
            if let targetDevAddr { json.member("TargetDevAddr", targetDevAddr.hex) }
        }
        let request = HTTPRequest(method: .post, path: "devices/update", body: body.bytes)
        return try await calls.value(request, RoutingEntry.init)
    }

    /// Removes devices; those not in the table are ignored.
    ///
    /// - Returns: how many were removed. A repeated call after a network failure does not count what the first one removed.
    /// - Throws: what every call can throw.
    @discardableResult
    public func delete(devEUIs: [EUI64]) async throws(RANError) -> Int {
        let unique = devEUIs.uniqued()
        var deleted = 0
        for start in stride(from: 0, to: unique.count, by: RoutingTable.deleteChunk) {
            let chunk = unique[start..<min(start + RoutingTable.deleteChunk, unique.count)]
            var body = JSONWriter(capacity: 32 + chunk.count * 20)
            body.object { json in
                json.name("DevEUIs")
                json.array { json in for devEUI in chunk { json.string(devEUI.hex) } }
            }
            deleted += try await deletion(HTTPRequest(method: .post, path: "devices/drop", body: body.bytes))
        }
        return deleted
    }

    /// Removes every device of the table, whoever added it.
    ///
    /// - Returns: how many were removed.
    /// - Throws: what every call can throw.
    @discardableResult
    public func deleteAll() async throws(RANError) -> Int {
        try await deletion(HTTPRequest(method: .post, path: "devices/drop-all"))
    }

    // MARK: - Calls

    private func selectAll(offset: Int, limit: Int?) async throws(RANError) -> [RoutingEntry] {
        var entries: [RoutingEntry] = []
        var seen: Set<EUI64> = []
        var position = offset
        while true {
            let wanted = min(limit.map { $0 - (position - offset) } ?? .max, RoutingTable.pageSize)
            guard wanted > 0 else { return entries }
            let rows = try await page([], offset: position, limit: wanted)
            for row in rows where seen.insert(row.devEUI).inserted { entries.append(row) }
            position += rows.count
            if rows.count < wanted { return entries }
        }
    }

    private func page(_ devEUIs: [EUI64], offset: Int, limit: Int?) async throws(RANError) -> [RoutingEntry] {
        var request = HTTPRequest(method: .get, path: "devices/select")
        request.query = devEUIs.map { ("DevEUIs", $0.hex) }
        if offset > 0 { request.query.append(("offset", String(offset))) }
        if let limit { request.query.append(("limit", String(limit))) }
        return try await calls.value(request) { document throws(DocumentError) in
            try document.list(RoutingEntry.init)
        }
    }

    private func insert(
        _ devEUI: EUI64,
        _ address: (name: StaticString, hex: String),
        _ details: String?,
        isSame: (RoutingEntry) -> Bool,
    ) async throws(RANError) -> RoutingEntry {
        var body = JSONWriter()
        body.object { json in
            json.member("DevEUI", devEUI.hex)
            json.member(address.name, address.hex)
            if let details { json.member("Details", details) }
        }
        let request = HTTPRequest(method: .post, path: "devices/insert", body: body.bytes)
        do throws(RANCalls.Failure) {
            return try await calls.answer(request, RoutingEntry.init)
        } catch {
            // An earlier attempt, whose answer was lost, may have added the device.
            guard case .deviceAlreadyExists = error.error, error.attempts > 1,
                let existing = try await select(devEUIs: [devEUI]).first,
                isSame(existing), existing.details == details
            else { throw error.error }
            return existing
        }
    }

    private func deletion(_ request: HTTPRequest) async throws(RANError) -> Int {
        try await calls.value(request) { answer throws(DocumentError) in
            Int(try answer.required("deleted", \.wholeNumber))
        }
    }
}

extension Sequence where Element: Hashable {
    /// Each element once, in order.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
