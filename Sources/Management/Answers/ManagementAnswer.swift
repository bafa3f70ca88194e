// SPDX-License-Identifier: Apache-2.0
public import JSON

/// What is said to a request.
public struct ManagementAnswer: Hashable, Sendable {
    /// The id that the request gave itself.
    public var requestID: String?
    /// The method as the topic names it.
    public var method: String
    public var outcome: Result<JSONValue, ManagementFault>

    public init(requestID: String?, method: String, outcome: Result<JSONValue, ManagementFault>) {
        self.requestID = requestID
        self.method = method
        self.outcome = outcome
    }

    /// `{"request_id", "method", "ok", "result" | "error"}`.
    public var octets: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            if let requestID { json.member("request_id", requestID) }
            json.member("method", method)
            switch outcome {
            case .success(let result):
                json.member("ok", true)
                json.member("result", result)
            case .failure(let fault):
                json.member("ok", false)
                json.name("error")
                json.object { json in
                    json.member("code", fault.code.rawValue)
                    json.member("message", fault.message)
                    if let field = fault.field { json.member("field", field) }
                }
            }
        }
        return json.bytes
    }
}
