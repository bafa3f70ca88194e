// SPDX-License-Identifier: Apache-2.0

/// One HTTP request, or the request of a websocket handshake.
struct HTTPRequest {
    enum Method {
        case get, post, other
    }

    var method: Method
    /// The path without the query, such as `/api/v1.0/devices/select`.
    var path: String
    /// The query in order, percent-decoded; names may repeat.
    var arguments: [(name: String, value: String)]
    /// What follows `Bearer ` in the Authorization header.
    var bearerToken: String?
    var body: [UInt8] = []

    /// The first argument of that name.
    func argument(_ name: String) -> String? {
        arguments.first { $0.name == name }?.value
    }
}

/// What an HTTP request is answered with.
struct HTTPResponse {
    var status: Int
    var contentType = "application/json"
    var body: [UInt8]
}
