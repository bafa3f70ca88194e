// SPDX-License-Identifier: Apache-2.0

/// Where one coverage of the RAN answers, and with which token. Several coverages are several endpoints.
public struct RANEndpoint: Sendable, Hashable {
    /// The access token.
    public let token: RANToken
    /// A file of trusted certificates in PEM form; nil trusts those of the system.
    public let certificateFile: String?
    /// The longest time to reach the server: name look-up, TCP and TLS, and the handshake of a websocket.
    public let connectTimeout: Duration
    /// The longest time one HTTP call may take, connecting included.
    public let requestTimeout: Duration

    /// The server's name or address.
    public let host: String

    /// Scheme `http` or `https`, host, port if any and path without a slash at the end.
    let httpBase: String
    /// The same with `ws` or `wss`.
    let webSocketBase: String
    /// Loopback needs no proxy.
    let isLoopback: Bool

    /// - Parameters:
    ///   - url: the base URL, such as `https://eu.cloud.everynet.io/api/v1.0`; `https`, `wss`, `http` or `ws`.
    ///   - token: the access token of the coverage.
    ///   - allowsPlainText: permits `http` and `ws` to a host that is not this machine: the token and all traffic are
    ///     then readable on the way.
    ///   - certificateFile: a PEM file of certificates to trust in place of the system's.
    ///   - connectTimeout: see the property.
    ///   - requestTimeout: see the property.
    /// - Throws: `RANError.invalidParameter` for a URL that cannot be used, and for plain text to another machine.
    public init(
        url: String,
        token: RANToken,
        allowsPlainText: Bool = false,
        certificateFile: String? = nil,
        connectTimeout: Duration = .seconds(10),
        requestTimeout: Duration = .seconds(30),
    ) throws(RANError) {
        let parts = try URLParts(url)
        guard parts.isEncrypted || parts.isLoopback || allowsPlainText else {
            throw .invalidParameter(
                name: "url",
                problem: "\(parts.scheme)://\(parts.host) is not encrypted and not this machine; use https, or allow "
                    + "plain text on purpose",
            )
        }
        guard connectTimeout > .zero, requestTimeout > .zero else {
            throw .invalidParameter(name: "timeout", problem: "must be above zero")
        }
        self.token = token
        self.certificateFile = certificateFile
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        host = parts.host
        isLoopback = parts.isLoopback
        let place = parts.authority + parts.path
        httpBase = (parts.isEncrypted ? "https://" : "http://") + place
        webSocketBase = (parts.isEncrypted ? "wss://" : "ws://") + place
    }

    /// The base URL for people: never with the token.
    public var url: String { httpBase }
}

extension RANEndpoint: CustomStringConvertible {
    public var description: String { httpBase }
}
