// SPDX-License-Identifier: Apache-2.0
import MQTTShim
import Testing

@Suite struct AddressTests {
    @Test(
        "a URL names scheme, host and port, and the port has a default",
        arguments: [
            ("mqtt://127.0.0.1:1884", "127.0.0.1", 1884, false),
            ("mqtt://broker", "broker", 1883, false),
            ("mqtts://broker.example/", "broker.example", 8883, true),
            ("MQTTS://broker:443", "broker", 443, true),
            ("mqtt://[::1]:1885", "::1", 1885, false),
            ("mqtt://[fe80::1]", "fe80::1", 1883, false),
        ] as [(String, String, UInt16, Bool)]
    )
    func parses(url: String, host: String, port: UInt16, usesTLS: Bool) throws {
        #expect(try MQTTBrokerAddress(url: url) == MQTTBrokerAddress(host: host, port: port, usesTLS: usesTLS))
    }

    @Test("a wrong URL is refused with its problem")
    func refuses() {
        let cases = [
            ("broker:1883", "no scheme"), ("http://broker", "'http'"), ("mqtt://", "no host"),
            ("mqtt://broker:0", "no port"), ("mqtt://broker:70000", "no port"), ("mqtt://::1", "brackets"),
            ("mqtt://broker/path", "more than"), ("mqtt://[::1", "unclosed"),
        ]
        for (url, problem) in cases {
            let error = #expect(throws: MQTTError.self) { try MQTTBrokerAddress(url: url) }
            #expect(error?.description.contains(problem) == true, "\(url): \(String(describing: error))")
        }
    }

    @Test("a password in a URL is refused without repeating it")
    func secretInURL() {
        let error = #expect(throws: MQTTError.self) { try MQTTBrokerAddress(url: "mqtt://joe:s3cret@broker") }
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.contains("username and password") == true)
    }

    @Test("a password never shows itself")
    func password() {
        var configuration = MQTTConfiguration(broker: MQTTBrokerAddress(host: "h", port: 1), clientID: "c")
        configuration.username = "joe"
        configuration.password = "s3cret"
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration)".contains("s3cret"))
        #expect(!String(reflecting: configuration).contains("s3cret"))
        #expect(!dumped.contains("s3cret"))
        #expect("\(MQTTPassword("x"))" == "***")
    }
}
