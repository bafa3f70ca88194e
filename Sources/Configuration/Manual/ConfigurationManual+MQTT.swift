// SPDX-License-Identifier: Apache-2.0

extension ConfigurationManual {
    private static let kinds = MQTTConfigurationValues.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    /// A table: the keys of the broker.
    static let mqtt = [
        ConfigurationKey(
            "mqtt.url",
            "URL with mqtt or mqtts",
            default: "\"mqtt://127.0.0.1:1883\"",
            "The broker; mqtts://host:8883 for TLS.",
        ),
        ConfigurationKey(
            "mqtt.username",
            "text",
            default: "no log-in",
            example: "bridge",
            "The user that may publish for every application.",
        ),
        ConfigurationKey(
            "mqtt.password",
            "text, secret",
            default: "none",
            example: "\"${MQTT_PASSWORD}\"",
            "Its password.",
        ),
        ConfigurationKey(
            "mqtt.client_id",
            "1 to 256 characters",
            default: "ran-mqtt-bridge",
            "The name of the session that the broker keeps; unique among its clients.",
        ),
        ConfigurationKey(
            "mqtt.formats",
            "list of v2, v3",
            default: "[v2, v3]",
            "The Things Network's formats that are published and listened to; leave out what nobody reads.",
        ),
        ConfigurationKey(
            "mqtt.tenant",
            "3 to 36 of a-z, 0-9 and -, or \"\"",
            default: "ttn",
            "The tenant in v3 topics, v3/app@tenant/…; \"\" for the open-source form v3/app/….",
        ),
        ConfigurationKey(
            "mqtt.topic_prefix",
            "levels of a topic",
            default: "\"\"",
            "Before every topic, on a broker that is shared.",
        ),
        ConfigurationKey(
            "mqtt.publish_fields",
            "true or false",
            default: "true",
            "Whether v2 publishes each decoded field on a topic of its own, too; false saves many messages.",
        ),
        ConfigurationKey(
            "mqtt.qos_0",
            "list of \(kinds)",
            default: "none",
            example: "[field]",
            "Messages that are published at most once, as The Things Network did; all others at least once.",
        ),
        ConfigurationKey(
            "mqtt.qos_2",
            "list as in qos_0",
            default: "none",
            example: "[downlink]",
            "Messages that are published exactly once, at twice the round trips.",
        ),
        ConfigurationKey(
            "mqtt.retain",
            "list as in qos_0",
            default: "none",
            example: "[location]",
            "Messages whose last one the broker keeps on its topic for those who subscribe later.",
        ),
        ConfigurationKey(
            "mqtt.message_expiry_s",
            "seconds, 1 to 4294967295",
            default: "none",
            example: "86400",
            "How long an MQTT 5 broker keeps a message for a subscriber that is away.",
        ),
        ConfigurationKey(
            "mqtt.access_control",
            "auto, dynsec or off",
            default: "auto",
            "Whether access keys become users of mosquitto's dynamic security plugin; auto asks the broker.",
        ),
        ConfigurationKey(
            "mqtt.protocol",
            "auto, 5 or 3.1.1",
            default: "auto",
            "The protocol's version; auto speaks 5, and 3.1.1 with a broker that refuses 5.",
        ),
        ConfigurationKey(
            "mqtt.clean_session",
            "true or false",
            default: "false",
            "True makes the broker forget the requests that come while the bridge is away.",
        ),
        ConfigurationKey(
            "mqtt.session_expiry_s",
            "seconds, 0 to 4294967295",
            default: "86400",
            "How long an MQTT 5 broker keeps such requests.",
        ),
        ConfigurationKey(
            "mqtt.keep_alive_s",
            "seconds, 5 to 65535",
            default: "30",
            "How often a silent connection is probed.",
        ),
        ConfigurationKey(
            "mqtt.max_inflight",
            "1 to 1000",
            default: "100",
            "Publications on their way unacknowledged; more help with a broker far away.",
        ),
    ]

    /// A table: the keys of its TLS.
    static let tls = [
        ConfigurationKey(
            "mqtt.tls.ca_file",
            "path of a PEM file",
            default: "the system's authorities",
            example: "/etc/mosquitto/ca.pem",
            "Trusted in place of the system's authorities.",
        ),
        ConfigurationKey(
            "mqtt.tls.ca_directory",
            "path",
            default: "none",
            example: "/etc/ssl/certs",
            "A directory of trusted authorities, named by hash.",
        ),
        ConfigurationKey(
            "mqtt.tls.certificate_file",
            "path of a PEM file",
            default: "none",
            example: "/etc/ran-mqtt-bridge/client.pem",
            "Our certificate, for a broker that asks for one.",
        ),
        ConfigurationKey(
            "mqtt.tls.private_key_file",
            "path of a PEM file",
            default: "none",
            example: "/etc/ran-mqtt-bridge/client.key",
            "Its private key.",
        ),
        ConfigurationKey(
            "mqtt.tls.alpn",
            "text",
            default: "none",
            example: "mqtt",
            "The application protocol to ask for, as brokers on port 443 want.",
        ),
    ]
}
