// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension DownlinkRequestParser {
    /// Reads v3's `{"downlinks": […]}`. One wrong downlink refuses all; each then gets an answer of its own.
    func v3Command(_ object: JSONObject, _ schedule: DownlinkCommand.Schedule) throws(RequestError) -> DownlinkCommand {
        let reader = MemberReader(object: object, path: "")
        // A protobuf encoder leaves an empty array out: `{}` empties the queue. With other members it is a slip.
        guard let value = reader.value("downlinks") else {
            if object.isEmpty || object["downlinks"] != nil { return DownlinkCommand(schedule: schedule, requests: []) }
            throw RequestError(.wrongType, "Downlink not valid: the member downlinks is missing", field: "downlinks")
        }
        guard let elements = value.elements else { throw reader.wrongType("downlinks", value, wanted: "an array") }
        guard elements.count <= limits.downlinks else {
            throw RequestError(
                .requestTooLarge,
                "Downlink not valid: \(elements.count) downlinks in one request, the limit is \(limits.downlinks)",
                field: "downlinks",
                figures: [.init("size", elements.count), .init("limit", limits.downlinks)],
            )
        }
        var requests: [DownlinkRequest] = []
        var fault: RequestError?
        for (index, element) in elements.enumerated() {
            var request = DownlinkRequest(origin: .v3)
            do throws(RequestError) {
                try read(element, at: "downlinks[\(index)]", into: &request)
            } catch {
                if fault == nil { fault = error }
            }
            requests.append(request)
        }
        if var fault {
            fault.requests = requests
            throw fault
        }
        return DownlinkCommand(schedule: schedule, requests: requests)
    }

    private func read(
        _ element: JSONValue,
        at path: String,
        into request: inout DownlinkRequest,
    ) throws(RequestError) {
        guard let object = element.object else {
            throw MemberReader(object: [:], path: "").wrongType(path, element, wanted: "an object")
        }
        let reader = MemberReader(object: object, path: path + ".")
        request.id = try reader.id()
        request.correlationIDs = try reader.correlationIDs()
        request.isConfirmed = try reader.isTrue("confirmed")
        request.priority = try v3Priority(reader)
        request.port = try v3Port(reader)
        request.fields = try reader.fields("decoded_payload", or: "decodedPayload")
        request.payload = try v3Payload(reader)
        request.ttl = try reader.ttl()
        try readClassBC(reader, into: &request)
        request.maximumAttempts = try v3Attempts(reader)
        if request.payload == nil, request.fields == nil {
            throw RequestError(
                .payloadEmpty,
                "Downlink \(path) not valid: neither frm_payload nor decoded_payload",
                field: path + ".frm_payload",
            )
        }
        if request.payload != nil, request.port == nil {
            throw RequestError(
                .noPort,
                "Downlink \(path) not valid: frm_payload needs an f_port",
                field: path + ".f_port",
            )
        }
    }

    private func v3Priority(_ reader: MemberReader) throws(RequestError) -> DownlinkRequest.Priority {
        guard let value = reader.value("priority") else { return .lowest }
        if let name = value.text {
            if let named = DownlinkRequest.Priority.allCases.first(where: { $0.name == name }) { return named }
        } else if let number = value.unsignedNumber.flatMap(UInt8.init(exactly:)),
            let priority = DownlinkRequest.Priority(rawValue: number)
        {
            return priority
        }
        throw RequestError(
            .invalidPriority,
            "Downlink \(reader.path)priority not valid: \(value.jsonText) is neither LOWEST to HIGHEST nor 0 to 6",
            field: reader.path + "priority",
            figures: [.init("priority", value.figure)],
        )
    }

    private func v3Port(_ reader: MemberReader) throws(RequestError) -> UInt8? {
        guard let value = reader.value("f_port", or: "fPort") else { return nil }
        guard let port = value.protobufUnsigned.flatMap(UInt8.init(exactly:)), port != 224 else {
            throw RequestError(
                .invalidPort,
                "Downlink \(reader.path)f_port not valid: \(value.jsonText) is not a whole number from 1 to 255, 224 aside",
                field: reader.path + "f_port",
                figures: [.init("port", value.figure), .init("limit", 255)],
            )
        }
        return port == 0 ? nil : port
    }

    private func v3Payload(_ reader: MemberReader) throws(RequestError) -> [UInt8]? {
        guard let text = try reader.text("frm_payload", or: "frmPayload") else { return nil }
        guard let octets = Base64.octetsOfAnyForm(text) else {
            throw RequestError(
                .payloadEncoding,
                "Downlink \(reader.path)frm_payload not valid: it is not base64",
                field: reader.path + "frm_payload",
                figures: [.init("size", text.utf8.count)],
            )
        }
        return try reader.payload(octets, "frm_payload")
    }

    private func readClassBC(_ reader: MemberReader, into request: inout DownlinkRequest) throws(RequestError) {
        guard let value = reader.value("class_b_c", or: "classBC") else { return }
        guard let object = value.object else { throw reader.wrongType("class_b_c", value, wanted: "an object") }
        request.forbidsClassA = true
        let inner = MemberReader(object: object, path: reader.path + "class_b_c.")
        guard let text = try inner.text("absolute_time", or: "absoluteTime") else { return }
        guard let time = RFC3339.time(text) else {
            throw RequestError(
                .invalidTime,
                "Downlink \(inner.path)absolute_time not valid: wanted is a moment such as 2024-05-02T10:00:01Z",
                field: inner.path + "absolute_time",
            )
        }
        request.absoluteTime = time
    }

    private func v3Attempts(_ reader: MemberReader) throws(RequestError) -> UInt8? {
        guard let value = reader.value("confirmed_retry", or: "confirmedRetry") else { return nil }
        guard let object = value.object else { throw reader.wrongType("confirmed_retry", value, wanted: "an object") }
        let inner = MemberReader(object: object, path: reader.path + "confirmed_retry.")
        guard let attempts = inner.value("max_attempts", or: "maxAttempts") else { return nil }
        guard let number = attempts.protobufUnsigned.flatMap(UInt8.init(exactly:)), (1...100).contains(number) else {
            throw RequestError(
                .invalidAttempts,
                "Downlink \(inner.path)max_attempts not valid: \(attempts.jsonText) is not a whole number from 1 to 100",
                field: inner.path + "max_attempts",
                figures: [.init("max_attempts", attempts.figure), .init("limit", 100)],
            )
        }
        return number
    }
}

extension JSONValue {
    /// An unsigned number, also as a text: both are protobuf's JSON form of a 32-bit number.
    fileprivate var protobufUnsigned: UInt64? {
        text.map { UInt64($0) } ?? unsignedNumber
    }
}
