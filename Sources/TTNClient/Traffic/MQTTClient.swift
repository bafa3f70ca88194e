// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import MQTTShim
internal import Synchronization

/// Hears an application's devices and sends to them.
///
/// Ask for sequences first, then `connect`: what comes before somebody reads is not kept. The client stays connected
/// until it is closed, and `connect` connects a closed one again.
public final class MQTTClient: Sendable {
    private struct State {
        var link: Link?
        var wanted: Set<TrafficTopics.Kind> = []
    }

    /// The application.
    public let appID: String
    private let login: Login
    private let options: ConnectionOptions
    private let topics: TrafficTopics
    private let desk: TrafficDesk
    private let state = Mutex(State())

    /// Makes a client; `connect` connects it.
    ///
    /// - Parameters:
    ///   - appID: the application's id; for a further key followed by `/` and that key's name.
    ///   - accessKey: an access key with the rights `messages:up:r` and `messages:down:w`; empty on a broker without
    ///     log-ins.
    ///   - address: the broker: `host`, `host:port`, `mqtt://host:port` or `mqtts://host:port`.
    public convenience init(
        appID: String,
        accessKey: String,
        address: String,
        options: ConnectionOptions = ConnectionOptions(),
    ) throws(TTNClientError) {
        try self.init(appID: appID, accessKey: accessKey, address: address, options: options, username: appID)
    }

    /// Makes a client that logs in under another name than the application's, such as an operator's.
    public init(
        appID: String,
        accessKey: String,
        address: String,
        options: ConnectionOptions = ConnectionOptions(),
        username: String,
    ) throws(TTNClientError) {
        self.appID = try Login.applicationID(of: appID)
        login = try Login(address: address, username: username, accessKey: accessKey)
        self.options = options
        topics = TrafficTopics(prefix: options.topicPrefix, appID: self.appID)
        desk = TrafficDesk(topics: topics)
    }

    // MARK: Coming and going

    /// Connects and returns when the broker has granted what is read. A client that is connected stays so.
    ///
    /// - Throws: why the broker cannot be reached, does not let us in or refuses a subscription. The client is then
    ///   closed.
    public func connect() async throws(TTNClientError) {
        let deadline = ContinuousClock.now + options.connectTimeout
        let link = try makeLink()
        do throws(TTNClientError) {
            try await link.open(within: options.connectTimeout)
            for kind in state.withLock({ $0.wanted }) {
                try await link.subscribe(topics.filter(kind), within: deadline - .now)
            }
        } catch {
            await end(link)
            throw error
        }
    }

    /// Disconnects, after what was sent has reached the broker, and ends all sequences.
    public func close() async {
        if let link = state.withLock({ $0.link }) { await end(link) }
        desk.finish()
    }

    private func makeLink() throws(TTNClientError) -> Link {
        if let link = state.withLock({ $0.link }) { return link }
        let fresh = try Link(login, options, receiver: desk)
        return state.withLock { state in
            if let link = state.link { return link }
            state.link = fresh
            return fresh
        }
    }

    private func end(_ link: Link) async {
        state.withLock { if $0.link === link { $0.link = nil } }
        await link.close()
    }

    // MARK: Hearing

    /// Uplinks of all devices.
    ///
    /// - Throws: the broker's refusal, when the client is connected; else `connect` throws it.
    public func uplinks() async throws(TTNClientError) -> EventSequence<UplinkMessage> {
        let sequence = desk.uplinks.sequence(limit: options.bufferLimit)
        try await want(.uplinks)
        return sequence
    }

    /// What becomes of downlinks: scheduled, sent, acknowledged, failed.
    ///
    /// - Throws: the broker's refusal, when the client is connected; else `connect` throws it.
    public func downlinkEvents() async throws(TTNClientError) -> EventSequence<DownlinkEvent> {
        let sequence = desk.downlinkEvents.sequence(limit: options.bufferLimit)
        try await want(.events)
        return sequence
    }

    /// All events of devices: joins, downlinks, refusals, changes of their registration.
    ///
    /// - Throws: the broker's refusal, when the client is connected; else `connect` throws it.
    public func deviceEvents() async throws(TTNClientError) -> EventSequence<DeviceEvent> {
        let sequence = desk.deviceEvents.sequence(limit: options.bufferLimit)
        try await want(.events)
        return sequence
    }

    /// How attempts to connect go.
    public func connections() -> EventSequence<ConnectionEvent> { desk.connections.sequence(limit: 100) }

    /// Ends of connections.
    public func closes() -> EventSequence<CloseEvent> { desk.closes.sequence(limit: 100) }

    /// How many messages readers missed because they were away for too long.
    public var droppedMessages: Int { desk.dropped }

    /// How many messages on the application's topics were not in the format of v2.
    public var unreadableMessages: Int { desk.unreadable }

    private func want(_ kind: TrafficTopics.Kind) async throws(TTNClientError) {
        let link = state.withLock { state in
            state.wanted.insert(kind)
            return state.link
        }
        try await link?.subscribe(topics.filter(kind), within: options.connectTimeout)
    }

    // MARK: Sending

    /// Sends a downlink: returns when the broker has the request. What becomes of it is told by `downlinkEvents`.
    ///
    /// - Parameters:
    ///   - port: FPort, 1 to 223; 0 for that of the uplink it answers, or 1.
    ///   - isConfirmed: whether the device is asked for an acknowledgement; it is repeated until it comes.
    ///   - id: names the downlink in its events; made up when nil.
    /// - Returns: the id.
    /// - Throws: `nobodyListens` when the bridge is not there, `notPermitted` when the key may not send.
    @discardableResult
    public func send(
        _ devID: String,
        _ payload: DownlinkPayload,
        port: UInt8 = 1,
        isConfirmed: Bool = false,
        schedule: DownlinkSchedule = .replace,
        id: String? = nil,
    ) async throws(TTNClientError) -> String {
        guard !devID.isEmpty, !devID.contains(where: { "/+#\0".contains($0) }) else {
            throw .invalidArgument(name: "devID", problem: "'\(devID)' is no level of a topic")
        }
        guard let link = state.withLock({ $0.link }) else { throw .closed }
        let id = id ?? Login.randomName("d")
        let member = try payload.member()
        let body: JSONObject = [
            "port": .integer(Int64(port)), "confirmed": .bool(isConfirmed), "schedule": .string(schedule.rawValue),
            member.name: member.value, "id": .string(id),
        ]
        let topic = topics.downlink(devID)
        let token = desk.receipts.makeID()
        let publication = MQTTPublication(
            token: token,
            topic: topic,
            payload: Array(JSONValue.object(body).jsonText.utf8),
        )
        let outcome = try await desk.receipts.wait(
            token,
            for: "the broker's receipt for a message to '\(topic)'",
            within: options.requestTimeout,
        ) {
            link.publish([publication])
        }
        if let error = TTNClientError(outcome, topic: topic) { throw error }
        return id
    }
}
