// SPDX-License-Identifier: Apache-2.0

/// The users that `scripts/broker-users` makes for mosquitto's dynamic security plugin.
public enum BrokerUsers {
    public static let admin = (name: "admin", password: "test-admin-password")
    public static let bridge = (name: "bridge", password: "test-bridge-password")

    /// Where Debian keeps the plugin.
    public static var pluginDirectory: String {
        #if arch(arm64)
            "/usr/lib/aarch64-linux-gnu/"
        #else
            "/usr/lib/x86_64-linux-gnu/"
        #endif
    }

    /// A broker that lets in those users alone, and those whom the bridge adds.
    public static let configuration = """
        listener {port} 127.0.0.1
        allow_anonymous false
        plugin \(pluginDirectory)mosquitto_dynamic_security.so
        plugin_opt_config_file {directory}/dynamic-security.json
        """

    /// Makes `dynamic-security.json` in a directory.
    public static func make(in directory: TemporaryDirectory) async throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        try await ChildProcess.run(
            "bash",
            [
                "-c",
                "ADMIN_PASSWORD=\(admin.password) BRIDGE_PASSWORD=\(bridge.password) "
                    + "PLUGIN=\(pluginDirectory)mosquitto_dynamic_security.so exec /\(root)/scripts/broker-users "
                    + directory.file("dynamic-security.json"),
            ],
        )
    }
}
