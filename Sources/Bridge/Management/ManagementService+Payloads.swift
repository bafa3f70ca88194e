// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import Management
internal import PayloadCodec
internal import Store
internal import TTNMessages

/// Payload functions on trial input.
extension ManagementService {
    func dryUplink(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let payload = try members.octets("payload_raw", atMost: RequestLimits.payloadSize)
        let port = UInt8(try members.number("port", in: 1...255))
        let formatter = try await formatter(&members, call)
        try members.finish()
        let outcome = await house.codec.decode(
            DecodeCall(
                applicationID: call.id,
                formatter: formatter,
                bytes: payload,
                port: port,
                receivedAt: house.now().milliseconds,
                flavours: [.v2, .v3],
                isDryRun: true,
            )
        )
        var result: JSONObject = [
            "payload_raw": .string(Base64.text(payload)), "port": .integer(Int64(port)),
            "valid": .bool(outcome.isValid),
        ]
        if let fields = outcome.fieldsJSON { result["payload_fields"] = Self.parsed(fields) }
        if let failure = outcome.failure { result["error"] = Self.json(failure) }
        if let decoded = outcome.decodedJSON { result["decoded_payload"] = Self.parsed(decoded) }
        if let failure = outcome.decodedFailure { result["decoded_payload_error"] = Self.json(failure) }
        if !outcome.warnings.isEmpty {
            result["decoded_payload_warnings"] = .array(outcome.warnings.map { .string($0) })
        }
        if !outcome.normalizedJSON.isEmpty {
            result["normalized_payload"] = .array(outcome.normalizedJSON.map(Self.parsed))
        }
        if !outcome.normalizedWarnings.isEmpty {
            result["normalized_payload_warnings"] = .array(outcome.normalizedWarnings.map { .string($0) })
        }
        result["steps"] = .array(
            outcome.steps.map { ["function": .string($0.function), "result": Self.parsed($0.resultJSON)] }
        )
        result["logs"] = .array(outcome.logs.map(Self.json))
        return Deed(.object(result))
    }

    func dryDownlink(_ call: ApplicationCall) async throws(ManagementFault) -> Deed {
        var members = call.members
        let fields = try members.object("payload_fields")
        let port = UInt8(try members.optionalNumber("port", in: 1...255) ?? 1)
        let formatter = try await formatter(&members, call)
        try members.finish()
        let outcome = await house.codec.encode(
            EncodeCall(
                applicationID: call.id,
                formatter: formatter,
                fieldsJSON: Array(JSONValue.object(fields).jsonText.utf8),
                port: port,
                isDryRun: true,
            )
        )
        var result: JSONObject = ["port": .integer(Int64(outcome.port ?? port))]
        if let failure = outcome.failure {
            result["error"] = Self.json(failure)
        } else {
            result["payload_raw"] = .string(Base64.text(outcome.bytes))
        }
        if !outcome.warnings.isEmpty { result["warnings"] = .array(outcome.warnings.map { .string($0) }) }
        result["logs"] = .array(outcome.logs.map(Self.json))
        return Deed(.object(result))
    }

    /// The application's formatter, or its device's, with the functions and the format that the request gives along in
    /// place of those that are stored.
    private func formatter(
        _ members: inout RequestMembers,
        _ call: ApplicationCall,
    ) async throws(ManagementFault) -> Formatter {
        var record = call.application.record
        let names: [(String, WritableKeyPath<ApplicationRecord, String>)] = [
            ("decoder", \.decoder), ("converter", \.converter), ("validator", \.validator), ("encoder", \.encoder),
        ]
        var isChanged = false
        for (name, path) in names {
            guard let text = try members.optionalText(name) else { continue }
            record[keyPath: path] = text
            isChanged = true
        }
        let format = try members.optionalText("payload_format")
        let deviceID = try members.optionalText("dev_id")
        if isChanged { record.payloadFormat = .custom }
        if let format {
            guard let known = ApplicationRecord.PayloadFormat(rawValue: format) else {
                throw .invalid("payload_format", "must be none, custom or cayennelpp")
            }
            record.payloadFormat = known
            isChanged = true
        }
        if let deviceID {
            let device = try await self.record(of: deviceID, in: call)
            return isChanged ? ApplicationEntry(record).formatter : call.application.formatter(for: device)
        }
        return ApplicationEntry(record).formatter
    }

    private static func json(_ failure: CodecFailure) -> JSONValue {
        var error: JSONObject = ["reason": .string(failure.reason), "message": .string(failure.message)]
        if let line = failure.line { error["line"] = .integer(Int64(line)) }
        if let column = failure.column { error["column"] = .integer(Int64(column)) }
        return .object(error)
    }

    private static func json(_ log: CodecLog) -> JSONValue {
        ["function": .string(log.function), "fields": .array(log.fields.map { parsed(Array($0.utf8)) })]
    }
}
