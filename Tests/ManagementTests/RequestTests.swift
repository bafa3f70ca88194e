// SPDX-License-Identifier: Apache-2.0
import JSON
import Management
import Testing

@Suite struct RequestTests {
    @Test("topics of requests are told from all others")
    func topics() throws {
        let plain = try #require(ManagementTopic("app/request/device", prefix: ""))
        #expect(plain.scope == .application("app", showsKeys: false))
        #expect(plain.method == "device")
        #expect(plain.responseTopic(requestID: nil) == "app/response")
        #expect(plain.responseTopic(requestID: "r.1") == "app/response/r.1")
        let keyed = try #require(ManagementTopic("x/app/request/keys/device", prefix: "x/"))
        #expect(keyed.scope == .application("app", showsKeys: true))
        #expect(keyed.responseTopic(requestID: "7") == "x/app/response/keys/7")
        #expect(ManagementTopic("admin/request/register", prefix: "")?.scope == .admin)
        for topic in [
            "app/request", "app/response/device", "app/request/a/b", "/request/get", "x",
        ] {
            #expect(ManagementTopic(topic, prefix: "") == nil, "\(topic)")
        }
        #expect(ManagementTopic("app/request/device", prefix: "x/") == nil)
    }

    @Test("an answer may go below the response topic of its request alone")
    func responseTopics() throws {
        let plain = try #require(ManagementTopic("app/request/device", prefix: ""))
        let keyed = try #require(ManagementTopic("app/request/keys/device", prefix: ""))
        #expect(plain.allows(responseTopic: "app/response/me"))
        #expect(plain.allows(responseTopic: "app/response/me/too"))
        for topic in ["app/response", "app/response/", "other/response/me", "app/response/+", "app/response/#", "x"] {
            #expect(!plain.allows(responseTopic: topic), "\(topic)")
        }
        #expect(keyed.allows(responseTopic: "app/response/keys/me"))
        #expect(!keyed.allows(responseTopic: "app/response/me"), "keys would be readable without the right to see them")
        #expect(plain.answerScope != keyed.answerScope, "an answer with keys is never given to a request without")
    }

    @Test("a body is an object with a request id of 1 to 64 harmless characters, or without one")
    func bodies() throws {
        func read(_ text: String) throws(UnreadableRequest) -> ManagementRequest {
            try ManagementRequest(method: "get", body: Array(text.utf8))
        }
        #expect(try read("").requestID == nil)
        #expect(try read(#"{"request_id":"a-Z_0.9"}"#).requestID == "a-Z_0.9")
        for text in ["[]", "nope", #"{"request_id":7}"#, #"{"request_id":""}"#, #"{"request_id":"a b"}"#, "{", "\"x\""]
        {
            #expect(throws: UnreadableRequest.self, "\(text)") { try read(text) }
        }
        let long = String(repeating: "a", count: 65)
        #expect(throws: UnreadableRequest.self) { try read(#"{"request_id":"\#(long)"}"#) }
        let first = try read(#"{"request_id":"a","x":1}"#)
        #expect(try first.fingerprint == read(#"{"request_id":"a","x":1}"#).fingerprint)
        #expect(try first.fingerprint != read(#"{"request_id":"a","x":2}"#).fingerprint)
    }

    @Test("members that a method does not know are refused by name, wrong ones with what would be right")
    func members() throws {
        var members = RequestMembers(["dev_id": "d", "limit": 0, "extra": true])
        #expect(try members.text("dev_id") == "d")
        let unknown = #expect(throws: ManagementFault.self) { try members.finish() }
        #expect(unknown?.field == "limit")
        let range = #expect(throws: ManagementFault.self) {
            var members = members
            _ = try members.optionalNumber("limit", in: 1...10)
        }
        #expect(range?.message == "limit must be a whole number from 1 to 10")
        let missing = #expect(throws: ManagementFault.self) {
            var members = members
            _ = try members.text("app_id")
        }
        #expect(missing?.message == "app_id is missing")
        var harmless = RequestMembers(["request_id": "x"])
        _ = harmless.optional("request_id")
        try harmless.finish()
    }

    @Test("answers have the form of the contract")
    func answers() throws {
        let done = ManagementAnswer(requestID: "r", method: "get", outcome: .success(["a": 1]))
        #expect(
            try JSONValue(parsing: done.octets) == ["request_id": "r", "method": "get", "ok": true, "result": ["a": 1]]
        )
        let refused = ManagementAnswer(
            requestID: nil,
            method: "device",
            outcome: .failure(.invalid("dev_id", "is missing")),
        )
        #expect(
            try JSONValue(parsing: refused.octets) == [
                "method": "device", "ok": false,
                "error": ["code": "invalid_argument", "message": "dev_id is missing", "field": "dev_id"],
            ]
        )
        let words: Set = [
            "invalid_argument", "not_found", "already_exists", "failed_precondition", "permission_denied",
            "resource_exhausted", "unavailable", "unimplemented", "internal",
        ]
        #expect(Set(ManagementFault.Code.allCases.map(\.rawValue)) == words)
    }
}
