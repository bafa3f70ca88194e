// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Configuration

@Suite struct RefusalTests {
    @Test("an unknown key is refused with its place and what was probably meant")
    func unknownKeys() {
        #expect(
            problems("mqtt:\n  usrname: x\nloging: {}\n") == [
                "bridge.yaml:4:3: mqtt.usrname: unknown key of mqtt; did you mean username?",
                "bridge.yaml:5:1: loging: unknown key; known here: applications, codec, coverages, log, metrics, "
                    + "mqtt, network, service, store",
            ]
        )
        let coverage = "{ name: eu, url: \"https://h/\", token: t, regon: EU868 }"
        #expect(
            problems(coverage: coverage) == [
                "bridge.yaml:2:5: coverages[0].region: not given; expected one of EU868, EU433, RU864, IN865, KR920, "
                    + "AS923-1, AS923-2, AS923-3, AS923-4, US915, AU915, CN470",
                "bridge.yaml:2:46: coverages[0].regon: unknown key of coverages[0]; did you mean region?",
            ]
        )
    }

    @Test(
        "a wrong value is refused with what was found and what was expected",
        arguments: [
            (
                "network: { merge_window_ms: fast }",
                "bridge.yaml:3:29: network.merge_window_ms: found fast; expected a whole number from 0 to 2000"
            ),
            (
                "network: { merge_window_ms: \"200\" }",
                "bridge.yaml:3:29: network.merge_window_ms: found the text \"200\"; expected a whole number from 0 to 2000; "
                    + "write it without quotes"
            ),
            (
                "network: { merge_window_ms: 2001 }",
                "bridge.yaml:3:29: network.merge_window_ms: found 2001; expected a whole number from 0 to 2000"
            ),
            (
                "network: { merge_window_ms: [200] }",
                "bridge.yaml:3:29: network.merge_window_ms: found a list; expected a whole number from 0 to 2000"
            ),
            (
                "network: { rx1_delay_s: 1.5 }",
                "bridge.yaml:3:25: network.rx1_delay_s: found 1.5; expected a whole number from 1 to 15"
            ),
            (
                "network: { net_id: 13 }",
                "bridge.yaml:3:20: network.net_id: found \"13\"; expected 6 hexadecimal digits, such as 000013; "
                    + "did you mean \"000013\"?"
            ),
            (
                "network: { answer_window_ms: 5000 }",
                "bridge.yaml:3:30: network.answer_window_ms: is not below rx1_delay_s (5 s): every answer would be late"
            ),
            (
                "mqtt: { formats: v2 }",
                "bridge.yaml:3:18: mqtt.formats: found a single value; expected a list: v2, v3"
            ),
            (
                "mqtt: { formats: [v2, v4] }",
                "bridge.yaml:3:18: mqtt.formats: found \"v4\"; expected a list of v2, v3; did you mean v2?"
            ),
            (
                "mqtt: { formats: [] }",
                "bridge.yaml:3:18: mqtt.formats: found an empty list; expected one or several of v2, v3"
            ),
            (
                "mqtt: { url: \"http://h\" }",
                "bridge.yaml:3:14: mqtt.url: found \"http://h\"; expected a URL that begins with mqtt://, mqtts://, "
                    + "tcp://, ssl://, tls://"
            ),
            (
                "mqtt: { url: \"mqtt://user:pass@h\" }",
                "bridge.yaml:3:14: mqtt.url: found a URL with a user name; expected one without: user name, password and "
                    + "token have keys of their own"
            ),
            (
                "mqtt: { url: \"mqtt://h:70000\" }",
                "bridge.yaml:3:14: mqtt.url: found \"mqtt://h:70000\"; expected a port from 1 to 65535"
            ),
            (
                "mqtt: { clean_session: maybe }",
                "bridge.yaml:3:24: mqtt.clean_session: found maybe; expected true or false"
            ),
            (
                "mqtt: { password: x }",
                "bridge.yaml:3:7: mqtt.username: not given; expected a name, as a password is given"
            ),
            (
                "mqtt: { tls: { certificate_file: /c.pem } }",
                "bridge.yaml:3:14: mqtt.tls.private_key_file: not given; expected the key of certificate_file"
            ),
            (
                "mqtt: here",
                "bridge.yaml:3:7: mqtt: found a single value; expected a group of keys"
            ),
            (
                "store: { url: /var/lib/bridge.db }",
                "bridge.yaml:3:15: store.url: found \"/var/lib/bridge.db\"; expected sqlite: and the path of a file, such "
                    + "as sqlite:/var/lib/ran-mqtt-bridge/bridge.db; did you mean sqlite:/var/lib/bridge.db?"
            ),
            (
                "log: { level: warn }",
                "bridge.yaml:3:15: log.level: found \"warn\"; expected debug, info, warning, error"
            ),
            (
                "log: { level: inf }",
                "bridge.yaml:3:15: log.level: found \"inf\"; expected debug, info, warning, error; did you mean info?"
            ),
            (
                "applications: [{ id: My Meters }]",
                "bridge.yaml:3:22: applications[0].id: found \"My Meters\"; expected 2 to 36 lower case letters and "
                    + "digits, with single - or _ between them; did you mean my-meters?"
            ),
            (
                "applications: [{ id: admin }]",
                "bridge.yaml:3:22: applications[0].id: admin is a word of the topics; expected another name"
            ),
            (
                "applications: { id: meters }",
                "bridge.yaml:3:15: applications: found a group of keys; expected a list"
            ),
            (
                "applications: [{ id: meters }, { id: meters }]",
                "bridge.yaml:3:38: applications[1].id: meters is another's id in this list, first on line 3"
            ),
        ]
    )
    func wrongValues(text: String, expected: String) {
        #expect(problems(text) == [expected])
    }

    @Test(
        "a device's keys must make one activation",
        arguments: [
            (
                "app_key: KEY",
                "join_eui: not given; expected 16 hexadecimal digits, here or as app_eui: the device joins "
                    + "with it"
            ),
            ("", "app_key: not given; expected app_key for a device that joins, or dev_addr, nwk_s_key and app_s_key"),
            ("dev_addr: 26011234, nwk_s_key: KEY", "app_s_key: not given; expected 32 hexadecimal digits"),
            ("nwk_s_key: KEY, app_s_key: KEY", "dev_addr: not given; expected 8 hexadecimal digits"),
            (
                "join_eui: 0000000000000001, app_key: KEY, lorawan_version: 1.1",
                "nwk_key: not given; expected 32 hexadecimal digits, for version 1.1"
            ),
        ]
    )
    func activations(keys: String, expected: String) {
        let keys = keys.replacing("KEY", with: "00112233445566778899aabbccddeeff")
        let separator = keys.isEmpty ? "" : ", "
        let text = "applications: [{ id: m1, devices: [{ id: a1, dev_eui: 0000000000000001\(separator)\(keys) }] }]"
        #expect(problems(text) == ["bridge.yaml:3:36: applications[0].devices[0].\(expected)"])
    }

    @Test("what a device cannot have is refused at its own place, keys unshown")
    func devices() {
        let text = """
            applications:
              - id: meters
                devices:
                  - { id: a1, dev_eui: 70-B3-D5-7E-D0-00-00-01, app_eui: 0000000000000001, app_key: 0011 }
                  - id: b1
                    dev_eui: 0000000000000002
                    join_eui: 0000000000000001
                    app_key: 00112233445566778899aabbccddeeff
                    dev_addr: 26011234
                  - id: b1
                    dev_eui: 0000000000000002
                    join_eui: 0000000000000001
                    app_eui: 0000000000000002
                    app_key: 00112233445566778899aabbccddeeff
                    latitude: 91
                    coverage: ue
                    region: EU86
                    class: D
            """
        #expect(
            problems(text) == [
                "bridge.yaml:6:28: applications[0].devices[0].dev_eui: found \"70-B3-D5-7E-D0-00-00-01\"; expected 16 "
                    + "hexadecimal digits; write it as 70B3D57ED0000001",
                "bridge.yaml:6:89: applications[0].devices[0].app_key: found a text of 4 characters; expected 32 "
                    + "hexadecimal digits",
                "bridge.yaml:11:19: applications[0].devices[1].dev_addr: given beside app_key; expected either the keys "
                    + "of a join (app_key) or those of a session (dev_addr, nwk_s_key, app_s_key)",
                "bridge.yaml:12:9: applications[0].devices[2].longitude: not given; expected both of a position or neither",
                "bridge.yaml:12:13: applications[0].devices[2].id: b1 is another's id in this list, first on line 7",
                "bridge.yaml:13:18: applications[0].devices[2].dev_eui: 0000000000000002 is another device's (first on "
                    + "line 8); expected one of its own",
                "bridge.yaml:15:18: applications[0].devices[2].app_eui: differs from join_eui, which is its other name; "
                    + "expected one of them",
                "bridge.yaml:17:19: applications[0].devices[2].latitude: found 91; expected a number from -90 to 90",
                "bridge.yaml:18:19: applications[0].devices[2].coverage: found \"ue\"; expected the name of one of the "
                    + "coverages: eu; did you mean eu?",
                "bridge.yaml:19:17: applications[0].devices[2].region: found \"EU86\"; expected one of EU868, EU433, RU864, "
                    + "IN865, KR920, AS923-1, AS923-2, AS923-3, AS923-4, US915, AU915, CN470; did you mean EU868?",
                "bridge.yaml:20:16: applications[0].devices[2].class: found \"D\"; expected A, B or C",
            ]
        )
    }

    @Test("plain text to another machine needs permission, to this one it does not")
    func plainText() {
        func coverage(_ url: String, _ more: String = "") -> [String] {
            problems(coverage: "{ name: eu, url: \"\(url)\", token: t, region: EU868\(more) }")
        }
        #expect(
            coverage("http://ran.example/api") == [
                "bridge.yaml:2:22: coverages[0].url: http://ran.example is not encrypted and not this machine: token and "
                    + "traffic can be read; write https://, or permit it with allow_plain_text: true"
            ]
        )
        for url in ["http://127.0.0.1:80/api", "ws://localhost/a", "http://[::1]:8080", "http://127.9.9.9"] {
            #expect(coverage(url) == [])
        }
        #expect(coverage("http://127.evil.example/").count == 1)
        #expect(coverage("http://ran.example/api", ", allow_plain_text: true") == [])
    }

    @Test("coverages are needed, and their names are unique")
    func coverages() {
        func load(_ text: String) -> String {
            do throws(ConfigurationErrors) {
                _ = try BridgeConfiguration.load(text: text, file: "f", environment: [:])
                return ""
            } catch {
                return error.description
            }
        }
        let missing = "coverages: not given; expected a list with at least one coverage of the RAN"
        #expect(load("") == "f: \(missing)")
        #expect(load("mqtt: {}") == "f:1:1: \(missing)")
        #expect(load("[]") == "f: \(missing)\nf:1:1: found a list; expected keys such as coverages and mqtt")
        let coverage = "{ name: eu, url: 'https://h', token: t, region: EU868 }"
        #expect(
            load("coverages:\n - \(coverage)\n - \(coverage)")
                == "f:3:12: coverages[1].name: eu is another's name in this list, first on line 2"
        )
    }

    @Test(
        "what is no YAML, or more than a configuration is, is refused with its place",
        arguments: [
            (
                "mqtt: { url: [",
                "bridge.yaml:4:1: not YAML: did not find expected node content, while parsing a flow node"
            ),
            (
                "mqtt:\n\turl: x",
                "bridge.yaml:4:1: not YAML: found character that cannot start any token, while scanning "
                    + "for the next token"
            ),
            ("mqtt: {}\nmqtt: {}", "bridge.yaml:4:1: the key mqtt is given twice, first on line 3"),
            ("mqtt: *none", "bridge.yaml:3:7: the alias *none names no finished anchor &none"),
            ("mqtt: !secret x", "bridge.yaml:3:7: the tag !secret is not known; write the value without it"),
            ("? [a]\n: b", "bridge.yaml:3:3: a list or a group stands where a key is expected"),
            ("---\nmqtt: {}", "bridge.yaml:3:1: a second document begins; expected one document"),
        ]
    )
    func notYAML(text: String, expected: String) {
        #expect(problems(text) == [expected])
    }

    @Test("a document that multiplies itself through aliases is refused quickly")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\([String](repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(problems(text).first?.contains("the document holds more than 5000000 values") == true)
        let deep = "mqtt: " + String(repeating: "[", count: 5000)
        #expect(problems(deep).first?.contains("nested deeper than 64 levels") == true)
    }
}
