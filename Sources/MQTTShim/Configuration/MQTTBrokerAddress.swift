// SPDX-License-Identifier: Apache-2.0

/// Where the broker is: `mqtt://host[:1883]` or `mqtts://host[:8883]`.
public struct MQTTBrokerAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or a numeric address; IPv6 without its brackets.
    public var host: String
    /// The TCP port.
    public var port: UInt16
    /// Whether the connection is encrypted and the broker's certificate verified.
    public var usesTLS: Bool

    public init(host: String, port: UInt16, usesTLS: Bool = false) {
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
    }

    /// Reads an address in URL form.
    public init(url: String) throws(MQTTError) {
        func refused(_ problem: String) -> MQTTError {
            .invalidConfiguration(key: "url", problem: "'\(url)' \(problem)")
        }
        guard let colon = url.range(ofASCII: "://") else {
            throw refused("has no scheme; write mqtt://host:1883 or mqtts://host:8883")
        }
        switch url[..<colon.lowerBound].lowercased() {
        case "mqtt", "tcp": usesTLS = false
        case "mqtts", "ssl", "tls": usesTLS = true
        case let scheme: throw refused("has the scheme '\(scheme)'; mqtt:// and mqtts:// are known")
        }
        var rest = url[colon.upperBound...]
        if rest.last == "/" { rest.removeLast() }
        // Not echoed: what stands before an @ is a secret.
        guard !rest.contains("@") else {
            throw .invalidConfiguration(
                key: "url",
                problem: "holds a user name or password; write them in the keys username and password",
            )
        }
        guard !rest.contains(where: { "/?# ".contains($0) }) else { throw refused("has more than a host and a port") }
        var portText: Substring?
        if rest.first == "[" {
            guard let bracket = rest.firstIndex(of: "]") else { throw refused("has an unclosed bracket") }
            host = String(rest[rest.index(after: rest.startIndex)..<bracket])
            let tail = rest[rest.index(after: bracket)...]
            guard tail.isEmpty || tail.first == ":" else { throw refused("has text after the bracket") }
            portText = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { throw refused("has several colons; put an IPv6 address in brackets") }
            host = String(parts.first ?? "")
            portText = parts.count == 2 ? parts[1] : nil
        }
        guard !host.isEmpty else { throw refused("names no host") }
        if let portText {
            guard let number = UInt16(portText), number > 0 else { throw refused("has no port from 1 to 65535") }
            port = number
        } else {
            port = usesTLS ? 8883 : 1883
        }
    }

    /// The URL form.
    public var description: String {
        let shownHost = host.contains(":") ? "[\(host)]" : host
        return "\(usesTLS ? "mqtts" : "mqtt")://\(shownHost):\(port)"
    }
}

extension String {
    fileprivate func range(ofASCII text: StaticString) -> Range<Index>? {
        let wanted = text.description
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(wanted) { return start..<index(start, offsetBy: wanted.count) }
            start = index(after: start)
        }
        return nil
    }
}
