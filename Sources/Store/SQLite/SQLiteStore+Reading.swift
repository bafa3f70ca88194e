// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

extension SQLiteStore {
    /// Rows of one page of a walk through a table. Between pages the reader is free, and the log can be emptied.
    private static let pageRows = 512

    public func applications() throws(StoreError) -> [ApplicationRecord] {
        try read("list applications") { reader throws(StoreError) in try reader.applications(nil) }
    }

    public func application(_ id: String) throws(StoreError) -> ApplicationRecord? {
        try read("look up an application") { reader throws(StoreError) in try reader.applications(id).first }
    }

    public func devices(after key: DeviceRecord.Key?, limit: Int) throws(StoreError) -> [DeviceRecord] {
        let key = key ?? DeviceRecord.Key(applicationID: "", deviceID: "")
        return try read("list devices") { reader throws(StoreError) in try reader.devices(after: key, limit: limit) }
    }

    public func devices(
        of applicationID: String,
        after deviceID: String?,
        limit: Int,
    ) throws(StoreError) -> [DeviceRecord] {
        try read("list devices") { reader throws(StoreError) in
            try reader.devices(of: applicationID, after: deviceID ?? "", limit: limit)
        }
    }

    public func device(_ applicationID: String, _ deviceID: String) throws(StoreError) -> DeviceRecord? {
        let key = DeviceRecord.Key(applicationID: applicationID, deviceID: deviceID)
        return try read("look up a device") { reader throws(StoreError) in try reader.device(key) }
    }

    public func device(_ devEUI: EUI64) throws(StoreError) -> DeviceRecord? {
        try read("look up a device") { reader throws(StoreError) in try reader.device(devEUI) }
    }

    public func deviceCount() throws(StoreError) -> Int {
        try read("count devices") { reader throws(StoreError) in try reader.deviceCount() }
    }

    public func deviceRanges(_ parts: Int) throws(StoreError) -> [DeviceRange] {
        let cuts = try read("divide the devices") { reader throws(StoreError) in try reader.deviceCuts(parts) }
        return zip([.min] + cuts, cuts.map { $0 - 1 } + [.max]).map { DeviceRange(columns: $0...$1) }
    }

    public func forEachStoredDevice(
        in range: DeviceRange,
        _ body: (StoredDevicePage) -> Void,
    ) throws(StoreError) {
        // Moving them to their table first would take longer, and room on the disk.
        let logged = try withWriter("read the sessions") { writer throws(StoreError) in writer.unsettledSessions }
        try withOwnReader("read the devices") { reader throws(StoreError) in
            var rest = range.columns
            while true {
                // Between pages nothing is read, and the log can be emptied.
                let (page, count, last) = try reader.storedDevices(rest, limit: Self.pageRows, logged: logged)
                if count > 0 { body(page) }
                guard count == Self.pageRows, let last, last < rest.upperBound else { return }
                rest = last + 1...rest.upperBound
            }
        }
    }

    public func forEachSession(_ body: (EUI64, [UInt8]) -> Void) throws(StoreError) {
        try settleSessions()
        try walk(
            "read the sessions",
            { reader, first throws(StoreError) in
                try reader.sessions(from: first, limit: Self.pageRows)
            },
            column: { $0.devEUI.column },
            { body($0.devEUI, $0.state) }
        )
    }

    public func session(_ devEUI: EUI64) throws(StoreError) -> [UInt8]? {
        try withWriter("read a session") { writer throws(StoreError) in try writer.session(devEUI) }
    }

    public func joinState(_ devEUI: EUI64) throws(StoreError) -> [UInt8]? {
        try read("read a join state") { reader throws(StoreError) in try reader.joinState(devEUI) }
    }

    public func downlinks(_ devEUI: EUI64) throws(StoreError) -> [DownlinkEntry] {
        try read("read a downlink queue") { reader throws(StoreError) in try reader.downlinks(devEUI) }
    }

