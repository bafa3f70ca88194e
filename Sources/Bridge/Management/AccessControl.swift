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
    /// What became of a command.
    private struct Reply {
        /// What the plugin or the broker said; nil when it was done.
        var problem: String?
        /// The plugin's whole answer.
        var response: JSONValue?
    }

    /// The commands of one message.
    private struct Batch {
        var replies: [Reply]
        var left: Int
        let continuation: CheckedContinuation<[Reply], Never>

        init(_ count: Int, _ continuation: CheckedContinuation<[Reply], Never>) {
            replies = Array(repeating: Reply(), count: count)
            left = count
            self.continuation = continuation
        }
    }

    private struct State {
        var isServed: Bool?
        var waiters: [CheckedContinuation<Bool, Never>] = []
        /// Commands that are not answered, by correlation: their message and their place in it.
        var commands: [String: (batch: Int, index: Int)] = [:]
        /// Messages that are not wholly answered, by the number of their first command.
        var batches: [Int: Batch] = [:]
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
        let problem = await send([{ DynamicSecurity.listClients(correlation: $0) }], within: Self.firstPatience)[0]
            .problem
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
        let rules = AccessRule.rules(of: rights, applicationID: applicationID, prefix: prefix, tenant: tenant)
        // A user that somebody made by hand, such as the bridge's own, is not ours to replace.
        let present = await send([{ DynamicSecurity.getClient(user, correlation: $0) }])[0]
        if let response = present.response, present.problem == nil,
            !DynamicSecurity.rolesOfClient(in: response).contains(role)
        {
            throw ManagementFault(
                .alreadyExists,
                "the broker has a user \(user) that this service did not make: remove it there, or choose another name",
                field: "name",
            )
        }
        // What is left of a user of that name goes first; each change has the broker write its file, so all go at once.
        let replies = await send([
            { DynamicSecurity.deleteClient(user, correlation: $0) },
            { DynamicSecurity.deleteRole(role, correlation: $0) },
            { DynamicSecurity.createRole(role, rules, correlation: $0) },
            { DynamicSecurity.createClient(user, password: password, role: role, correlation: $0) },
        ])
        if let problem = replies[2].problem ?? replies[3].problem {
            await removeUser(user, role)
            throw Self.fault(problem)
        }
    }

    /// Takes the user of a key away; its connections end.
    func remove(_ name: String, of applicationID: String) async throws(ManagementFault) {
        guard await isServed() else { return }
        await removeUser(Self.username(applicationID, name), Self.role(applicationID, name))
    }

    /// Takes away every user that an application of that name had, such as one whose removal a crash cut short: who held
    /// a key of it shall not hold one of the next.
    func removeAll(of applicationID: String) async throws(ManagementFault) {
        guard await isServed() else { return }
        let reply = await send([{ DynamicSecurity.listRoles(correlation: $0) }])[0]
        if let problem = reply.problem { throw Self.fault(problem) }
        let start = Self.role(applicationID, "")
        for role in reply.response.map(DynamicSecurity.roles) ?? [] where role.hasPrefix(start) {
            await removeUser(Self.username(applicationID, String(role.dropFirst(start.count))), role)
        }
    }

    private func removeUser(_ user: String, _ role: String) async {
        // Either may be absent: then there is nothing to take away.
        _ = await send([
            { DynamicSecurity.deleteClient(user, correlation: $0) },
            { DynamicSecurity.deleteRole(role, correlation: $0) },
        ])
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

    /// Sends commands in one message.
    private func send(
        _ commands: [(String) -> JSONValue],
        within limit: Duration = patience,
    ) async -> [Reply] {
        let first = state.withLock { state in
            defer { state.last += commands.count }
            return state.last
        }
        let names = commands.indices.map { "ran-mqtt-bridge-\(first + $0)" }
        let message = DynamicSecurity.message(zip(commands, names).map { $0($1) })
        func resolveAll(_ problem: String) {
            for name in names { resolve(name, Reply(problem: problem)) }
        }
        // Both end with this function: whoever comes first answers.
        let timer = Task {
            try await Task.sleep(for: limit)
            resolveAll(Self.silence)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            state.withLock { state in
                state.batches[first] = Batch(names.count, continuation)
                for (index, name) in names.enumerated() { state.commands[name] = (first, index) }
            }
            // The answers come as messages of their own; what the broker says of the message itself comes here.
            Task {
                switch await publish(message) {
                case .refused(let reason, _): resolveAll("\(reason)")
                case .failed(let error): resolveAll(error.description)
                case nil: resolveAll("the connection ended")
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
            resolve(correlation, Reply(problem: response["error"]?.text, response: response))
        }
    }

    private func resolve(_ name: String, _ reply: Reply) {
        let batch = state.withLock { state -> Batch? in
            guard let (first, index) = state.commands.removeValue(forKey: name) else { return nil }
            state.batches[first]?.replies[index] = reply
            state.batches[first]?.left -= 1
            return state.batches[first]?.left == 0 ? state.batches.removeValue(forKey: first) : nil
        }
        batch?.continuation.resume(returning: batch?.replies ?? [])
    }
}
