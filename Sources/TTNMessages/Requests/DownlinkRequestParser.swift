// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Reads downlink requests of both formats.
public struct DownlinkRequestParser: Sendable {
    let limits: RequestLimits

    public init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
    }

    /// Reads the body of a request. Members it does not know are passed over.
    public func command(topic: RequestTopic, body: [UInt8]) throws(RequestError) -> DownlinkCommand {
        let format = topic.format
        do throws(RequestError) {
            if topic.tenant == .missing {
                let wanted = "v3/\(topic.applicationID)@<tenant>/devices/…"
                throw RequestError(.tenantMissing, "Downlink topic not valid: the tenant is missing, \(wanted)")
            }
            let object = try object(body)
            switch topic.action {
            case .down: return try v2Command(object)
            case .push: return try v3Command(object, .last)
            case .replace: return try v3Command(object, .replace)
            }
        } catch {
            guard error.requests.isEmpty else { throw error }
            var answered = error
            answered.requests = [DownlinkRequest(origin: format)]
            throw answered
        }
    }

    private func object(_ body: [UInt8]) throws(RequestError) -> JSONObject {
        guard body.count <= limits.bodySize else {
            throw RequestError(
                .requestTooLarge,
                "Downlink not valid: \(body.count) octets, the limit is \(limits.bodySize)",
                figures: [.init("size", body.count), .init("limit", limits.bodySize)],
            )
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body)
        } catch {
            throw RequestError(
                .malformedJSON,
                "Downlink not valid: \(error)",
                figures: [.init("size", body.count), .init("offset", error.offset)],
            )
        }
        guard case .object(let object) = value else {
            throw RequestError(.wrongType, "Downlink not valid: the body must be an object, not \(value.typeName)")
        }
        return object
    }
}
