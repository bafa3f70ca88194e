// SPDX-License-Identifier: Apache-2.0

/// A URL taken apart as far as a configuration checks it; who connects reads it again.
struct URLText {
    var scheme: String
    var host: String
    var port: Int?
    /// What follows host and port.
    var rest: Substring

    /// Why a text is no URL. It never repeats the text when that may hold a password.
    struct Failure: Error {
        var message: String
    }

    init(_ text: String, schemes: [String]) throws(Failure) {
        let known = schemes.map { $0 + "://" }.joined(separator: ", ")
        let found = text.contains("@") ? "found a URL with a user name" : "found \"\(text.prefix(120))\""
        func refused(_ message: String) -> Failure { Failure(message: "\(found); expected \(message)") }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw refused("a URL that begins with \(known)")
        }
        scheme = text[..<colon].lowercased()
        guard schemes.contains(scheme) else { throw refused("a URL that begins with \(known)") }
        let afterScheme = text[colon...].dropFirst(3)
        let end = afterScheme.firstIndex { "/?#".contains($0) } ?? afterScheme.endIndex
        var authority = afterScheme[..<end]
        rest = afterScheme[end...]
        guard !authority.contains("@") else {
            throw refused("one without: user name, password and token have keys of their own")
        }
        guard !text.contains(where: { $0 == " " || $0.isNewline }) else { throw refused("one without spaces") }
        var portText: Substring?
        if authority.first == "[", let bracket = authority.firstIndex(of: "]") {
            let tail = authority[authority.index(after: bracket)...]
            guard tail.isEmpty || tail.first == ":" else { throw refused("a port after the bracket") }
            portText = tail.isEmpty ? nil : tail.dropFirst()
            authority = authority[...bracket]
        } else if let separator = authority.firstIndex(of: ":") {
            portText = authority[authority.index(after: separator)...]
            authority = authority[..<separator]
            guard portText?.contains(":") == false else { throw refused("an IPv6 address in brackets") }
        }
        host = String(authority)
        guard !host.isEmpty, host != "[]" else { throw refused("the name or address of a host") }
        if let portText {
            guard let number = Int(portText), (1...65535).contains(number) else {
                throw refused("a port from 1 to 65535")
            }
            port = number
        }
    }

    /// Whether the host is this machine: 127.0.0.0/8, ::1 or localhost.
    var isLoopback: Bool {
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = octets.count == 4 && octets.allSatisfy { UInt8($0) != nil }
        return host == "localhost" || host == "[::1]" || (isIPv4 && octets[0] == "127")
    }
}

extension Section {
    /// A URL of one of several schemes, checked further by the caller.
    func url(_ key: String, expected: String, schemes: [String]) -> (text: String, parts: URLText)? {
        guard let text = text(key, expected: expected) else { return nil }
        do throws(URLText.Failure) {
            return (text, try URLText(text, schemes: schemes))
        } catch {
            refuse(key, error.message)
            return nil
        }
    }
}
