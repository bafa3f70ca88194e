// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// libcurl's URL parser, so that what is checked and what is fetched are read by the same code.
struct CurlURL: ~Copyable {
    enum Part {
        case scheme, user, password, host, port, path, query, fragment

        fileprivate var code: CURLUPart {
            switch self {
            case .scheme: CURLUPART_SCHEME
            case .user: CURLUPART_USER
            case .password: CURLUPART_PASSWORD
            case .host: CURLUPART_HOST
            case .port: CURLUPART_PORT
            case .path: CURLUPART_PATH
            case .query: CURLUPART_QUERY
            case .fragment: CURLUPART_FRAGMENT
            }
        }
    }

    private let raw: OpaquePointer

    init(parsing text: String) throws(RANError) {
        guard let raw = curl_url() else { throw .unsupportedLibrary("libcurl has no memory for a URL") }
        let result = curl_url_set(raw, CURLUPART_URL, text, 0)
        guard result == CURLUE_OK else {
            curl_url_cleanup(raw)
            let words = String(cString: curl_url_strerror(result))
            throw .invalidParameter(name: "url", problem: "cannot be read: \(words)")
        }
        self.raw = raw
    }

    deinit { curl_url_cleanup(raw) }

    /// A part as the URL writes it; nil when it is absent.
    func part(_ part: Part) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(raw, part.code, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// Appends `name=value` to the query, percent-encoded.
    func appendQuery(_ name: String, _ value: String) {
        let flags = UInt32(CURLU_APPENDQUERY | CURLU_URLENCODE)
        // The parts are printable text; libcurl refuses only what is too long for memory.
        let result = curl_url_set(raw, CURLUPART_QUERY, "\(name)=\(value)", flags)
        precondition(result == CURLUE_OK, "libcurl refuses a query: \(result.rawValue)")
    }

    /// The whole URL.
    var text: String {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(raw, CURLUPART_URL, &text, 0) == CURLUE_OK, let text else { return "" }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
