// SPDX-License-Identifier: Apache-2.0

extension ConfigurationManual {
    /// A table: what the manual says.
    static let groups = [
        Group(
            path: "coverages[]",
            reason: "The coverages of the RAN whose devices this bridge serves, at least one.",
            keys: coverage,
        ),
        Group(path: "mqtt", reason: "The broker, and what is published there.", keys: mqtt),
        Group(
            path: "mqtt.tls",
            reason: "For mqtts:// addresses. The broker's certificate and its name are always verified.",
            keys: tls,
        ),
        Group(path: "store", reason: "Where devices, sessions, queues and unsent messages survive.", keys: store),
        Group(path: "network", reason: "What holds for all devices.", keys: network),
        Group(path: "codec", reason: "How payload functions run: in processes of their own.", keys: codec),
        Group(path: "service", reason: "Threads and bounds.", keys: service),
        Group(path: "metrics", reason: "Figures of the service for Prometheus.", keys: metrics),
        Group(path: "log", reason: "Events go to the standard error, one line each.", keys: log),
        Group(
            path: "applications[]",
            reason:
                "Registered at start when the store does not hold them; what is registered stays as it is. To use them, "
                + "take the first # of each line away.",
            keys: application,
            isCommentedOut: true,
        ),
        Group(
            path: "applications[].devices[]",
            reason:
                "Its devices, with the keys of a join (app_key) or those of a session (dev_addr, nwk_s_key, app_s_key).",
            keys: device,
            isCommentedOut: true,
        ),
    ]

    private static let identifier = IdentifierForm.expected
    private static let kinds = MQTTConfigurationValues.Kind.allCases.map(\.rawValue).joined(separator: ", ")

    private static let coverage = [
        ConfigurationKey(
            "coverages[].name",
            identifier,
            example: "eu",
            "Stands for the gateways of this coverage in messages; unique.",
        ),
        ConfigurationKey(
            "coverages[].url",
            "URL with https, http, wss or ws",
            example: "\"https://eu.cloud.everynet.io/api/v1.0\"",
            "The base URL of its API. Without TLS to this machine only, unless allow_plain_text permits more.",
        ),
        ConfigurationKey(
            "coverages[].token",
            "text, secret",
            example: "\"${RAN_API_TOKEN}\"",
            "The access token that Everynet gave you.",
        ),
        ConfigurationKey(
            "coverages[].region",
            "EU868, EU433, RU864, IN865, KR920, AS923-1 to AS923-4, US915, AU915 or CN470",
            example: "EU868",
            "The radio plan of its devices; a device may name another.",
        ),
        ConfigurationKey(
            "coverages[].sub_bands",
            "list of 1 to 8, for US915 and AU915; 1 to 12 for CN470",
            default: "all channels",
            example: "[2]",
            "The blocks of eight channels that its gateways hear. Devices are told in the join accept or after it.",
        ),
        ConfigurationKey(
            "coverages[].extra_channels_hz",
            "list of hertz, for regions without sub-bands",
            default: "those that networks commonly add",
            example: "[867100000, 867300000, 867500000, 867700000, 867900000]",
            "Channels beyond the region's own. Devices are told in the join accept or after it.",
        ),
        ConfigurationKey(
            "coverages[].rx2_frequency_hz",
            "hertz",
            default: "the region's",
            example: "869525000",
            "The second receive window of its devices.",
        ),
        ConfigurationKey(
            "coverages[].rx2_data_rate",
            "0 to 15",
            default: "the region's",
            example: "3",
            "The data rate of the second receive window: 3 in EU868 is common where downlinks must be long.",
        ),
        ConfigurationKey(
            "coverages[].upstream_connections",
            "1 to 64",
            default: "1",
            "Upstream sockets, which share the load; more help a fast bridge on a slow line.",
        ),
        ConfigurationKey(
            "coverages[].allow_plain_text",
            "true or false",
            default: "false",
            "Permits http:// and ws:// to another machine: token and traffic can then be read on the way.",
        ),
        ConfigurationKey(
            "coverages[].ca_file",
            "path of a PEM file",
            default: "the system's authorities",
            example: "/etc/ssl/ran-ca.pem",
            "Trusted in place of the system's authorities.",
        ),
        ConfigurationKey(
            "coverages[].deadline_form",
            "now_as_1, unix_ms or unix_s",
            default: "now_as_1",
            "How the deadline of a class C frame is written; change it if Everynet tells you to.",
        ),
        ConfigurationKey(
            "coverages[].foreign_rows",
            "leave, adopt or drop",
            default: "leave",
            "What becomes of rows of the routing table that others made: adopt takes over those of registered devices, "
                + "drop removes the rest, too.",
        ),
        ConfigurationKey(
            "coverages[].compare_interval_s",
            "seconds, 1 to 86400",
            default: "600",
            "How often the whole routing table is compared with the registry.",
        ),
    ]

