// SPDX-License-Identifier: Apache-2.0
public import JSON

/// Commands to mosquitto's dynamic security plugin.
public enum DynamicSecurity {
    /// Where commands go.
    public static let commandTopic = "$CONTROL/dynamic-security/v1"
    /// Where the answers to this client come from.
    public static let responseTopic = "$CONTROL/dynamic-security/v1/response"

    /// One message with these commands; the plugin carries them out in order and answers each.
    public static func message(_ commands: [JSONValue]) -> [UInt8] {
        var json = JSONWriter()
        json.value(["commands": .array(commands)])
        return json.bytes
    }

    /// Asks for the names of all users: changes nothing and needs the administrator's right.
    public static func listClients(correlation: String) -> JSONValue {
        ["command": "listClients", "verbose": false, "count": -1, "offset": 0, "correlationData": .string(correlation)]
    }

    /// Asks for the names of all roles, to be read with `roles(in:)`.
    public static func listRoles(correlation: String) -> JSONValue {
        ["command": "listRoles", "verbose": false, "count": -1, "offset": 0, "correlationData": .string(correlation)]
    }

    /// The names in the answer to `listRoles`.
    public static func roles(in response: JSONValue) -> [String] {
        (response["data"]?["roles"]?.elements ?? []).compactMap(\.text)
    }

    /// Asks for a user, to be read with `rolesOfClient(in:)`; an error when there is none.
    public static func getClient(_ name: String, correlation: String) -> JSONValue {
        ["command": "getClient", "username": .string(name), "correlationData": .string(correlation)]
    }

    /// The names of the user's roles in the answer to `getClient`.
    public static func rolesOfClient(in response: JSONValue) -> [String] {
        (response["data"]?["client"]?["roles"]?.elements ?? []).compactMap { $0["rolename"]?.text }
    }

    /// Makes a role that permits exactly these rules.
    public static func createRole(_ name: String, _ rules: [AccessRule], correlation: String) -> JSONValue {
        [
            "command": "createRole", "rolename": .string(name), "acls": .array(rules.flatMap(entries)),
            "correlationData": .string(correlation),
        ]
    }

    /// Makes a user with one role.
    public static func createClient(
        _ name: String,
        password: String,
        role: String,
        correlation: String,
    ) -> JSONValue {
        [
            "command": "createClient", "username": .string(name), "password": .string(password),
            "roles": [["rolename": .string(role), "priority": -1]], "correlationData": .string(correlation),
        ]
    }

    public static func deleteClient(_ name: String, correlation: String) -> JSONValue {
        ["command": "deleteClient", "username": .string(name), "correlationData": .string(correlation)]
    }

    public static func deleteRole(_ name: String, correlation: String) -> JSONValue {
        ["command": "deleteRole", "rolename": .string(name), "correlationData": .string(correlation)]
    }

    /// What the plugin calls a rule. An exception goes before what it is excepted from.
    private static func entries(_ rule: AccessRule) -> [JSONValue] {
        func entry(_ type: String, _ priority: Int64, _ allows: Bool) -> JSONValue {
            [
                "acltype": .string(type), "topic": .string(rule.filter), "priority": .integer(priority),
                "allow": .bool(allows),
            ]
        }
        switch rule.direction {
        case .write: return [entry("publishClientSend", 0, true)]
        case .read: return [entry("subscribePattern", 0, true), entry("publishClientReceive", 0, true)]
        case .hidden: return [entry("subscribePattern", 10, false), entry("publishClientReceive", 10, false)]
        }
    }
}
