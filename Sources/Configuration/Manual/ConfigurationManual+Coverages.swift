// SPDX-License-Identifier: Apache-2.0

extension ConfigurationManual {
    /// A table: the keys of a coverage.
    static let coverage = [
        ConfigurationKey(
            "coverages[].name",
            IdentifierForm.expected,
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
}
