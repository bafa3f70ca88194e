// SPDX-License-Identifier: Apache-2.0
internal import MQTTShim
internal import TTNMessages

/// Who we are at the broker, and whose topics we use.
struct Login: Sendable {
    let broker: MQTTBrokerAddress
    /// nil on a broker without log-ins.
    let username: String?
    let password: String?

    /// - Parameters:
    ///   - address: `host`, `host:port`, or a URL with `mqtt://` or `mqtts://`.
    ///   - username: the application's id, or that with `/` and the name of a further key.
    ///   - accessKey: empty on a broker without log-ins.
    init(address: String, username: String, accessKey: String) throws(TTNClientError) {
        let url = address.contains("://") ? address : "mqtt://" + address
        do throws(MQTTError) {
            broker = try MQTTBrokerAddress(url: url)
        } catch {
            throw .invalidArgument(name: "address", problem: error.description)
        }
        self.username = accessKey.isEmpty ? nil : username
        password = accessKey.isEmpty ? nil : accessKey
    }

    /// The application of a user name: what stands before the name of a further key.
    static func applicationID(of username: String) throws(TTNClientError) -> String {
        let id = String(username.prefix { $0 != "/" })
        do throws(IdentifierError) {
            try IdentifierRule.v2.check(id, as: "application id")
        } catch {
            throw .invalidArgument(name: "appID", problem: error.description)
        }
        return id
    }

    /// The shim's configuration.
    func configuration(_ options: ConnectionOptions) -> MQTTConfiguration {
        var configuration = MQTTConfiguration(broker: broker, clientID: options.clientID ?? Login.randomName("ttn"))
        configuration.isCleanSession = true
        configuration.username = username
        configuration.password = password.map { MQTTPassword($0) }
        configuration.keepAlive = options.keepAlive
        configuration.connectTimeout = options.connectTimeout
        configuration.reconnectDelay = .milliseconds(200) ... .seconds(10)
        configuration.maximumPacketBytes = 64 << 20
        // No PING leaves while received messages wait for a reader: the broker gives us one and a half times this.
        configuration.durabilityTimeout = options.keepAlive / 2
        configuration.tls = MQTTTLSOptions(
            authorityFile: options.authorityFile,
            certificateFile: options.certificateFile,
            privateKeyFile: options.privateKeyFile,
        )
        configuration.protocolPreference =
            switch options.protocolVersion {
            case .automatic: .automatic
            case .v5: .only(.v5)
            case .v311: .only(.v311)
            }
        return configuration
    }

    /// A name that nobody else has: 16 letters and digits after a prefix and `-`.
    static func randomName(_ prefix: String) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return prefix + "-" + String((0..<16).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }
}
