// SPDX-License-Identifier: Apache-2.0
internal import CCurl
internal import Concurrency

/// One transfer of libcurl. One thread at a time uses it; libcurl has no locks inside.
struct CurlEasy: ~Copyable {
    let raw: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    init() throws(RANError) {
        try CurlLibrary.check()
        guard let raw = curl_easy_init() else { throw .unsupportedLibrary("libcurl has no memory for a transfer") }
        self.raw = raw
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        ccurl_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText)
    }

    /// Sets everything that HTTP calls and websockets share.
    mutating func prepare(endpoint: RANEndpoint, url: String, headers: [String] = []) throws(RANError) {
        try set(CURLOPT_URL, url)
        // Signals would interrupt other threads' system calls.
        try set(CURLOPT_NOSIGNAL, 1)
        // A stuck name look-up must not hold up the end of this handle.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_PROTOCOLS_STR, "http,https,ws,wss")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, endpoint.connectTimeout.wholeMilliseconds)
        try set(CURLOPT_USERAGENT, "ran-mqtt-bridge")
        if endpoint.isLoopback { try set(CURLOPT_PROXY, "") }
        if let file = endpoint.certificateFile { try set(CURLOPT_CAINFO, file) }
        try setHeaders(headers + ["Authorization: Bearer \(endpoint.token.secret)"])
    }

    deinit {
        curl_easy_cleanup(raw)
        for list in lists { curl_slist_free_all(list) }
        errorText.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) throws(RANError) {
        try check(ccurl_set_long(raw, option, value), "libcurl refuses option \(option.rawValue)")
    }

    func set(_ option: CURLoption, _ text: String) throws(RANError) {
        try check(ccurl_set_text(raw, option, text), "libcurl refuses option \(option.rawValue)")
    }

    /// The memory must outlive the handle.
    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        ccurl_set_pointer(raw, option, pointer)
    }

    /// What arrives is appended there; the object must outlive the handle.
    func collectBody(in body: HTTPBody) {
        ccurl_set_write(raw, appendToBody)
        ccurl_set_pointer(raw, CURLOPT_WRITEDATA, Unmanaged.passUnretained(body).toOpaque())
    }

    private mutating func setHeaders(_ headers: [String]) throws(RANError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for header in headers { list = curl_slist_append(list, header) }
        guard let list else { throw .unsupportedLibrary("libcurl has no memory for headers") }
        lists.append(list)
        try check(ccurl_set_list(raw, CURLOPT_HTTPHEADER, list), "libcurl refuses the headers")
    }

    private func check(_ result: CURLcode, _ words: String) throws(RANError) {
        guard result == CURLE_OK else { throw .transport(code: Int32(bitPattern: result.rawValue), words) }
    }

    /// The status of the answer, 0 before there is one.
    var status: Int { ccurl_response_code(raw) }

    /// How long the server asks to be left alone; zero when it does not.
    var retryAfter: Duration { .seconds(max(0, Int64(ccurl_retry_after(raw)))) }

    /// The connection's socket, for polling.
    var socket: Int32? {
        let socket = ccurl_active_socket(raw)
        return socket >= 0 ? socket : nil
    }

    /// What went wrong, as an error of this room.
    ///
    /// - Parameters:
    ///   - result: libcurl's code.
    ///   - operation: what was tried, for people.
    ///   - token: removed from the text.
    func error(_ result: CURLcode, during operation: String, token: RANToken) -> RANError {
        let detail = String(cString: errorText)
        let words = detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail
        let text = token.scrubbing("\(operation): \(words)")
        return switch result {
        case CURLE_OPERATION_TIMEDOUT: .timedOut(text)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            .tls(text)
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: .connectionLost(text)
        case CURLE_UNSUPPORTED_PROTOCOL: .unsupportedLibrary(text)
        default: .transport(code: Int32(bitPattern: result.rawValue), text)
        }
    }
}

/// libcurl's write callback: copies and returns. Anything but the whole count ends the transfer.
private func appendToBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ user: UnsafeMutableRawPointer?,
) -> Int {
    guard let bytes, let user else { return 0 }
    let body = Unmanaged<HTTPBody>.fromOpaque(user).takeUnretainedValue()
    return body.append(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

extension Duration {
    /// For C calls that count in milliseconds; at least 1.
    var wholeMilliseconds: Int { Int(clamping: max(1, wholeNanoseconds / 1_000_000)) }
}
