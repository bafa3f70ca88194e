// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import Management
internal import Observability
internal import Store

/// The application itself.
extension ManagementService {
    /// The longest function that is taken, in bytes of UTF-8.
    private static let functionLimit = 128 << 10

    func get(_ call: ApplicationCall) throws(ManagementFault) -> Deed {
        try call.members.finish()
        return Deed(Self.json(call.application.record))
    }

    func setPayloadFormat(_ call: ApplicationCall) throws(ManagementFault) -> Deed {
        var members = call.members
        let word = try members.text("payload_format")
        try members.finish()
        guard let format = ApplicationRecord.PayloadFormat(rawValue: word == "cayenne" ? "cayennelpp" : word) else {
            throw .invalid("payload_format", "must be none, custom or cayennelpp")
        }
        var record = call.application.record
        record.payloadFormat = format
        return keep(record)
    }

    func setCustomPayloadFunctions(_ call: ApplicationCall) throws(ManagementFault) -> Deed {
        var members = call.members
        var record = call.application.record
        var isAny = false
        func function(_ name: String, _ path: WritableKeyPath<ApplicationRecord, String>) throws(ManagementFault) {
            guard let text = try members.optionalText(name) else { return }
            guard text.utf8.count <= Self.functionLimit else {
                throw .invalid(name, "has \(text.utf8.count) bytes; the limit is \(Self.functionLimit)")
            }
            record[keyPath: path] = text
            isAny = true
        }
        try function("decoder", \.decoder)
        try function("converter", \.converter)
        try function("validator", \.validator)
        try function("encoder", \.encoder)
        try members.finish()
        guard isAny else {
            throw ManagementFault(
                .invalidArgument,
                "no function is given: name any of decoder, converter, validator, encoder"
            )
        }
        return keep(record)
    }

    private func keep(_ record: ApplicationRecord) -> Deed {
        let registry = house.registry
        let result = Self.json(record)
        return Deed(result, mutations: [.putApplication(record)]) {
            registry.put(record)
            return result
        }
    }

    func unregister(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        try call.members.finish()
        let house = house
        let id = call.id
        let entries = house.registry.devices.filter { $0.application.id == id }
        var mutations: [StoreMutation] = [.deleteApplication(id), house.tombstone(application: id)]
        mutations += await house.releases(of: entries)
        let access = access
        let keys = try await keys(of: id)
        let result: JSONValue = ["app_id": .string(id), "devices": .integer(Int64(entries.count))]
        return Deed(result, mutations: mutations) {
            house.registry.removeApplication(id)
            await house.remove(entries, isUrgent: false)
            do throws(GroupError) {
                try await house.groups.applicationDeleted(id)
            } catch {
                house.logger.error("groups_not_removed", ["app_id": id, "error": error.description])
            }
            for key in keys {
                // The application is gone: a user of it that is left over can reach nothing that is served.
                do throws(ManagementFault) { try await access.remove(key.name, of: id) } catch {}
            }
            return result
        }
    }

    static func json(_ record: ApplicationRecord) -> JSONValue {
        [
            "app_id": .string(record.id),
            "payload_format": .string(record.payloadFormat.rawValue),
            "decoder": .string(record.decoder),
            "converter": .string(record.converter),
            "validator": .string(record.validator),
            "encoder": .string(record.encoder),
            "register_on_join_access_key": .string(record.registerOnJoinAccessKey),
        ]
    }
}
