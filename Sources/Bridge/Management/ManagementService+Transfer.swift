// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import JSON
internal import LoRaWAN
internal import Management
internal import NetworkServer
internal import Store
internal import TTNMessages

/// Many devices at once.
extension ManagementService {
    /// Devices that become durable together.
    private static let importChunk = 512
    /// The most octets of one export; with escapes it stays below the megabyte that brokers are set to.
    private static let exportBytes = 384 << 10

    private func format(_ members: inout RequestMembers) throws(ManagementFault) -> TransferFormat {
        guard let format = TransferFormat(rawValue: try members.text("format")) else {
            throw .invalid("format", "must be jsonl or csv")
        }
        return format
    }

    // MARK: Import

    /// Registers every line that is right, each wholly or not at all, and reports the others.
    func importDevices(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let format = try format(&members)
        let data = try members.text("data")
        let overwrites = try members.optionalFlag("overwrite") ?? false
        try members.finish()
        let devices =
            switch format {
            case .jsonl: DeviceLines.read(data, applicationID: call.id)
            case .csv: try DeviceTable.read(data)
            }
        var report = ImportReport(lines: devices.count)
        let start = call.notes.progress.flatMap { report.resume($0) } ?? 0
        var seen = NamedBefore()
        for device in devices.prefix(start) { _ = seen.note(device) }
        for first in stride(from: start, to: devices.count, by: Self.importChunk) {
            let next = min(first + Self.importChunk, devices.count)
            let known = try await records(of: devices[first..<next].compactMap(\.deviceID), in: call.id)
            var chunk: [ImportedDevice] = []
            for device in devices[first..<next] {
                do throws(ManagementFault) {
                    if let problem = seen.note(device) { throw problem }
                    if let imported = try imported(device, call, known, overwrites) {
                        chunk.append(imported)
                    } else {
                        report.unchanged += 1
                    }
                } catch {
                    report.fail(device, error)
                }
            }
            await register(chunk, upTo: next, call.notes, &report)
        }
        if report.created + report.updated > 0 { await house.groups.devicesChanged(call.id) }
        return Deed(report.json)
    }

    /// What is registered under these names, as far as it can serve.
    private func records(
        of ids: [String],
        in applicationID: String,
    ) async throws(ManagementFault) -> [String: DeviceRecord] {
        let known = ids.filter { house.registry.device(applicationID, $0) != nil }
        guard !known.isEmpty else { return [:] }
        let store = house.store
        let result = await runBlocking("devices") { () -> Result<[String: DeviceRecord], StoreError> in
            var records: [String: DeviceRecord] = [:]
            do throws(StoreError) {
                for id in known { records[id] = try store.device(applicationID, id) }
                return .success(records)
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let records): return records
        case .failure(let error): throw ManagementFault(error)
        }
    }

    /// nil for a line that says what is registered already.
    private func imported(
        _ device: TransferredDevice,
        _ call: ApplicationCall,
        _ known: [String: DeviceRecord],
        _ overwrites: Bool,
    ) throws(ManagementFault) -> ImportedDevice? {
        let description = try device.description.get()
        guard let id = device.deviceID else { throw .invalid("id", "is missing") }
        do throws(IdentifierError) {
            try IdentifierRule(serving: house.settings.formats).check(id, as: "device id")
        } catch {
            throw ManagementFault(.invalidArgument, error.description, field: "dev_id")
        }
        try house.requireFreeGroupID(id, in: call.id)
        let former = known[id]
        let now = house.now()
        let record = try DeviceRecord(
            description,
            owner: DeviceDescription.Owner(applicationID: call.id, deviceID: id),
            createdAt: former?.createdAt ?? now,
            updatedAt: now,
        )
        if let former {
            if former.saysTheSame(as: record) { return nil }
            guard overwrites else {
                throw ManagementFault(
                    .alreadyExists,
                    "the device \(id) is registered otherwise; say overwrite: true to replace it",
                    field: "dev_id",
                )
            }
        }
        if let other = house.registry.device(record.devEUI), !other.isNamed(in: record) {
            throw ManagementFault(
                .alreadyExists,
                "dev_eui \(record.devEUI.upperHex) belongs to another device",
                field: "dev_eui",
            )
        }
        do throws(RegistrationError) {
            return ImportedDevice(
                source: device,
                enrolment: try house.enrolment(of: record, in: call.application),
                former: house.registry.device(call.id, id),
            )
        } catch {
            throw .invalid(error.field, error.message)
        }
    }