    public func forEachDownlink(_ body: (DownlinkEntry) -> Void) throws(StoreError) {
        try walk(
            "read the downlink queues",
            { reader, first throws(StoreError) in
                var queues: [(devEUI: EUI64, entries: [DownlinkEntry])] = []
                for devEUI in try reader.devicesWithDownlinks(from: first, limit: Self.pageRows) {
                    queues.append((devEUI, try reader.downlinks(devEUI)))
                }
                return queues
            },
            column: { $0.devEUI.column },
            { $0.entries.forEach(body) }
        )
    }

    public func outbox(after id: Int64, limit: Int) throws(StoreError) -> [OutboxEntry] {
        try read("read the outbox") { reader throws(StoreError) in try reader.outbox(after: id, limit: limit) }
    }

    public func outboxEntries(_ ids: [Int64]) throws(StoreError) -> [OutboxEntry] {
        try read("read the outbox") { reader throws(StoreError) in try reader.outboxEntries(ids) }
    }

    public func outboxHeads(after id: Int64, limit: Int) throws(StoreError) -> [OutboxHead] {
        try read("read the outbox") { reader throws(StoreError) in try reader.outboxHeads(after: id, limit: limit) }
    }

    public func lastOutboxID() throws(StoreError) -> Int64 {
        try read("read the outbox") { reader throws(StoreError) in try reader.lastOutboxID() }
    }

    public func accessKeys(of applicationID: String) throws(StoreError) -> [AccessKeyRecord] {
        try read("list access keys") { reader throws(StoreError) in try reader.accessKeys(of: applicationID) }
    }

    public func multicastGroups() throws(StoreError) -> [MulticastGroupRecord] {
        try read("list multicast groups") { reader throws(StoreError) in try reader.multicastGroups() }
    }

    public func groupState(_ address: DevAddr) throws(StoreError) -> [UInt8]? {
        try read("read a group's counter") { reader throws(StoreError) in try reader.groupState(address) }
    }

    public func groupDownlinks(_ address: DevAddr) throws(StoreError) -> [GroupDownlinkEntry] {
        try read("read a group's queue") { reader throws(StoreError) in try reader.groupDownlinks(address) }
    }

    public func groupMirrors(of coverage: String) throws(StoreError) -> [GroupMirrorRecord] {
        try read("list mirrored groups") { reader throws(StoreError) in try reader.groupMirrors(of: coverage) }
    }

    public func routes(of coverage: String, after devEUI: EUI64?, limit: Int) throws(StoreError) -> [RouteRecord] {
        let (first, isPastTheEnd) = devEUI.map { $0.column.addingReportingOverflow(1) } ?? (Int64.min, false)
        guard !isPastTheEnd else { return [] }
        return try read("list routes") { reader throws(StoreError) in
            try reader.routes(of: coverage, from: first, limit: limit)
        }
    }

    public func answer(scope: String, requestID: String) throws(StoreError) -> AnswerRecord? {
        try read("look up an answer") { reader throws(StoreError) in
            try reader.answer(scope: scope, requestID: requestID)
        }
    }

    public func setting(_ name: String) throws(StoreError) -> [UInt8]? {
        try read("read a setting") { reader throws(StoreError) in try reader.setting(name) }
    }

    private func settleSessions() throws(StoreError) {
        try withWriter("settle the sessions") { writer throws(StoreError) in try writer.settleSessions() }
    }

    /// Hands over page after page, outside the reader's lock: the body may use the store.
    private func walk<Row>(
        _ action: StaticString,
        _ page: @Sendable (SQLiteReader, Int64) throws(StoreError) -> sending [Row],
        column: (Row) -> Int64,
        _ body: (Row) -> Void,
    ) throws(StoreError) {
        var first = Int64.min
        while true {
            let rows = try read(action) { [first] reader throws(StoreError) in try page(reader, first) }
            rows.forEach(body)
            guard rows.count == Self.pageRows, let last = rows.last, column(last) < Int64.max else { return }
            first = column(last) + 1
        }
    }
}
