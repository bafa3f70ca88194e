// SPDX-License-Identifier: Apache-2.0
public import JSON
internal import MQTTShim

/// Asks the bridge over MQTT and waits for its answers: what `ApplicationClient` is made of, and a door to methods that
/// it does not name.
///
/// On MQTT 5 a request names its response topic and correlation data; on 3.1.1 its `request_id` names the topic of the
/// answer. A request whose answer was lost with the connection is repeated under the same `request_id`, which the bridge
/// answers without doing it twice. The first request connects.
public final class RequestChannel: Sendable {
    private let options: ConnectionOptions
    private let prefix: String
    private let name = Login.randomName("c")
    private let desk = RequestDesk()
    private let link: Link

    /// Makes a channel; the first request connects it.
    ///
    /// - Parameters:
    ///   - address: `host`, `host:port`, `mqtt://host:port` or `mqtts://host:port`.
    ///   - username: an application's id, that with `/` and the name of a further key, or an operator's name.
    ///   - accessKey: its password; empty on a broker without log-ins.
    public init(
        address: String,
        username: String,
        accessKey: String,
        options: ConnectionOptions = ConnectionOptions(),
    ) throws(TTNClientError) {
        self.options = options
        prefix =
            options.topicPrefix.isEmpty || options.topicPrefix.hasSuffix("/")
            ? options.topicPrefix : options.topicPrefix + "/"
        link = try Link(
            Login(address: address, username: username, accessKey: accessKey),
            options,
            receiver: desk,
        )
        desk.onReconnect { [weak link, prefix, name] scopes, publications in
            guard let link else { return }
            for scope in scopes {
                link.want(RequestChannel.answerFilter(scope, prefix: prefix, name: name, version: link.version))
            }
            link.publish(publications)
        }
    }

    /// Connects ahead of the first request.
    ///
    /// - Throws: why the broker cannot be reached or does not let us in.
    public func connect() async throws(TTNClientError) {
        try await link.open(within: options.connectTimeout)
    }

    /// Ends the connection; requests that wait fail with `closed`, and so do those to come.
    public func close() async { await link.close() }

    /// Asks and waits for the answer.
    ///
    /// - Parameters:
    ///   - method: such as `devices`.
    ///   - body: the members of the request; a `request_id` of the caller's own is kept.
    ///   - scope: whose request it is.
    ///   - limit: how long all of it may take; `ConnectionOptions.requestTimeout` when nil. The broker forgets the
    ///     request after this, so that it is not done after its caller has given up.
    /// - Returns: the `result` of the answer.
    /// - Throws: `TTNClientError.refused` with the bridge's error, or why there was no answer.
    public func request(
        _ method: String,
        _ body: JSONObject = [:],
        of scope: RequestScope,
        within limit: Duration? = nil,
    ) async throws(TTNClientError) -> JSONValue {
        let limit = limit ?? options.requestTimeout
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        try await link.open(within: min(limit, options.connectTimeout))
        let filter = RequestChannel.answerFilter(scope, prefix: prefix, name: name, version: link.version)
        try await link.subscribe(filter, within: deadline - clock.now)

        let waiter = desk.answers.makeID()
        var body = body
        let requestID = body["request_id"]?.text ?? "\(name).\(waiter)"
        body["request_id"] = .string(requestID)
        let publication = MQTTPublication(
            token: waiter,
            topic: prefix + scope.requestTopic(method),
            payload: Array(JSONValue.object(body).jsonText.utf8),
            properties: MQTTProperties(
                contentType: "application/json",
                messageExpiry: UInt32(clamping: max(1, limit.components.seconds + 1)),
                responseTopic: prefix + scope.answerTopic(name),
                correlationData: Array(requestID.utf8),
            ),
        )
        desk.add(requestID, waiter: waiter, scope: scope, publication: publication)
        defer { desk.remove(requestID) }
        let answer = try await desk.answers.wait(
            waiter,
            for: "the answer to '\(method)'",
            within: deadline - clock.now,
        ) {
            link.publish([publication])
        }
        return try RequestChannel.result(of: answer, method: method)
    }

    private static func answerFilter(
        _ scope: RequestScope,
        prefix: String,
        name: String,
        version: MQTTProtocolVersion?,
    ) -> String {
        // Without properties the last level is the request's id.
        prefix + scope.answerTopic(version == .v311 ? "+" : name)
    }

    private static func result(of answer: [UInt8], method: String) throws(TTNClientError) -> JSONValue {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: answer)
        } catch {
            throw .malformedAnswer(method: method, problem: error.description)
        }
        switch value["ok"] {
        case .bool(true): return value["result"] ?? .null
        case .bool(false):
            guard let error = value["error"], let code = error["code"]?.text else {
                throw .malformedAnswer(method: method, problem: "it is an error without a code")
            }
            throw .refused(
                RequestRefusal(
                    method: method,
                    code: RequestRefusal.Code(rawValue: code),
                    message: error["message"]?.text ?? code,
                    field: error["field"]?.text,
                ),
            )
        default: throw .malformedAnswer(method: method, problem: "'ok' is neither true nor false")
        }
    }
}
