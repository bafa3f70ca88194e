// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import Management
internal import NetworkServer
internal import Store
internal import TTNMessages

/// What waits for devices, and what they are made to seem to have sent.
extension ManagementService {
    private func entry(_ members: inout RequestMembers, in call: ApplicationCall) throws(ManagementFault) -> DeviceEntry
    {
        let id = try members.text("dev_id")
        guard let entry = house.registry.device(call.id, id) else {
            throw ManagementFault(.notFound, "there is no device \(id) in application \(call.id)", field: "dev_id")
        }
        return entry
    }

    func downlinkQueue(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let entry = try entry(&members, in: call)
        try members.finish()
        return Deed(await queue(of: entry))
    }

    private func queue(of entry: DeviceEntry) async -> JSONValue {
        let devEUI = entry.devEUI
        let queue = await house.inspect(shard: house.router.shard(of: devEUI)) { $0.queue(of: devEUI) }
        return [
            "dev_id": .string(entry.deviceID),
            "downlinks": .array((queue ?? []).map(Self.json)),
        ]
    }

    private static func json(_ queued: QueuedDownlinkStatus) -> JSONValue {
        let item = queued.item
        var downlink: JSONObject = [
            "payload_raw": .string(Base64.text(item.payload)),
            "confirmed": .bool(item.isConfirmed),
            "transmissions": .integer(Int64(queued.transmissions)),
            "under_way": .bool(queued.isUnderWay),
        ]
        if let port = item.port { downlink["port"] = .integer(Int64(port)) }
        if let time = item.expiresAt { downlink["expires_at"] = .string(RFC3339.text(time, .inThrees)) }
        if let time = item.notBefore { downlink["not_before"] = .string(RFC3339.text(time, .inThrees)) }
        if let request = DownlinkContext(octets: item.context)?.request {
            if let fields = request.fields { downlink["payload_fields"] = parsed(fields) }
            if let id = request.id { downlink["id"] = .string(id) }
            if !request.correlationIDs.isEmpty {
                downlink["correlation_ids"] = .array(request.correlationIDs.map { .string($0) })
            }
        }
        return .object(downlink)
    }

    func clearDownlinkQueue(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let entry = try entry(&members, in: call)
        try members.finish()
        let house = house
        let devEUI = entry.devEUI
        let shard = house.router.shard(of: devEUI)
        let waiting = await house.inspect(shard: shard) { $0.queue(of: devEUI).count } ?? 0
        func result(_ cleared: Int) -> JSONValue {
            ["dev_id": .string(entry.deviceID), "cleared": .integer(Int64(cleared))]
        }
        let note = call.notes.result(result(waiting))
        await withCheckedContinuation { continuation in
            let isTaken = house.shards[shard].submit(
                .enqueue(devEUI, [], .replace, with: note) { continuation.resume() }
            )
            if !isTaken { continuation.resume() }
        }
        // A frame under way goes on.
        let left = await house.inspect(shard: shard) { $0.queue(of: devEUI).count } ?? 0
        return Deed(result(max(0, waiting - left)))
    }

    func simulateUplink(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let entry = try entry(&members, in: call)
        let payload = try members.octets("payload_raw", atMost: RequestLimits.payloadSize)
        let port = UInt8(try members.number("port", in: 1...255))
        try members.finish()
        let session = await house.sessions(of: [entry.devEUI])[entry.devEUI]
        let uplink = UplinkMessage(
            device: entry.identity(devAddr: session?.devAddr),
            port: port,
            counter: 0,
            isSimulated: true,
            payload: payload,
            radio: nil,
            receivedAt: house.now(),
        )
        let message = house.outgoing(.uplink(uplink), devEUI: entry.devEUI)
        let result: JSONValue = [
            "dev_id": .string(entry.deviceID), "port": .integer(Int64(port)),
            "payload_raw": .string(Base64.text(payload)),
        ]
        return Deed(result, mutations: [message.mutation], actions: [message.action])
    }

    func events(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let id = try members.text("dev_id")
        let limit = try members.optionalNumber("limit", in: 1...Int64(EventHistory.deviceLimit))
        try members.finish()
        // Also of a device that is gone: its last events say why.
        let device = house.registry.device(call.id, id)?.devEUI
        let start = house.settings.topics.v2(call.id, id, "")
        let events = house.history.events(under: start, of: device)
        if events.isEmpty { _ = try await record(of: id, in: call) }
        let shown = events.suffix(limit.map { Int($0) } ?? EventHistory.deviceLimit)
        return Deed(["dev_id": .string(id), "events": .array(shown.map { Self.json($0, under: start) })])
    }

    private static func json(_ event: EventHistory.Event, under start: String) -> JSONValue {
        [
            "time": .string(RFC3339.text(event.time, .inThrees)),
            "event": .string(String(event.topic.dropFirst(start.count))),
            "data": parsed(event.payload),
        ]
    }

    /// A JSON text of the service's own; null for one that cannot be read.
    static func parsed(_ text: [UInt8]) -> JSONValue {
        do throws(JSONSyntaxError) { return try JSONValue(parsing: text) } catch { return .null }
    }
}
