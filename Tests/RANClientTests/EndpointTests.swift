// SPDX-License-Identifier: Apache-2.0
import RANClient
import Testing

struct EndpointTests {
    @Test(
        "plain text is allowed to this machine only",
        arguments: [
            ("http://127.0.0.1:8080/api/v1.0", true), ("ws://127.9.9.9/", true), ("http://[::1]:80/api", true),
            ("http://localhost/api", true), ("https://eu.cloud.everynet.io/api/v1.0", true),
            ("wss://eu.cloud.everynet.io", true), ("http://10.0.0.1/api", false), ("ws://ran.example/api", false),
            ("http://127.0.0.1.example/api", false), ("http://localhost.example/", false), ("http://[::2]/", false),
        ]
    )
    func plainText(url: String, isAllowed: Bool) throws {
        let token = try RANToken("t")
        if isAllowed {
            _ = try RANEndpoint(url: url, token: token)
        } else {
            #expect(throws: RANError.self) { try RANEndpoint(url: url, token: token) }
            _ = try RANEndpoint(url: url, token: token, allowsPlainText: true)
        }
    }

    @Test(
        "a URL that cannot be used is refused",
        arguments: [
            "", "ftp://127.0.0.1/", "https://user:secret@host/", "https://host/?a=b", "https://host/#x", "https://",
            "https://ho st/",
        ]
    )
    func badURL(url: String) throws {
        let token = try RANToken("t")
        #expect(throws: RANError.self) { try RANEndpoint(url: url, token: token) }
    }

    @Test("the URL shown is an HTTP one without a slash at the end")
    func shownURL() throws {
        let endpoint = try RANEndpoint(url: "wss://eu.cloud.everynet.io:8443/api/v1.0//", token: RANToken("t0ken"))
        #expect(endpoint.url == "https://eu.cloud.everynet.io:8443/api/v1.0")
        #expect(endpoint.host == "eu.cloud.everynet.io")
    }

    @Test("a token never describes itself")
    func secrecy() throws {
        let token = try RANToken("t0ken")
        let endpoint = try RANEndpoint(url: "https://host/api", token: token)
        var dumped = ""
        dump(endpoint, to: &dumped)
        for text in ["\(token)", String(reflecting: token), "\(endpoint)", String(reflecting: endpoint), dumped] {
            #expect(!text.contains("t0ken"))
        }
    }

    @Test("a token that no header can carry is refused", arguments: ["", "a b", "a\r\nX: y", "é"])
    func badToken(text: String) {
        #expect(throws: RANError.self) { try RANToken(text) }
    }
}
