// SPDX-License-Identifier: Apache-2.0

/// How the broker is verified and how we show who we are. The broker's certificate and its name are always verified.
public struct MQTTTLSOptions: Sendable, Hashable {
    /// PEM file with the trusted authorities.
    public var authorityFile: String?
    /// Directory of trusted authorities, named by hash (`openssl rehash`). With neither set, the system's own are used.
    public var authorityDirectory: String?
    /// PEM file with our certificate and its chain, for brokers that ask for one; needs `privateKeyFile`.
    public var certificateFile: String?
    /// PEM file with our unencrypted private key.
    public var privateKeyFile: String?
    /// The application protocol to ask for, as brokers on port 443 want (`mqtt`, `x-amzn-mqtt-ca`).
    public var alpn: String?

    public init(
        authorityFile: String? = nil,
        authorityDirectory: String? = nil,
        certificateFile: String? = nil,
        privateKeyFile: String? = nil,
        alpn: String? = nil,
    ) {
        self.authorityFile = authorityFile
        self.authorityDirectory = authorityDirectory
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
        self.alpn = alpn
    }
}
