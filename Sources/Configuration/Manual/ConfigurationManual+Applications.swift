// SPDX-License-Identifier: Apache-2.0

extension ConfigurationManual {
    private static let key = "32 hexadecimal digits, secret"
    private static let script = "JavaScript"

    /// A table: the keys of an application.
    static let application = [
        ConfigurationKey(
            "applications[].id",
            IdentifierForm.expected,
            example: "meters",
            "The name of the application in topics; unique.",
        ),
        ConfigurationKey(
            "applications[].payload_format",
            "none, custom or cayennelpp",
            default: "custom with a function, else none",
            example: "custom",
            "How payloads become fields.",
        ),
        ConfigurationKey(
            "applications[].decoder",
            script,
            default: "none",
            example: "\"function Decoder(bytes, port) { return { level: bytes[0] }; }\"",
            "From the octets of an uplink to fields.",
        ),
        ConfigurationKey(
            "applications[].converter",
            script,
            default: "none",
            example: "\"function Converter(decoded, port) { return decoded; }\"",
            "From decoded fields to those that are published.",
        ),
        ConfigurationKey(
            "applications[].validator",
            script,
            default: "none",
            example: "\"function Validator(converted, port) { return converted.level < 100; }\"",
            "False drops the message, with an event.",
        ),
        ConfigurationKey(
            "applications[].encoder",
            script,
            default: "none",
            example: "\"function Encoder(object, port) { return [object.level]; }\"",
            "From the fields of a downlink to octets.",
        ),
        ConfigurationKey(
            "applications[].register_on_join_access_key",
            "text, secret",
            default: "off",
            example: "\"${JOIN_ACCESS_KEY}\"",
            "The access key that registers unknown devices as they join.",
        ),
    ]

    /// A table: the keys of a device.
    static let device = [
        ConfigurationKey(
            "applications[].devices[].id",
            IdentifierForm.expected,
            example: "a1",
            "The name of the device in topics; unique in its application.",
        ),
        ConfigurationKey(
            "applications[].devices[].dev_eui",
            "16 hexadecimal digits",
            example: "\"70b3d57ed0000001\"",
            "Unique over all applications.",
        ),
        ConfigurationKey(
            "applications[].devices[].app_eui",
            "16 hexadecimal digits",
            default: "none",
            example: "\"70b3d57ed0f00001\"",
            "The older name of join_eui; one of them for a device that joins.",
        ),
        ConfigurationKey(
            "applications[].devices[].join_eui",
            "16 hexadecimal digits",
            default: "none",
            example: "\"70b3d57ed0f00001\"",
            "Sent in its join requests.",
        ),
        ConfigurationKey(
            "applications[].devices[].app_key",
            key,
            default: "none",
            example: "\"${A1_APP_KEY}\"",
            "The root key of a device that joins.",
        ),
        ConfigurationKey(
            "applications[].devices[].nwk_key",
            key,
            default: "none",
            example: "\"${A1_NWK_KEY}\"",
            "The second root key of a LoRaWAN 1.1 device.",
        ),
        ConfigurationKey(
            "applications[].devices[].dev_addr",
            "8 hexadecimal digits",
            default: "none",
            example: "\"26011a01\"",
            "The address of a personalised device.",
        ),
        ConfigurationKey(
            "applications[].devices[].nwk_s_key",
            key,
            default: "none",
            example: "\"${B1_NWK_S_KEY}\"",
            "Its network session key.",
        ),
        ConfigurationKey(
            "applications[].devices[].app_s_key",
            key,
            default: "none",
            example: "\"${B1_APP_S_KEY}\"",
            "Its application session key.",
        ),
        ConfigurationKey(
            "applications[].devices[].f_nwk_s_int_key",
            key,
            default: "none",
            example: "\"${C1_F_NWK_S_INT_KEY}\"",
            "The forwarding network's integrity key of a LoRaWAN 1.1 session, in place of nwk_s_key.",
        ),
        ConfigurationKey(
            "applications[].devices[].s_nwk_s_int_key",
            key,
            default: "none",
            example: "\"${C1_S_NWK_S_INT_KEY}\"",
            "The serving network's integrity key of a LoRaWAN 1.1 session.",
        ),
        ConfigurationKey(
            "applications[].devices[].nwk_s_enc_key",
            key,
            default: "none",
            example: "\"${C1_NWK_S_ENC_KEY}\"",
            "The encryption key of MAC commands in a LoRaWAN 1.1 session.",
        ),
        ConfigurationKey(
            "applications[].devices[].lorawan_version",
            "1.0.0 to 1.0.4, or 1.1",
            default: "1.0.3, or 1.1 with keys of 1.1",
            example: "\"1.0.3\"",
            "The version of the link layer the device speaks.",
        ),
        ConfigurationKey(
            "applications[].devices[].class",
            "A, B or C",
            default: "A",
            "When it listens: after its uplinks, in ping slots too, or always.",
        ),
        ConfigurationKey(
            "applications[].devices[].region",
            "as in coverages[].region",
            default: "its coverage's",
            example: "EU868",
            "Its radio plan.",
        ),
        ConfigurationKey(
            "applications[].devices[].coverage",
            "name of a coverage",
            default: "the first",
            example: "eu",
            "The coverage whose routing table holds it.",
        ),
        ConfigurationKey(
            "applications[].devices[].payload_format",
            "none, custom or cayennelpp",
            default: "its application's",
            example: "cayennelpp",
            "How its payloads become fields.",
        ),
        ConfigurationKey(
            "applications[].devices[].formatter",
            "vendor/model or vendor/model@firmware",
            default: "none",
            example: "example/climate",
            "A formatter of the directory of codec.formatters, in place of a format.",
        ),
        ConfigurationKey(
            "applications[].devices[].description",
            "text",
            default: "\"\"",
            "For people.",
        ),
        ConfigurationKey(
            "applications[].devices[].latitude",
            "degrees, -90 to 90",
            default: "unknown",
            example: "52.52",
            "Where it stands; published with its uplinks.",
        ),
        ConfigurationKey(
            "applications[].devices[].longitude",
            "degrees, -180 to 180",
            default: "unknown",
            example: "13.405",
            "Where it stands.",
        ),
        ConfigurationKey(
            "applications[].devices[].altitude",
            "metres, -1000 to 100000",
            default: "unknown",
            example: "34",
            "Where it stands.",
        ),
        ConfigurationKey(
            "applications[].devices[].attributes",
            "names and texts",
            default: "{}",
            "Published with its uplinks, as in { room: \"12\" }.",
        ),
        ConfigurationKey(
            "applications[].devices[].disable_f_cnt_check",
            "true or false",
            default: "false",
            "True accepts replayed frames: for tests alone.",
        ),
        ConfigurationKey(
            "applications[].devices[].uses32_bit_f_cnt",
            "true or false",
            default: "true",
            "False for a device whose counters end at 65535.",
        ),
        ConfigurationKey(
            "applications[].devices[].resets_f_cnt",
            "true or false",
            default: "false",
            "True lets a personalised device begin at 0 again, which a replay can abuse.",
        ),
        ConfigurationKey(
            "applications[].devices[].adr",
            "true or false",
            default: "true",
            "Whether the network adapts its data rate and power.",
        ),
        ConfigurationKey(
            "applications[].devices[].f_cnt_up",
            "0 to 4294967295",
            default: "0",
            "The counter of its last uplink, when it comes from another network.",
        ),
        ConfigurationKey(
            "applications[].devices[].f_cnt_down",
            "0 to 4294967295",
            default: "0",
            "The counter of its next downlink, when it comes from another network.",
        ),
    ]
}
