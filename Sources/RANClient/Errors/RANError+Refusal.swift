// SPDX-License-Identifier: Apache-2.0
internal import JSON

extension RANError {
    /// Reads an answer that is not 2xx: `{"detail": {"error_code", "error_description", "error_detail"?}}`, or anything
    /// else, which is an unknown error that carries its text.
    init(refusal response: HTTPResponse, of operation: String, token: RANToken) {
        let status = response.status
        let detail = (try? JSONValue(parsing: response.body))?["detail"]
        let code = detail?["error_code"]?.text
        let said = detail?["error_description"]?.text ?? RANError.excerpt(response.body)
        let text = token.scrubbing(said.isEmpty ? operation : "\(operation): \(said)")
        // A 5xx is a failure of the server whatever its body says.
        self =
            switch status >= 500 ? nil : code {
            case "Unauthorized": .unauthorized(text)
            case "ValidationFailed":
                .validationFailed(text, problems: (detail?["error_detail"]?.elements ?? []).map(ValidationProblem.init))
            case "Device.AlreadyExists": .deviceAlreadyExists(text)
            case "Device.LimitExhausted": .deviceLimitExhausted(text)
            case "Device.NotFound": .deviceNotFound(text)
            case "MulticastGroup.AlreadyExists": .multicastGroupAlreadyExists(text)
            case "MulticastGroup.NotFound": .multicastGroupNotFound(text)
            case "MulticastGroup.AlreadyContainsTheDevice": .multicastGroupAlreadyContainsDevice(text)
            default: status == 401 ? .unauthorized(text) : .refused(status: status, code: code, text)
            }
    }

    private static func excerpt(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(500), as: UTF8.self)
        return body.count > 500 ? text + "…" : text
    }
}

extension ValidationProblem {
    init(_ entry: JSONValue) {
        let path = entry["loc"]?.elements?.map { $0.text ?? $0.jsonText } ?? []
        self.init(
            location: path.joined(separator: "."),
            message: entry["msg"]?.text ?? entry.jsonText,
            kind: entry["type"]?.text ?? "",
        )
    }
}
