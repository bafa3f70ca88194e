// SPDX-License-Identifier: Apache-2.0
internal import JSON

extension Fault {
    /// Reads faults from an object of the control API or a scenario: one fault a member.
    static func reading(_ value: JSONValue) throws(SimulatorError) -> [Fault] {
        guard let object = value.object else { throw .badRequest("faults must be an object") }
        var faults: [Fault] = []
        for member in object.members {
            guard let fault = Fault(member.name, member.value) else {
                throw .badRequest("fault \(member.name) is unknown or its value is wrong: \(member.value.jsonText)")
            }
            faults.append(fault)
        }
        return faults
    }

    private init?(_ name: String, _ value: JSONValue) {
        let duration = value.double.flatMap { $0 >= 0 && $0 <= 1e9 ? Duration.nanoseconds(Int64($0 * 1e6)) : nil }
        let count = value["count"]?.wholeNumber.flatMap { Int(exactly: $0) } ?? 1
        switch name {
        case "drop_sockets":
            guard let sockets = value.text.flatMap({ Sockets(rawValue: $0) }) else { return nil }
            self = .dropSockets(sockets)
        case "close_sockets":
            guard let sockets = value["sockets"]?.text.flatMap({ Sockets(rawValue: $0) }),
                let code = value["code"]?.wholeNumber.flatMap({ UInt16(exactly: $0) })
            else { return nil }
            self = .closeSockets(sockets, code: code)
        case "drop_upstream_every_ms":
            guard let duration else { return nil }
            self = .dropUpstreamEvery(duration > .zero ? duration : nil)
        case "refuse_connections_ms":
            guard let duration else { return nil }
            self = .refuseConnections(for: duration)
        case "refuse_tokens":
            guard let refuses = value.boolean else { return nil }
            self = .refuseTokens(refuses)
        case "slow_ms":
            guard let duration else { return nil }
            self = .slow(duration)
        case "http_status":
            guard let status = value["status"]?.wholeNumber, (200...599).contains(status) else { return nil }
            self = .httpStatus(Int(status), count: count)
        case "freeze_sockets":
            guard let isFrozen = value.boolean else { return nil }
            self = .freezeSockets(isFrozen)
        case "send_upstream":
            guard let texts = value.elements?.compactMap(\.text) else { return nil }
            self = .sendUpstream(texts)
        case "malformed_every":
            guard let number = value.wholeNumber, number >= 0 else { return nil }
            self = .malformedEvery(number > 0 ? Int(number) : nil)
        case "downstream_result":
            guard let code = value["code"]?.text.flatMap({ DownstreamResultCode(rawValue: $0) }) else { return nil }
            self = .downstreamResult(code, message: value["message"]?.text ?? code.rawValue, count: count)
        case "ignore_downstream":
            guard let number = value.wholeNumber, number >= 0 else { return nil }
            self = .ignoreDownstream(count: Int(number))
        default: return nil
        }
    }
}
