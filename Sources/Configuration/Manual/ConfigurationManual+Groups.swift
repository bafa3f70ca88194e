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
