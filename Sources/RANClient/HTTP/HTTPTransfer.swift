// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// One HTTP call on its way through libcurl. Lives on the HTTP thread.
final class HTTPTransfer {
    let call: HTTPCall
    let easy: CurlEasy
    // libcurl reads the request's body from here until the transfer ends.
    private let body: UnsafeMutableBufferPointer<UInt8>
    private let answer = HTTPBody()

    init(_ call: HTTPCall, endpoint: RANEndpoint) throws(RANError) {
        self.call = call
        let octets = call.request.body ?? []
        // One more than needed: without a pointer libcurl would read a body from standard input.
        body = .allocate(capacity: octets.count + 1)
        _ = body.initialize(from: octets + [0])
        do throws(RANError) {
            easy = try HTTPTransfer.prepare(call.request, body.baseAddress, answer, endpoint)
        } catch {
            body.deallocate()
            throw error
        }
    }

    deinit { body.deallocate() }

    private static func prepare(
        _ request: HTTPRequest,
        _ body: UnsafeMutablePointer<UInt8>?,
        _ answer: HTTPBody,
        _ endpoint: RANEndpoint,
    ) throws(RANError) -> CurlEasy {
        let url = try CurlURL(parsing: "\(endpoint.httpBase)/\(request.path)")
        for (name, value) in request.query { url.appendQuery(name, value) }
        var easy = try CurlEasy()
        var headers = ["Accept: application/json"]
        if request.body != nil { headers.append("Content-Type: application/json") }
        // "Expect: 100-continue" would cost a round trip.
        if request.method == .post { headers.append("Expect:") }
        try easy.prepare(endpoint: endpoint, url: url.text, headers: headers)
        try easy.set(CURLOPT_TIMEOUT_MS, endpoint.requestTimeout.wholeMilliseconds)
        try easy.set(CURLOPT_ACCEPT_ENCODING, "")
        if request.method == .post {
            try easy.set(CURLOPT_POST, 1)
            try easy.set(CURLOPT_POSTFIELDSIZE, request.body?.count ?? 0)
            easy.set(CURLOPT_POSTFIELDS, pointer: body)
        }
        easy.collectBody(in: answer)
        return easy
    }

    /// The answer, or what went wrong.
    func outcome(_ result: CURLcode, endpoint: RANEndpoint) -> Result<HTTPResponse, RANError> {
        let operation = "\(call.request.summary) at \(endpoint.httpBase)"
        if answer.isTooLarge {
            return .failure(.protocolViolation("\(operation) answered more than \(HTTPBody.limit) octets"))
        }
        guard result == CURLE_OK else {
            return .failure(easy.error(result, during: operation, token: endpoint.token))
        }
        return .success(HTTPResponse(status: easy.status, body: answer.bytes, retryAfter: easy.retryAfter))
    }
}

/// Collects the body of an answer. Lives on the HTTP thread; libcurl holds a pointer to it while its transfer lives.
final class HTTPBody {
    static let limit = 64 << 20

    private(set) var bytes: [UInt8] = []
    private(set) var isTooLarge = false

    /// False ends the transfer.
    func append(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count + piece.count <= HTTPBody.limit else {
            isTooLarge = true
            return false
        }
        bytes.append(contentsOf: piece)
        return true
    }
}
