// SPDX-License-Identifier: Apache-2.0

/// Makes the two clients of an application: one for its traffic, one for its management.
public final class HandlerClient: Sendable {
    private let appID: String
    private let accessKey: String
    private let address: String
    private let options: ConnectionOptions

    /// - Parameters:
    ///   - appID: the application's id; for a further key followed by `/` and that key's name.
    ///   - accessKey: an access key; `application()` needs its right `settings`.
    ///   - address: the broker: `host`, `host:port`, `mqtt://host:port` or `mqtts://host:port`.
    public init(
        appID: String,
        accessKey: String,
        address: String,
        options: ConnectionOptions = ConnectionOptions(),
    ) {
        self.appID = appID
        self.accessKey = accessKey
        self.address = address
        self.options = options
    }

    /// A client of the application's traffic.
    public func data() throws(TTNClientError) -> MQTTClient {
        try MQTTClient(appID: appID, accessKey: accessKey, address: address, options: options(named: "data"))
    }

    /// A client that manages the application.
    public func application() throws(TTNClientError) -> ApplicationClient {
        try ApplicationClient(
            appID: appID,
            accessKey: accessKey,
            address: address,
            options: options(named: "application"),
        )
    }

    /// Two clients must not share a session's name.
    private func options(named name: String) -> ConnectionOptions {
        var options = options
        options.clientID = options.clientID.map { "\($0)-\(name)" }
        return options
    }
}
