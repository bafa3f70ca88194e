// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import Observability
import RANClient
import Testing

/// Connections that break, are refused, fall silent or hang.
@Suite(.timeLimit(.minutes(5)))
struct UpstreamFaultTests: UpstreamSuite {
    let batches = Events<UpstreamBatch>()
    let states = Events<ConnectionState>()
    let frames = Events<PeerConnection.Frame>()
    let metrics = MetricRegistry()

    @Test("a broken connection is replaced, and answers for the old websocket are dropped and counted")
    func reconnect() async throws {
        let peer = Peer { [frames] connection, number in
            try connection.acceptWebSocket()
            try connection.send(upstreamJSON(transactionID: UInt64(number)))
            if number == 1 { return }
            while true { frames.add(try connection.frame()) }
        }
        let upstream = try connect(to: peer)
        let old = await batches.next()
        let new = await batches.next()
        #expect((old.source.generation, new.source.generation) == (1, 2))
        old.source.send([.reject(transactionID: 1, code: .other, message: nil)])
        new.source.send([.reject(transactionID: 2, code: .other, message: nil)])
        #expect(await frames.next().document?["TransactionID"] == 2)
        #expect(counter("ran_upstream_dropped_replies_total") == 1)
        upstream.stop()
        #expect(await states.next() == .connecting)
        #expect(await states.next() == .connected)
        guard case .disconnected(.connectionLost, _) = await states.next() else {
            Issue.record("a connection without a close frame is lost")
            return
        }
        #expect(await states.next() == .connecting)
        #expect(await states.next() == .connected)
        #expect(await states.next() == .stopped)
    }

    @Test("a close frame is answered with its code and reported in the peer's words")
    func closeFrame() async throws {
        let peer = Peer { [frames] connection, number in
            try connection.acceptWebSocket()
            guard number == 1 else { return try connection.waitForEnd() }
            try connection.send(PeerConnection.close, [0x03, 0xE9] + Array("going away".utf8))
            frames.add(try connection.frame())
        }
        let upstream = try connect(to: peer)
        #expect(await frames.next() == PeerConnection.Frame(opcode: PeerConnection.close, payload: [0x03, 0xE9]))
        let state = await states.first { if case .disconnected = $0 { true } else { false } }
        guard case .disconnected(.closedByPeer(code: 1001, "going away"), _) = state else {
            Issue.record("unexpected: \(state)")
            return
        }
        upstream.stop()
    }

    @Test("a wrong token is an error in words without the token, tried again and again")
    func unauthorized() async throws {
        let peer = Peer { connection, _ in
            _ = try connection.request()
            try connection.respond(401, #"{"detail": "no s3cret+/token here"}"#)
        }
        let upstream = try connect(to: peer)
        for _ in 0..<3 {
            let state = await states.first { if case .disconnected = $0 { true } else { false } }
            guard case .disconnected(let error, let pause) = state else { return }
            guard case .unauthorized = error else {
                Issue.record("unexpected: \(error)")
                return
            }
            #expect(pause > .zero)
            #expect(!error.isTransient)
            #expect(!"\(error)".contains("s3cret"))
            #expect("\(error)".contains("HTTP 401"))
        }
        upstream.stop()
    }

    @Test("a refused port, a handshake with 503 and one that is never answered are told apart")
    func handshakeFaults() async throws {
        let refusing = Peer { connection, _ in
            _ = try connection.request()
            try connection.respond(503, "busy")
        }
        let upstream = try connect(to: refusing)
        guard case .disconnected(.handshakeRefused(503, _), _) = await states.first(where: \.isDisconnected) else {
            Issue.record("503 is a refused handshake")
            return
        }
        upstream.stop()
        upstream.waitUntilStopped()

        let silent = Peer { connection, _ in try connection.waitForEnd() }
        guard case .timedOut = await firstFailure(try endpoint(silent, connect: .milliseconds(100))) else {
            Issue.record("silence is a time-out")
            return
        }

        let gone = Peer { _, _ in }
        let goneEndpoint = try endpoint(gone)
        gone.stop()
        guard case .transport(code: 7, _) = await firstFailure(goneEndpoint) else {
            Issue.record("nobody listens there")
            return
        }
    }

    private func firstFailure(_ endpoint: RANEndpoint) async -> RANError {
        let failures = Events<RANError>()
        let connection = UpstreamConnection(
            endpoint: endpoint,
            name: "up-2",
            handler: { _ in },
            stateChanged: { if case .disconnected(let error, _) = $0 { failures.add(error) } },
        )
        defer { connection.stop() }
        return await failures.next()
    }

    @Test("own pings go out, and a connection on which nothing comes is replaced")
    func silence() async throws {
        var options = StreamOptions.quick
        options.pingInterval = .milliseconds(100)
        // A busy machine may rest for a second.
        options.silenceLimit = .seconds(2)
        let peer = Peer { [frames] connection, number in
            try connection.acceptWebSocket()
            while true {
                let frame = try connection.frame()
                if number == 2 { try connection.send(PeerConnection.pong, frame.payload) }
                frames.add(frame)
            }
        }
        let upstream = try connect(to: peer, options: options)
        #expect(await frames.next().opcode == PeerConnection.ping)
        let state = await states.first(where: \.isDisconnected)
        guard case .disconnected(.silent, _) = state else {
            Issue.record("unexpected: \(state)")
            return
        }
        // The second connection answers: it lives through several limits.
        #expect(await states.first { $0 == .connected } == .connected)
        for _ in 0..<50 { _ = await frames.next() }
        upstream.stop()
        #expect(await states.next() == .stopped)
    }

    @Test("a stop ends a connection attempt that hangs, at once")
    func stopWhileConnecting() async throws {
        let accepted = Events<Void>()
        let peer = Peer { connection, _ in
            _ = try connection.request()
            accepted.add(())
            try connection.waitForEnd()
        }
        let upstream = try connect(to: peer)
        await accepted.next()
        let start = MonotonicTime.now
        upstream.stop()
        #expect(await states.first { $0 == .stopped } == .stopped)
        #expect(MonotonicTime.now.since(start) < .seconds(8))
    }
}

extension ConnectionState {
    var isDisconnected: Bool { if case .disconnected = self { true } else { false } }
}
