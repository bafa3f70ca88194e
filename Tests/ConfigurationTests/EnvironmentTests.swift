// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Testing

@testable import Configuration

@Suite struct EnvironmentTests {
    @Test("${NAME} stands for a variable, in numbers too; ${NAME:-text} has a text for when it is not set")
    func substitution() throws {
        let configuration = try load(
            """
            mqtt: { url: "mqtt://${HOST}:${PORT:-1883}", keep_alive_s: "${KEEP}", username: "a$b", password: "$${x}${P}" }
            """,
            environment: ["HOST": "broker", "KEEP": "77", "P": "p: [w"],
        )
        #expect(configuration.mqtt.url == "mqtt://broker:1883")
        #expect(configuration.mqtt.keepAlive == .seconds(77))
        #expect(configuration.mqtt.username == "a$b")
        #expect(configuration.mqtt.password?.revealed == "${x}p: [w")
    }

    @Test(
        "a variable that is not set is refused with its name",
        arguments: [
            ("${RAN_TOKN}", "the environment variable RAN_TOKN is not set; did you mean RAN_TOKEN?"),
            ("${NOTHING}", "the environment variable NOTHING is not set"),
            ("${open", "a ${ without its }; write $${ for the characters ${ themselves"),
            ("${a b}", "${a b} does not name an environment variable; write $${ for the characters ${ themselves"),
            ("${EMPTY}", "found an empty text; expected the access token of the coverage"),
        ]
    )
    func unset(token: String, expected: String) {
        let coverage = "{ name: eu, url: \"https://h\", token: \"\(token)\", region: EU868 }"
        let found = problems(coverage: coverage, environment: ["RAN_TOKEN": "x", "EMPTY": ""])
        #expect(found == ["bridge.yaml:2:42: coverages[0].token: \(expected)"])
    }

    @Test("every kind of value can be overridden, elements of lists by name or by index")
    func overrides() throws {
        let text = """
            mqtt: { keep_alive_s: 5 }
            applications:
              - id: my-meters
                devices:
                  - { id: a1, dev_eui: 0000000000000001, app_eui: 0000000000000009, app_key: 00112233445566778899001122334455, attributes: { room: "1" } }
            """
        let configuration = try load(
            text,
            environment: [
                "RAN_MQTT_BRIDGE_COVERAGES_EU_TOKEN": "by-name",
                "RAN_MQTT_BRIDGE_COVERAGES_0_TOKEN": "by-index",
                "RAN_MQTT_BRIDGE_COVERAGES_0_UPSTREAM_CONNECTIONS": "4",
                "RAN_MQTT_BRIDGE_MQTT_KEEP_ALIVE_S": "60",
                "RAN_MQTT_BRIDGE_MQTT_FORMATS": "v3, v2",
                "RAN_MQTT_BRIDGE_MQTT_TLS_CA_FILE": "/ca.pem",
                "RAN_MQTT_BRIDGE_LOG_LEVEL": "debug",
                "RAN_MQTT_BRIDGE_STORE_URL": "sqlite:/tmp/${x}.db",
                "RAN_MQTT_BRIDGE_APPLICATIONS_MY_METERS_DEVICES_A1_CLASS": "c",
                "RAN_MQTT_BRIDGE_APPLICATIONS_0_DEVICES_0_ATTRIBUTES_ROOM": "2",
                "RAN_MQTT_BRIDGE_CONFIG": "/etc/bridge.yaml",
                "RAN_MQTT_BRIDGE_PORT": "tcp://10.0.0.1:1883",
                "RAN_MQTT_BRIDGE_PORT_1883_TCP_ADDR": "10.0.0.1",
                "RAN_MQTT_BRIDGE_SERVICE_HOST": "10.0.0.1",
            ],
        )
        #expect(configuration.coverages[0].token.revealed == "by-name")
        #expect(configuration.coverages[0].upstreamConnections == 4)
        #expect(configuration.mqtt.keepAlive == .seconds(60))
        #expect(configuration.mqtt.formats == [.v2, .v3])
        #expect(configuration.mqtt.tls.authorityFile == "/ca.pem")
        #expect(configuration.log.level == .debug)
        #expect(configuration.store.path == "/tmp/${x}.db")
        #expect(configuration.applications[0].devices[0].deviceClass == .c)
        #expect(configuration.applications[0].devices[0].attributes == ["room": "2"])
    }

    @Test("a variable with a wrong value or an unknown name is refused by its name, secrets unshown")
    func refusals() {
        let found = problems(environment: [
            "RAN_MQTT_BRIDGE_MQTT_KEEP_ALIVE_S": "soon",
            "RAN_MQTT_BRIDGE_MQT_URL": "hidden",
            "RAN_MQTT_BRIDGE_COVERAGES_US_TOKEN": "hidden",
        ])
        #expect(
            found == [
                "environment variable RAN_MQTT_BRIDGE_MQTT_KEEP_ALIVE_S: mqtt.keep_alive_s: found soon; expected a whole "
                    + "number from 5 to 65535",
                "environment variable RAN_MQTT_BRIDGE_COVERAGES_US_TOKEN: no key of the configuration has this name; did "
                    + "you mean RAN_MQTT_BRIDGE_COVERAGES_EU_TOKEN?",
                "environment variable RAN_MQTT_BRIDGE_MQT_URL: no key of the configuration has this name; did you mean "
                    + "RAN_MQTT_BRIDGE_MQTT_URL?",
            ]
        )
    }
}
