// SPDX-License-Identifier: Apache-2.0
import JSON
import TestSupport

/// A broker with the dynamic-security plugin that lets everybody in without a log-in and refuses what a test names.
enum RestrictedBroker {
    /// Filters that may not be subscribed to.
    static func with(
        refusingSubscriptions filters: [String],
        _ body: (BrokerProcess) async throws -> Void,
    ) async throws {
        let directory = try TemporaryDirectory("dynsec")
        let rules = filters.map { filter -> JSONValue in
            ["acltype": "subscribeLiteral", "topic": .string(filter), "priority": 10, "allow": false]
        }
        let security: JSONValue = [
            "defaultACLAccess": [
                "publishClientSend": true, "publishClientReceive": true, "subscribe": true, "unsubscribe": true,
            ],
            "clients": [],
            "roles": [["rolename": "everybody", "acls": .array(rules)]],
            "groups": [["groupname": "everybody", "clients": [], "roles": [["rolename": "everybody"]]]],
            "anonymousGroup": "everybody",
        ]
        try directory.write(security.jsonText, to: "dynamic-security.json")
        let configuration =
            BrokerProcess.open + """

                plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so
                plugin_opt_config_file {directory}/dynamic-security.json

                """
        try await BrokerProcess.with(configuration, directory: directory) { try await body($0) }
    }
}
