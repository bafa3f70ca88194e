// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension DownlinkRequestParser {
    /// Reads v2's `down` body. Where several members are wrong the first in the order of this function is reported; what
    /// else could be read rides along, so that the answer names the request.
    func v2Command(_ object: JSONObject) throws(RequestError) -> DownlinkCommand {
        let reader = MemberReader(object: object, path: "")
        var request = DownlinkRequest(origin: .v2)
        do throws(RequestError) {
            request.id = try reader.id()
            request.correlationIDs = try reader.correlationIDs()
            request.isConfirmed = try reader.isTrue("confirmed")
            request.port = try v2Port(reader)
            request.fields = try reader.fields("payload_fields")
            request.payload = try v2Payload(reader)
            request.ttl = try reader.ttl()
            if request.payload == nil, request.fields == nil {
                throw RequestError(.payloadEmpty, "Downlink Payload not valid: empty", field: "payload_raw")
            }
            if request.payload != nil, request.fields != nil {
                throw RequestError(
                    .bothPayloads,
                    "Downlink not valid: Both Fields and Payload provided",
                    field: "payload_fields",
                )
            }
            let schedule = try v2Schedule(reader)
            return DownlinkCommand(schedule: schedule, requests: [request], discardsCurrent: schedule == .replace)
        } catch {
            var answered = error
            answered.requests = [request]
            throw answered
        }
    }

    private func v2Port(_ reader: MemberReader) throws(RequestError) -> UInt8? {
        guard let value = reader.value("port") else { return nil }
        guard value.double != nil else { throw reader.wrongType("port", value, wanted: "a number") }
        guard let port = value.unsignedNumber.flatMap(UInt8.init(exactly:)) else {
            throw RequestError(
                .invalidPort,
                "Downlink port not valid: \(value.jsonText) is not a whole number from 1 to 255",
                field: "port",
                figures: [.init("port", value.figure), .init("limit", 255)],
            )
        }
        return port == 0 ? nil : port
    }

    private func v2Payload(_ reader: MemberReader) throws(RequestError) -> [UInt8]? {
        guard let text = try reader.text("payload_raw") else { return nil }
        guard let octets = PayloadText.octets(text) else {
            throw RequestError(
                .payloadEncoding,
                "Downlink payload_raw not valid: neither padded base64 nor an even number of hexadecimal digits",
                field: "payload_raw",
                figures: [.init("size", text.utf8.count)],
            )
        }
        return try reader.payload(octets, "payload_raw")
    }

    private func v2Schedule(_ reader: MemberReader) throws(RequestError) -> DownlinkCommand.Schedule {
        guard let value = reader.value("schedule") else { return .replace }
        switch value.text {
        case "replace", "": return .replace
        case "first": return .first
        case "last": return .last
        default:
            throw RequestError(
                .invalidSchedule,
                "ScheduleType not valid: unknown",
                field: "schedule",
                figures: [.init("schedule", value.figure)],
            )
        }
    }
}

extension JSONValue {
    /// The value as a figure of a failure.
    var figure: FailureReport.Value {
        switch self {
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .string(let text): .text(String(text.prefix(64)))
        default: .text(String(jsonText.prefix(64)))
        }
    }
}
