// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

extension Simulation: WebServerHandler {
    func acceptsConnection() -> Bool { faults.refusesUntil <= MonotonicTime.now }

    func handle(_ request: HTTPRequest, on connection: WebConnection) {
        watchers.hasNews = true
        let response: HTTPResponse
        if let call = controlCall(of: request.path) {
            server?.respond(control(call, request), on: connection)
            return
        }
        let call = apiCall(of: request.path) ?? request.path
        if faults.httpCount > 0 {
            faults.httpCount -= 1
            response = HTTPResponse(
                status: faults.httpStatus,
                contentType: "text/plain",
                body: Array("out of order".utf8)
            )
        } else {
            response = answer(apiCall(of: request.path), request)
        }
        if response.status == 401 { totals.unauthorized += 1 }
        totals.calls["\(call) \(response.status)", default: 0] += 1
        narrate("call \(call) answered with \(response.status)")
        if faults.delay > .zero {
            timers.schedule(.respond(response, connection), at: MonotonicTime.now.advanced(by: faults.delay))
        } else {
            server?.respond(response, on: connection)
        }
    }

    private func answer(_ call: String?, _ request: HTTPRequest) -> HTTPResponse {
        do throws(APIError) {
            guard let call else { throw .unknownCall }
            guard isAuthorized(request) else { throw .unauthorized }
            let time = APITime(time: UnixTime(nanoseconds: WallClock.nanoseconds))
            let (response, inserted) = try routing.answer(call, request, at: time)
            if let index = inserted.flatMap({ deviceIndex[$0] }) { retryLostJoin(index) }
            return response
        } catch {
            return error.response
        }
    }

    func refusal(ofHandshake request: HTTPRequest, on _: WebConnection) -> HTTPResponse? {
        watchers.hasNews = true
        guard stream(of: request.path) != nil else { return APIError.unknownCall.response }
        guard isAuthorized(request) else {
            totals.unauthorized += 1
            narrate("handshake refused: the access token is missing or wrong")
            return APIError.unauthorized.response
        }
        return nil
    }

    func opened(_ connection: WebConnection) {
        watchers.hasNews = true
        connection.tag = nextSocketTag
        nextSocketTag += 1
        if faults.isFrozen { server?.setFrozen(true, connection) }
        connection.stream = connection.websocketPath.flatMap { stream(of: $0) }
        switch connection.stream {
        case .upstream:
            upstreamSockets.append(connection)
            totals.upstreamSocketsOpened += 1
            narrate("upstream socket \(connection.tag) opened")
            for index in devices.indices where devices[index].hasLostJoin { retryLostJoin(index) }
        case .downstream:
            downstreamSockets.append(connection)
            totals.downstreamSocketsOpened += 1
            narrate("downstream socket \(connection.tag) opened")
        case nil: break
        }
    }

    func received(_ message: Span<UInt8>, on connection: WebConnection) {
        watchers.hasNews = true
        switch connection.stream {
        case .upstream: receivedReply(message, on: connection)
        case .downstream: receivedDownstream(message, on: connection)
        case nil: break
        }
    }

    func closed(_ connection: WebConnection) {
        watchers.hasNews = true
        if upstreamSockets.contains(where: { $0 === connection }) {
            narrate("upstream socket \(connection.tag) closed")
        }
        if downstreamSockets.contains(where: { $0 === connection }) {
            narrate("downstream socket \(connection.tag) closed")
        }
        upstreamSockets.removeAll { $0 === connection }
        downstreamSockets.removeAll { $0 === connection }
    }

    private func stream(of path: String) -> RANStream? {
        switch apiCall(of: path) {
        case "stream/upstream": .upstream
        case "stream/downstream": .downstream
        default: nil
        }
    }

    /// The path below the base path, without slashes at its ends; nil for any other path.
    private func apiCall(of path: String) -> String? {
        for base in ["/api/v1.0/", "/api/v1/"] where path.hasPrefix(base) { return trimmed(path.dropFirst(base.count)) }
        return nil
    }

    private func controlCall(of path: String) -> String? {
        path.hasPrefix("/control/") ? trimmed(path.dropFirst("/control/".count)) : nil
    }

    private func trimmed(_ path: Substring) -> String {
        path.split(separator: "/").joined(separator: "/")
    }

    private func isAuthorized(_ request: HTTPRequest) -> Bool {
        guard !faults.refusesTokens else { return false }
        return (request.bearerToken ?? request.argument("access_token")) == configuration.token
    }
}
