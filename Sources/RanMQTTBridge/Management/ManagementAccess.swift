// SPDX-License-Identifier: Apache-2.0
internal import Configuration
internal import TTNClient

/// Which broker a management command speaks to, and as whom.
struct ManagementAccess: Sendable {
    static let options: Set<String> = [
        "--url", "--username", "--password", "--ca-file", "--topic-prefix", "--protocol", "--timeout", "--config",
    ]

    static let help = """
        where, and as whom:
          --url URL             the broker; else the environment's MQTT_URL, else mqtt://127.0.0.1:1883
          --username NAME       an application's id, that with / and a key's name, or an operator; else MQTT_USERNAME
          --password KEY        its access key or password; better MQTT_PASSWORD: other users see command lines
          --ca-file FILE        trust these certificates (PEM) in place of the system's, with mqtts://
          --topic-prefix TEXT   the bridge's mqtt.topic_prefix
          --config FILE         take all of it from the bridge's configuration
          --protocol VERSION    5 or 3.1.1; both are tried without it
          --timeout SECONDS     how long to wait for an answer; 30 without it
          --json                JSON for scripts in place of a table
        """

    let url: String
    let username: String
    let password: String
    let options: ConnectionOptions

    /// What the words and the environment say.
    ///
    /// - Throws: `UsageError` or `ConfigurationErrors`.
    static func find(_ arguments: Arguments, environment: [String: String]) throws -> ManagementAccess {
        var options = ConnectionOptions()
        options.requestTimeout = .seconds(try arguments.seconds("--timeout") ?? 30)
        switch arguments.options["--protocol"] {
        case nil, "auto": break
        case "5": options.protocolVersion = .v5
        case "3.1.1": options.protocolVersion = .v311
        case let word?: throw UsageError("--protocol is 5 or 3.1.1, not '\(word)'")
        }
        guard let file = arguments.options["--config"] else {
            options.authorityFile = arguments.options["--ca-file"]
            options.topicPrefix = arguments.options["--topic-prefix"] ?? ""
            return ManagementAccess(
                url: arguments.options["--url"] ?? environment["MQTT_URL"] ?? "mqtt://127.0.0.1:1883",
                username: arguments.options["--username"] ?? environment["MQTT_USERNAME"] ?? "",
                password: arguments.options["--password"] ?? environment["MQTT_PASSWORD"] ?? "",
                options: options,
            )
        }
        for option in ["--url", "--username", "--password", "--ca-file", "--topic-prefix"]
        where arguments.options[option] != nil {
            throw UsageError("\(option) and --config exclude each other: the file says it")
        }
        let mqtt = try BridgeConfiguration.load(file: file, environment: environment).mqtt
        options.authorityFile = mqtt.tls.authorityFile
        options.certificateFile = mqtt.tls.certificateFile
        options.privateKeyFile = mqtt.tls.privateKeyFile
        options.topicPrefix = mqtt.topicPrefix
        return ManagementAccess(
            url: mqtt.url,
            username: mqtt.username ?? "",
            password: mqtt.password?.revealed ?? "",
            options: options,
        )
    }

    /// A channel to the bridge.
    func channel() throws(TTNClientError) -> RequestChannel {
        try RequestChannel(address: url, username: username, accessKey: password, options: options)
    }
}

extension Arguments {
    /// The value of an option in whole seconds above zero.
    fileprivate func seconds(_ name: String) throws(UsageError) -> Int? {
        guard let text = options[name] else { return nil }
        guard let seconds = Int(text), (1...3600).contains(seconds) else {
            throw UsageError("\(name) is a whole number of seconds from 1 to 3600, not '\(text)'")
        }
        return seconds
    }
}
