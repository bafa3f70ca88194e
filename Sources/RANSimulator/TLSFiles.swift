// SPDX-License-Identifier: Apache-2.0

/// What a server needs to speak TLS.
public struct TLSFiles: Hashable, Sendable {
    /// The path of a PEM file with the server's certificate and those between it and the root.
    public var certificate: String
    /// The path of a PEM file with the certificate's private key, without a password.
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}
