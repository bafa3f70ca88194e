// SPDX-License-Identifier: Apache-2.0

/// Everything that can go wrong between this process and a RAN.
///
/// `reason` is the stable word for logs, metrics and events; `description` is a sentence for the operator; `isTransient`
/// says whether trying again can help. The token never appears in any of them.
public enum RANError: Error, Hashable, Sendable {
    // The caller's.

    /// A parameter that no server would accept; nothing was sent.
    case invalidParameter(name: String, problem: String)
    /// The libcurl at hand cannot do this work.
    case unsupportedLibrary(String)
    /// The client or connection was closed by its owner.
    case closed
    /// The task that waited was cancelled; the call was given up.
    case cancelled
    /// More requests wait than the bound allows.
    case overloaded(limit: Int)

    // The server's, from `error_code` of an HTTP answer or from a handshake. The text says what was tried and what the
    // server said.

    /// HTTP 401, `Unauthorized`, or a handshake refused with 401: the token is not accepted.
    case unauthorized(String)
    /// `ValidationFailed`, with the list of what was wrong.
    case validationFailed(String, problems: [ValidationProblem])
    /// `Device.AlreadyExists`
    case deviceAlreadyExists(String)
    /// `Device.LimitExhausted`
    case deviceLimitExhausted(String)
    /// `Device.NotFound`
    case deviceNotFound(String)
    /// `MulticastGroup.AlreadyExists`
    case multicastGroupAlreadyExists(String)
    /// `MulticastGroup.NotFound`
    case multicastGroupNotFound(String)
    /// `MulticastGroup.AlreadyContainsTheDevice`
    case multicastGroupAlreadyContainsDevice(String)
    /// Any other refusal: `Unknown`, an undocumented code, a body that is no error document, or a 5xx.
    case refused(status: Int, code: String?, String)
    /// A websocket handshake answered with something else than 101 or 401.
    case handshakeRefused(status: Int, String)

    // The way's.

    /// No connection at this moment.
    case notConnected
    /// The network or libcurl failed; the code is libcurl's `CURLcode`.
    case transport(code: Int32, String)
    /// The server's certificate is not trusted, or TLS failed otherwise.
    case tls(String)
    /// Nothing came in time; the text names what was waited for.
    case timedOut(String)
    /// The peer closed the websocket in order, with its close code (RFC 6455 section 7.4) and words.
    case closedByPeer(code: UInt16?, String)
    /// The websocket ended without a close frame.
    case connectionLost(String)
    /// No traffic and no pong for that long: the connection is dead though nobody closed it.
    case silent(Duration)
    /// The peer broke a rule of the protocol.
    case protocolViolation(String)
}

extension RANError {
    /// A stable word for logs, metrics and events.
    public var reason: String {
        switch self {
        case .invalidParameter: "invalid_parameter"
        case .unsupportedLibrary: "unsupported_library"
        case .closed: "closed"
        case .cancelled: "cancelled"
        case .overloaded: "overloaded"
        case .unauthorized: "unauthorized"
        case .validationFailed: "validation_failed"
        case .deviceAlreadyExists: "device_already_exists"
        case .deviceLimitExhausted: "device_limit_exhausted"
        case .deviceNotFound: "device_not_found"
        case .multicastGroupAlreadyExists: "multicast_group_already_exists"
        case .multicastGroupNotFound: "multicast_group_not_found"
        case .multicastGroupAlreadyContainsDevice: "multicast_group_already_contains_device"
        case .refused(let status, _, _): status >= 500 ? "server_error" : "refused"
        case .handshakeRefused: "handshake_refused"
        case .notConnected: "not_connected"
        case .transport: "transport"
        case .tls: "tls"
        case .timedOut: "timed_out"
        case .closedByPeer: "closed_by_peer"
        case .connectionLost: "connection_lost"
        case .silent: "silent"
        case .protocolViolation: "protocol_violation"
        }
    }

    /// Whether the same call can succeed later without anybody changing anything.
    public var isTransient: Bool {
        switch self {
        case .overloaded, .notConnected, .transport, .timedOut, .closedByPeer, .connectionLost, .silent: true
        case .refused(let status, _, _), .handshakeRefused(let status, _): status >= 500 || status == 429
        default: false
        }
    }
}

extension RANError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidParameter(let name, let problem): "\(name) \(problem)"
        case .unsupportedLibrary(let text): text
        case .closed: "the connection was closed by this program"
        case .cancelled: "the call was cancelled"
        case .overloaded(let limit): "more than \(limit) requests wait; send slower"
        case .unauthorized(let text): "\(text); the token is wrong or expired: check it and the coverage's URL"
        case .validationFailed(let text, let problems):
            problems.isEmpty ? text : "\(text) (\(problems.map(\.description).joined(separator: "; ")))"
        case .deviceAlreadyExists(let text), .deviceNotFound(let text), .multicastGroupAlreadyExists(let text),
            .multicastGroupNotFound(let text), .multicastGroupAlreadyContainsDevice(let text):
            text
        case .deviceLimitExhausted(let text): "\(text); remove devices or ask the operator for a higher limit"
        case .refused(let status, let code, let text): "\(text) (HTTP \(status)\(code.map { ", \($0)" } ?? ""))"
        case .handshakeRefused(let status, let text): "\(text): HTTP \(status) in place of a websocket"
        case .notConnected: "there is no connection to the RAN at this moment"
        case .transport(let code, let text): "\(text) (libcurl \(code))"
        case .tls(let text): "\(text); check the server's certificate and the trusted certificates"
        case .timedOut(let text): "no answer in time: \(text)"
        case .closedByPeer(let code, let text):
            "the RAN closed the connection (code \(code.map(String.init) ?? "none")\(text.isEmpty ? "" : ", \(text)"))"
        case .connectionLost(let text): "the connection broke: \(text)"
        case .silent(let duration): "nothing came for \(duration), not even a pong: the connection is replaced"
        case .protocolViolation(let text): "the RAN broke the protocol: \(text)"
        }
    }
}
