// SPDX-License-Identifier: Apache-2.0

/// The broker and what is published there.
public struct MQTTConfigurationValues: Hashable, Sendable {
    /// A format of The Things Network.
    public enum Format: String, Hashable, Sendable {
        case v2, v3
    }

    /// A kind of message, for which delivery can be chosen.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case uplink, field, normalized, activation, downlink, error, device, application, service, location
    }

    /// Who keeps the broker's users in line with access keys.
    public enum AccessControl: String, Hashable, Sendable {
        /// The bridge, if the broker has the dynamic security plugin.
        case automatic = "auto"
        /// The bridge, through that plugin.
        case dynamicSecurity = "dynsec"
        /// The operator.
        case off
    }

    /// The version of the protocol.
    public enum ProtocolVersion: String, Hashable, Sendable {
        /// MQTT 5, and 3.1.1 with a broker that refuses it.
        case automatic = "auto"
        case v311 = "3.1.1"
        case v5 = "5"
    }

    /// `mqtt://host:port` or `mqtts://host:port`.
    public var url: String
    public var username: String?
    public var password: Secret?
    /// The name of our session at the broker.
    public var clientID: String
    /// Which formats are published and listened to.
    public var formats: Set<Format>
    /// The Things Stack's tenant in v3 topics; nil for topics without one.
    public var tenant: String?
    /// Before every topic; empty for none.
    public var topicPrefix: String
    /// Whether v2 publishes each decoded field on a topic of its own, too.
    public var publishesFields: Bool
    /// Kinds that are published at most once.
    public var atMostOnce: Set<Kind>
    /// Kinds that are published exactly once; all others go out at least once.
    public var exactlyOnce: Set<Kind>
    /// Kinds whose last message the broker keeps for those who subscribe later.
    public var retained: Set<Kind>
    /// How long an MQTT 5 broker keeps a message for a subscriber that is away; nil leaves it to the broker.
    public var messageExpiry: Duration?
    public var accessControl: AccessControl
    public var protocolVersion: ProtocolVersion
    /// True: the broker forgets subscriptions and queued requests while the bridge is away.
    public var isCleanSession: Bool
    /// How long an MQTT 5 broker keeps the session of a bridge that is away.
    public var sessionExpiry: Duration
    public var keepAlive: Duration
    /// Unacknowledged publications at once.
    public var maxInflight: Int
    public var tls: TLS

    /// How broker and bridge show who they are.
    public struct TLS: Hashable, Sendable {
        /// PEM file of trusted authorities.
        public var authorityFile: String?
        /// Directory of trusted authorities, named by hash.
        public var authorityDirectory: String?
        /// PEM file of our certificate and its chain.
        public var certificateFile: String?
        /// PEM file of our private key.
        public var privateKeyFile: String?
        /// The application protocol to ask for.
        public var alpn: String?

        init(_ section: Section) {
            defer { section.finish() }
            authorityFile = section.text("ca_file", expected: "the path of a PEM file")
            authorityDirectory = section.text("ca_directory", expected: "the path of a directory")
            certificateFile = section.text("certificate_file", expected: "the path of a PEM file")
            privateKeyFile = section.text("private_key_file", expected: "the path of a PEM file")
            alpn = section.text("alpn", expected: "a protocol such as mqtt")
            if certificateFile != nil, privateKeyFile == nil {
                section.require("private_key_file", expected: "the key of certificate_file")
            }
            if privateKeyFile != nil, certificateFile == nil {
                section.require("certificate_file", expected: "the certificate of private_key_file")
            }
        }
    }

    init(_ section: Section) {
        defer { section.finish() }
        let expected = "mqtt://host:1883, or mqtts://host:8883 for TLS"
        let address = section.url("url", expected: expected, schemes: ["mqtt", "mqtts", "tcp", "ssl", "tls"])
        if let rest = address?.parts.rest, !["", "/"].contains(rest) {
            section.refuse("url", "holds \"\(rest.prefix(40))\" after the host; expected \(expected)")
        }
        url = address?.text ?? "mqtt://127.0.0.1:1883"
        username = section.text("username")
        password = section.secret("password", expected: "a password")
        if password != nil, username == nil { section.require("username", expected: "a name, as a password is given") }
        clientID =
            section.value(
                "client_id",
                expected: "1 to 256 characters",
                { (1...256).contains($0.count) ? $0 : nil },
            ) ?? "ran-mqtt-bridge"
        formats = Set(section.choices("formats", among: ["v2": Format.v2, "v3": .v3]) ?? [.v2, .v3])
        let tenant =
            section.value(
                "tenant",
                expected: "3 to 36 lower case letters and digits with single - between them, or \"\" for none",
                { $0.isEmpty || Self.isTenant($0) ? $0 : nil },
            ) ?? "ttn"
        self.tenant = tenant.isEmpty ? nil : tenant
        topicPrefix =
            section.value(
                "topic_prefix",
                expected: "levels of a topic, without + and # and not beginning with $",
                { $0.first == "$" || $0.contains(where: { "+#".contains($0) }) ? nil : $0 },
            ) ?? ""
        publishesFields = section.boolean("publish_fields") ?? true
        atMostOnce = Self.kinds(section, "qos_0")
        exactlyOnce = Self.kinds(section, "qos_2")
        retained = Self.kinds(section, "retain")
        messageExpiry = section.seconds("message_expiry_s", in: 1...4_294_967_295)
        accessControl =
            section.choice(
                "access_control",
                among: ["auto": AccessControl.automatic, "dynsec": .dynamicSecurity, "off": .off],
            ) ?? .automatic
        protocolVersion =
            section.choice(
                "protocol",
                among: ["auto": ProtocolVersion.automatic, "5": .v5, "3.1.1": .v311],
            ) ?? .automatic
        isCleanSession = section.boolean("clean_session") ?? false
        sessionExpiry = section.seconds("session_expiry_s", in: 0...4_294_967_295) ?? .seconds(86_400)
        keepAlive = section.seconds("keep_alive_s", in: 5...65_535) ?? .seconds(30)
        maxInflight = section.integer("max_inflight", in: 1...1000) ?? 100
        tls = TLS(section.section("tls"))
        if let both = atMostOnce.intersection(exactlyOnce).map(\.rawValue).min() {
            section.refuse("qos_2", "holds \(both), which qos_0 holds, too")
        }
    }

    private static func kinds(_ section: Section, _ key: String) -> Set<Kind> {
        let kinds: KeyValuePairs<String, Kind> = [
            "uplink": .uplink, "field": .field, "normalized": .normalized, "activation": .activation,
            "downlink": .downlink, "error": .error, "device": .device, "application": .application,
            "service": .service, "location": .location,
        ]
        return Set(section.choices(key, among: kinds) ?? [])
    }

    private static func isTenant(_ text: String) -> Bool {
        !text.contains("_") && text.utf8.count >= 3 && text.utf8.count <= 36 && IdentifierForm.allows(text)
    }
}
