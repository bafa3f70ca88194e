// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import MQTTShim
internal import Management
internal import Observability
internal import Synchronization

/// Whether the bridge keeps the broker's users in line with access keys.
public enum AccessControlMode: String, Hashable, Sendable, CaseIterable {
    /// If the broker has mosquitto's dynamic security plugin and lets the bridge drive it.
    case automatic = "auto"
    /// Through that plugin; without it keys cannot be made.
    case dynamicSecurity = "dynsec"
    /// Not at all.
    case off
}

/// Drives mosquitto's dynamic security plugin: one user and one role for each access key.
final class AccessControl: Sendable {
    private struct State {
        var isServed: Bool?
        var waiters: [CheckedContinuation<Bool, Never>] = []
        /// Commands that are not answered, by correlation.
        var commands: [String: CheckedContinuation<String?, Never>] = [:]
        var last = 0
    }

    /// A message of the plugin that was not refused and not answered.
    private static let silence = "no answer"
    private static let patience: Duration = .seconds(10)
    private static let firstPatience: Duration = .seconds(3)

    let mode: AccessControlMode
    private let prefix: String
    private let tenant: String?
    private let logger: Logger
    private let state = Mutex(State())
    /// Publishes a command message and tells what the broker said.
    private let publish: @Sendable ([UInt8]) async -> MQTTPublishOutcome?

    init(
        mode: AccessControlMode,
        prefix: String,
        tenant: String?,
        logger: Logger,
        publish: @escaping @Sendable ([UInt8]) async -> MQTTPublishOutcome?,
    ) {
        self.mode = mode
        self.prefix = prefix
        self.tenant = tenant
        self.logger = logger
        self.publish = publish
        if mode == .off { state.withLock { $0.isServed = false } }
    }

    /// The user that a key logs in as.
    static func username(_ applicationID: String, _ key: String) -> String {
        key == "default" ? applicationID : "\(applicationID)/\(key)"
    }

    private static func role(_ applicationID: String, _ key: String) -> String { "key:\(applicationID)/\(key)" }

    /// Asks the broker whether it has the plugin; to be called when the connection stands.
    func begin() async {
        guard mode != .off else { return }
        let problem = await send(within: Self.firstPatience) { DynamicSecurity.listClients(correlation: $0) }
        let isServed = problem == nil
        if let problem, mode == .dynamicSecurity {
            logger.error("access_control_missing", ["error": problem])
        } else {
            logger.info(isServed ? "access_control_served" : "access_control_off", ["error": problem ?? "-"])
        }
        let waiters = state.withLock { state in
            state.isServed = isServed
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: isServed) }
    }

    /// Whether keys can be made and taken back here.
    func isServed() async -> Bool {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Bool? in
                if state.isServed == nil { state.waiters.append(continuation) }
                return state.isServed
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Makes the user of a key, in place of one of the same name.
    func add(
        _ name: String,
        of applicationID: String,
        rights: [AccessRight],
        password: String,
    ) async throws(ManagementFault) {
        try await requireService()
        let (user, role) = (Self.username(applicationID, name), Self.role(applicationID, name))
        await removeUser(user, role)
        let rules = AccessRule.rules(of: rights, applicationID: applicationID, prefix: prefix, tenant: tenant)
        if let problem = await send({ DynamicSecurity.createRole(role, rules, correlation: $0) }) {
            throw Self.fault(problem)
        }
        let problem = await send {
            DynamicSecurity.createClient(user, password: password, role: role, correlation: $0)
        }
        if let problem {
            _ = await send { DynamicSecurity.deleteRole(role, correlation: $0) }
            throw Self.fault(problem)
        }
    }

    /// Takes the user of a key away; its connections end.
    func remove(_ name: String, of applicationID: String) async throws(ManagementFault) {
        guard await isServed() else { return }
        await removeUser(Self.username(applicationID, name), Self.role(applicationID, name))
    }

    private func removeUser(_ user: String, _ role: String) async {
        // Either may be absent: then there is nothing to take away.
        _ = await send { DynamicSecurity.deleteClient(user, correlation: $0) }
        _ = await send { DynamicSecurity.deleteRole(role, correlation: $0) }
    }

    private func requireService() async throws(ManagementFault) {
        guard await isServed() else {
            throw ManagementFault(
                .failedPrecondition,
                "the bridge does not drive this broker's access control (mqtt.access_control: \(mode.rawValue)); load "
                    + "mosquitto's dynamic security plugin, or write the users into the broker's own files",
            )
        }
    }

    private static func fault(_ problem: String) -> ManagementFault {
        ManagementFault(
            problem == silence ? .unavailable : .internal,
            "the broker's dynamic security plugin says: \(problem)",
        )
    }

    // MARK: Commands

    /// Sends one command.
    ///
    /// - Returns: nil when it was done, else what the plugin or the broker said.
    private func send(
        within limit: Duration = patience,
        _ command: (String) -> JSONValue,
    ) async -> String? {
        let correlation = state.withLock { state in
            state.last += 1
            return "ran-mqtt-bridge-\(state.last)"
        }
        let message = DynamicSecurity.message([command(correlation)])
        // Ends with this function: whoever comes first answers.
        let timer = Task {
            try await Task.sleep(for: limit)
            resolve(correlation, Self.silence)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            state.withLock { $0.commands[correlation] = continuation }
            // The answer comes as a message of its own; what the broker says of the command itself comes here.
            Task {
                switch await publish(message) {
                case .refused(let reason, _): resolve(correlation, "\(reason)")
                case .failed(let error): resolve(correlation, error.description)
                case nil: resolve(correlation, "the connection ended")
                case .acknowledged, .noSubscribers: break
                }
            }
        }
    }

    /// Takes a message of the plugin.
    func receive(_ message: [UInt8]) {
        let responses: [JSONValue]
        do throws(JSONSyntaxError) {
            responses = try JSONValue(parsing: message)["responses"]?.elements ?? []
        } catch {
            return logger.warning("access_control_unreadable", ["error": error.description])
        }
        for response in responses {
            guard let correlation = response["correlationData"]?.text else { continue }
            resolve(correlation, response["error"]?.text)
        }
    }

    private func resolve(_ correlation: String, _ problem: String?) {
        let waiter = state.withLock { $0.commands.removeValue(forKey: correlation) }
        waiter?.resume(returning: problem)
    }
}
