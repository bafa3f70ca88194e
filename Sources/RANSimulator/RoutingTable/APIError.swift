// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// One thing wrong with a request, as the API words it.
struct ValidationIssue: Hashable {
    /// Where: `body` or `query`, then the field.
    var location: [String]
    var message: String
    var type = "value_error"
}

/// The documented errors of the HTTP API and their answers.
enum APIError: Error {
    case unauthorized
    case validationFailed([ValidationIssue])
    case deviceAlreadyExists
    case deviceLimitExhausted
    case deviceNotFound
    case multicastGroupAlreadyExists
    case multicastGroupNotFound
    case multicastGroupAlreadyContainsTheDevice
    /// No such call.
    case unknownCall

    var response: HTTPResponse {
        var detail: JSONObject = ["error_code": .string(code), "error_description": .string(sentence)]
        if case .validationFailed(let issues) = self {
            detail["error_detail"] = .array(
                issues.map { issue in
                    [
                        "loc": .array(issue.location.map { .string($0) }),
                        "msg": .string(issue.message),
                        "type": .string(issue.type),
                    ]
                },
            )
        }
        return HTTPResponse(status: status, body: Array(JSONValue.object(["detail": .object(detail)]).jsonText.utf8))
    }

    private var status: Int {
        switch self {
        case .unauthorized: 401
        case .validationFailed: 422
        case .deviceLimitExhausted: 403
        case .deviceNotFound, .multicastGroupNotFound, .unknownCall: 404
        case .deviceAlreadyExists, .multicastGroupAlreadyExists, .multicastGroupAlreadyContainsTheDevice: 409
        }
    }

    private var code: String {
        switch self {
        case .unauthorized: "Unauthorized"
        case .validationFailed: "ValidationFailed"
        case .deviceAlreadyExists: "Device.AlreadyExists"
        case .deviceLimitExhausted: "Device.LimitExhausted"
        case .deviceNotFound: "Device.NotFound"
        case .multicastGroupAlreadyExists: "MulticastGroup.AlreadyExists"
        case .multicastGroupNotFound: "MulticastGroup.NotFound"
        case .multicastGroupAlreadyContainsTheDevice: "MulticastGroup.AlreadyContainsTheDevice"
        case .unknownCall: "Unknown"
        }
    }

    private var sentence: String {
        switch self {
        case .unauthorized: "The access token is missing or wrong"
        case .validationFailed: "The request is not valid"
        case .deviceAlreadyExists: "A device with this DevEUI exists already"
        case .deviceLimitExhausted: "No more devices may be inserted"
        case .deviceNotFound: "There is no such device"
        case .multicastGroupAlreadyExists: "A multicast group with this address exists already"
        case .multicastGroupNotFound: "There is no such multicast group"
        case .multicastGroupAlreadyContainsTheDevice: "The multicast group contains the device already"
        case .unknownCall: "There is no such call"
        }
    }
}