    private static let mqtt = [
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

    private static let tls = [
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

    private static let store = [
        ConfigurationKey(
            "store.url",
            "sqlite: and a path",
            default: "\"sqlite:/var/lib/ran-mqtt-bridge/bridge.db\"",
            "The database file; never on a network file system.",
        ),
        ConfigurationKey(
            "store.max_size_mb",
            "MiB, 1 to 16777216",
            default: "as much as the disk has",
            example: "10240",
            "The size at which the bridge takes no more uplinks, as with a full disk.",
        ),
        ConfigurationKey(
            "store.cache_mb",
            "MiB, 1 to 65536",
            default: "16",
            "Memory for the database's cache; more helps with very many devices.",
        ),
    ]

    private static let network = [
        ConfigurationKey(
            "network.net_id",
            "6 hexadecimal digits",
            default: "\"000000\"",
            "Begins the addresses of devices that join; 000000 and 000001 are for private networks.",
        ),
        ConfigurationKey(
            "network.merge_window_ms",
            "milliseconds, 0 to 2000",
            default: "200",
            "How long copies of an uplink from several gateways are collected before it is published.",
        ),
        ConfigurationKey(
            "network.copy_window_ms",
            "milliseconds, 100 to 60000",
            default: "2500",
            "How long identical frames count as copies of one transmission.",
        ),
        ConfigurationKey(
            "network.rx1_delay_s",
            "seconds, 1 to 15",
            default: "5",
            "From an uplink to the first receive window of a device that joins.",
        ),
        ConfigurationKey(
            "network.abp_rx1_delay_s",
            "seconds, 1 to 15",
            default: "rx1_delay_s",
            example: "1",
            "The same for personalised devices. Many leave the factory with 1: set what yours were given.",
        ),
        ConfigurationKey(
            "network.answer_window_ms",
            "milliseconds, 0 to 14000, below the RX1 delay",
            default: "a fifth of the RX1 delay",
            example: "1000",
            "How long an answer waits for an application's downlink.",
        ),
        ConfigurationKey(
            "network.send_lead_ms",
            "milliseconds, 50 to 5000",
            default: "500",
            "How long before a receive window a frame must be with the RAN.",
        ),
        ConfigurationKey(
            "network.queue_limit",
            "1 to 1000000",
            default: "10000",
            "Downlinks that may wait for one device.",
        ),
        ConfigurationKey(
            "network.confirmed_attempts",
            "1 to 100",
            default: "8",
            "How often a confirmed downlink is sent before it fails.",
        ),
        ConfigurationKey(
            "network.ran_attempts",
            "1 to 100",
            default: "3",
            "In how many windows the RAN may refuse a downlink before it fails.",
        ),
        ConfigurationKey(
            "network.class_c_interval_ms",
            "milliseconds, 0 to 3600000",
            default: "5000",
            "The shortest time between two class C frames to one device.",
        ),
        ConfigurationKey(
            "network.ack_timeout_s",
            "seconds, 1 to 3600",
            default: "30",
            "How long a class B or C device may take to acknowledge.",
        ),
        ConfigurationKey(
            "network.adr_margin_db",
            "dB, 0 to 30",
            default: "10",
            "What adaptive data rate keeps above the signal that a data rate needs; more for devices whose radio "
                + "conditions vary.",
        ),
        ConfigurationKey(
            "network.status_interval_s",
            "seconds, 0 to 31536000; 0 is never",
            default: "86400",
            "How often a device is asked for its battery, with a frame that goes out anyway.",
        ),
        ConfigurationKey(
            "network.ran_answer_timeout_s",
            "seconds, 1 to 600",
            default: "10",
            "How long the RAN may stay silent about a frame after it was due on the air.",
        ),
    ]

    private static let codec = [
        ConfigurationKey(
            "codec.workers",
            "1 to 64",
            default: "one a processor, up to 4",
            example: "2",
            "Processes that run payload functions.",
        ),
        ConfigurationKey(
            "codec.time_limit_ms",
            "milliseconds, 1 to 10000",
            default: "100",
            "The longest time of one call; a function that takes longer costs its message its fields.",
        ),
        ConfigurationKey(
            "codec.memory_mb",
            "MiB, 64 to 65536",
            default: "256",
            "The memory of one process; one that takes more is replaced.",
        ),
        ConfigurationKey(
            "codec.formatters",
            "path of a directory",
            default: "none",
            example: "/etc/ran-mqtt-bridge/formatters",
            "Formatters that devices name, with a formatters.json; read again on SIGHUP.",
        ),
    ]

    private static let service = [
        ConfigurationKey(
            "service.shards",
            "1 to 256",
            default: "one a processor",
            example: "2",
            "Threads that own the devices' sessions.",
        ),
        ConfigurationKey(
            "service.upstream_limit",
            "16 to 1000000",
            default: "16384",
            "Upstream messages inside that are not answered yet; then the RAN's sockets wait.",
        ),
        ConfigurationKey(
            "service.publish_limit",
            "16 to 1000000",
            default: "8192",
            "Messages in memory on their way to the broker; more wait in the store.",
        ),
        ConfigurationKey(
            "service.queue_max_mb",
            "MiB, 1 to 16777216",
            default: "4096",
            "Messages that may wait in the store for the broker; beyond that the oldest are given up, with an event.",
        ),
        ConfigurationKey(
            "service.queue_max_age_s",
            "seconds, 1 to 315360000",
            default: "604800",
            "How old such a message may grow before it is given up, with an event.",
        ),
        ConfigurationKey(
            "service.drain_s",
            "seconds, 1 to 600",
            default: "8",
            "The longest time an orderly stop may take.",
        ),
    ]

    private static let metrics = [
        ConfigurationKey(
            "metrics.listen",
            "a port, or an IPv4 address and a port",
            default: "nowhere",
            example: "9464",
            "Where /metrics and /ready answer over HTTP; on this machine alone unless an address is given.",
        )
    ]

    private static let log = [
        ConfigurationKey(
            "log.level",
            "debug, info, warning or error",
            default: "info",
            "The least level that is written; debug tells of each message.",
        ),
        ConfigurationKey(
            "log.format",
            "text or json",
            default: "text",
            "For people, or one JSON object a line.",
        ),
    ]
}