    /// Makes a chunk durable, with a word how far the import is, and lets it take effect; when the store refuses it as a
    /// whole, line by line.
    private func register(
        _ chunk: [ImportedDevice],
        upTo next: Int,
        _ notes: RequestNotes?,
        _ report: inout ImportReport,
    ) async {
        guard !chunk.isEmpty else { return }
        var reached = report
        let fresh = chunk.filter { $0.former == nil }
        reached.created += fresh.count
        reached.updated += chunk.count - fresh.count
        do throws(StoreError) {
            var unit = await unit(chunk)
            unit.mutations += notes?.progress(reached.progress(next: next)) ?? []
            try await house.committer.commit(unit)
        } catch {
            guard chunk.count > 1 else { return report.fail(chunk[0].source, ManagementFault(error)) }
            // One that is repeated after a crash in between finds those that are done unchanged.
            for device in chunk { await register([device], upTo: next, nil, &report) }
            return
        }
        report = reached
        await house.put(new: fresh.map(\.enrolment))
        for device in chunk {
            guard let former = device.former else { continue }
            await house.put(device.enrolment, former: former, isUrgent: false)
        }
    }

    private func unit(_ chunk: [ImportedDevice]) async -> CommitUnit {
        var unit = CommitUnit()
        unit.mutations.reserveCapacity(chunk.count * 3)
        let moved = chunk.compactMap { device in
            device.former.flatMap { former in
                let entry = device.enrolment.entry
                return former.devEUI != entry.devEUI || former.coverage != entry.coverage ? former : nil
            }
        }
        unit.mutations += await house.releases(of: moved)
        for device in chunk {
            let record = device.enrolment.record
            unit.mutations.append(.putDevice(record))
            unit.mutations.append(.deleteSetting(House.tombstoneName(record.applicationID, record.deviceID)))
            let change: DeviceEvent.Change =
                device.former == nil ? .created : .updated(location: GeoLocation(of: record))
            let event = house.outgoing(
                .device(
                    DeviceEvent(
                        device: device.enrolment.entry.identity(devAddr: nil),
                        change: change,
                        time: record.updatedAt,
                    )
                ),
                devEUI: record.devEUI,
            )
            unit.mutations.append(event.mutation)
            unit.actions.append(event.action)
        }
        return unit
    }

    // MARK: Export

    /// Devices in the order of their ids, as many as one answer carries.
    func exportDevices(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let format = try format(&members)
        let limit = try members.optionalNumber("limit", in: 1...100_000).map { Int($0) } ?? 2000
        let after = try members.optionalText("after")
        try members.finish()
        var (records, next) = try await page(of: call.id, after: after, limit: min(limit, 2000))
        let sessions = await house.sessions(of: records.map(\.devEUI))
        var data: [UInt8] = []
        if format == .csv { data += DeviceTable.heading(showsKeys: call.showsKeys).utf8 }
        for (index, record) in records.enumerated() {
            if data.count > Self.exportBytes {
                next = records[index - 1].deviceID
                records.removeSubrange(index...)
                break
            }
            var description = DeviceDescription(record)
            // The counters of a session move with a personalised device; what a join made does not.
            if case .abp = record.activation, let session = sessions[record.devEUI] { description.tell(session) }
            let owner = DeviceDescription.Owner(applicationID: call.id, deviceID: record.deviceID)
            switch format {
            case .jsonl: data += DeviceLines.line(of: description, owner: owner, showsKeys: call.showsKeys)
            case .csv:
                data += DeviceTable.row(of: description, deviceID: record.deviceID, showsKeys: call.showsKeys).utf8
            }
        }
        var result: JSONObject = [
            "format": .string(format.rawValue), "count": .integer(Int64(records.count)),
            "data": .string(String(decoding: data, as: UTF8.self)),
        ]
        if let next { result["next"] = .string(next) }
        return Deed(.object(result))
    }
}

/// A line that can be registered.
private struct ImportedDevice: Sendable {
    let source: TransferredDevice
    let enrolment: Enrolment
    let former: DeviceEntry?
}
