// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A base URL taken apart and checked by libcurl's own parser.
struct URLParts {
    let scheme: String
    let host: String
    /// Host, and port when one was given, as a URL writes them.
    let authority: String
    /// Empty, or begins with a slash and does not end with one.
    let path: String

    init(_ text: String) throws(RANError) {
        let parsed = try CurlURL(parsing: text)
        guard let scheme = parsed.part(.scheme), ["http", "https", "ws", "wss"].contains(scheme) else {
            throw .invalidParameter(name: "url", problem: "must begin with https:// (or wss://, http://, ws://)")
        }
        guard parsed.part(.user) == nil, parsed.part(.password) == nil else {
            throw .invalidParameter(name: "url", problem: "must not hold a user or a password; the token is separate")
        }
        guard parsed.part(.query) == nil, parsed.part(.fragment) == nil else {
            throw .invalidParameter(name: "url", problem: "must not hold a query or a fragment")
        }
        guard let host = parsed.part(.host), !host.isEmpty else {
            throw .invalidParameter(name: "url", problem: "names no host")
        }
        self.scheme = scheme
        self.host = host
        authority = parsed.part(.port).map { "\(host):\($0)" } ?? host
        var path = parsed.part(.path) ?? ""
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    var isEncrypted: Bool { scheme == "https" || scheme == "wss" }

    /// 127.0.0.0/8, ::1 and localhost. Other names could resolve to anything.
    var isLoopback: Bool {
        if host == "localhost" { return true }
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard inet_pton(AF_INET6, bare, &six) == 1 else { return false }
        return withUnsafeBytes(of: six) { octets in octets.dropLast().allSatisfy { $0 == 0 } && octets.last == 1 }
    }
}
