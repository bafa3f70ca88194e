// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import LoRaWAN
import Observability
import RANClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UpstreamConnectionTests {
    private let batches = Events<UpstreamBatch>()
    private let states = Events<ConnectionState>()
    private let frames = Events<PeerConnection.Frame>()
    private let metrics = MetricRegistry()

    private func connect(
        to peer: Peer,
        options: StreamOptions = .quick,
        token: String = "s3cret+/token",
    ) throws -> UpstreamConnection {
        UpstreamConnection(
            endpoint: try endpoint(peer, token: token),
            name: "up-1",
            coverage: "test",
            options: options,
            metrics: metrics,
            handler: { [batches] batch in batches.add(batch) },
            stateChanged: { [states] state in states.add(state) },
        )
    }

    private func counter(_ name: StaticString) -> UInt64 { metrics.counter(name, ("coverage", "test")).value }

    @Test("a message is read and acked on the socket that delivered it")
    func messageAndAck() async throws {
        let requests = Events<PeerConnection.Request>()
        let peer = Peer { [frames] connection, _ in
            requests.add(try connection.acceptWebSocket())
            try connection.send(
                upstreamJSON(transactionID: .max, extra: #","GPS":{"Lat":48.5,"Lng":-9.25},"Outdated":true,"New":{}"#)
            )
            while true { frames.add(try connection.frame()) }
        }
        let upstream = try connect(to: peer)
        let batch = await batches.next()
        let message = try #require(batch.messages.first)
        #expect(
            message
                == UpstreamMessage(
                    transactionID: .max,
                    isOutdated: true,
                    devEUIs: [try #require(EUI64(hex: "fedcba9876543210"))],
                    radio: UpstreamRadio(
                        frequency: 868_100_000,
                        modulation: .lora(spreading: 7, bandwidth: 125_000),
                        rssi: -101.5,
                        snr: -7.25,
                    ),
                    payload: [0x40, 1, 2, 3],
                    micChallenge: [0xFFFF_FFFF, 7],
                    gps: GPSPosition(latitude: 48.5, longitude: -9.25),
                )
        )
        batch.source.send([
            .ack(transactionID: message.transactionID, devEUI: message.devEUIs[0], mic: 0xFFFF_FFFF),
            .reject(transactionID: 2, code: .micFailed, message: nil),
            .reject(transactionID: 3, code: .other, message: "a \"replay\""),
        ])
        #expect(
            await frames.next().text
                == #"{"ProtocolVersion":1,"TransactionID":18446744073709551615,"DevEUI":18364758544493064720,"#
                + #""MIC":4294967295}"#
        )
        #expect(
            await frames.next().text == #"{"ProtocolVersion":1,"TransactionID":2,"ResultCode":"MICFailed"}"#
        )
        #expect(
            await frames.next().text
                == #"{"ProtocolVersion":1,"TransactionID":3,"ResultCode":"Other","ResultMessage":"a \"replay\""}"#
        )
        let request = await requests.next()
        #expect(request.target == "/api/v1.0/stream/upstream/?access_token=s3cret%2b%2ftoken")
        #expect(request.headers["authorization"] == "Bearer s3cret+/token")
        upstream.stop()
        #expect(await frames.next() == PeerConnection.Frame(opcode: PeerConnection.close, payload: [0x03, 0xE8]))
    }

    @Test("a frame in the same segment as the handshake's answer is delivered")
    func frameWithHandshake() async throws {
        let peer = Peer { connection, _ in
            try connection.acceptWebSocket(followedBy: PeerConnection.frame(PeerConnection.text, upstreamJSON().utf8))
            try connection.waitForEnd()
        }
        let upstream = try connect(to: peer)
        #expect(await batches.next().messages.count == 1)
        upstream.stop()
    }

    @Test("fragments with pings between them make one message, and each ping gets its pong")
    func fragments() async throws {
        let text = Array(upstreamJSON(transactionID: 9).utf8)
        let peer = Peer { [frames] connection, _ in
            try connection.acceptWebSocket()
            try connection.send(PeerConnection.text, Array(text[..<10]), isFinal: false)
            try connection.send(PeerConnection.ping, Array("0123456789".utf8))
            try connection.send(0, Array(text[10..<20]), isFinal: false)
            try connection.send(PeerConnection.ping)
            try connection.send(0, Array(text[20...]), isFinal: false)
            try connection.send(0, [], isFinal: true)
            while true { frames.add(try connection.frame()) }
        }
        let upstream = try connect(to: peer)
        #expect(await batches.next().messages.map(\.transactionID) == [9])
        let last = await frames.first { $0.payload.isEmpty }
        #expect(last.opcode == PeerConnection.pong)
        upstream.stop()
    }

    @Test("a ping that arrives in pieces is answered with its whole payload")
    func splitPing() async throws {
        let peer = Peer { [frames] connection, _ in
            try connection.acceptWebSocket()
            let ping = PeerConnection.frame(PeerConnection.ping, "0123456789".utf8)
            // The message before the first half tells when the client has read so far.
            try connection.write(PeerConnection.frame(PeerConnection.text, upstreamJSON().utf8) + ping[..<6])
            _ = try connection.frame()
            try connection.write(ping[6...])
            frames.add(try connection.frame())
            try connection.waitForEnd()
        }
        let upstream = try connect(to: peer)
        let batch = await batches.next()
        batch.source.send([.reject(transactionID: 1, code: .other, message: nil)])
        #expect(
            await frames.next()
                == PeerConnection.Frame(opcode: PeerConnection.pong, payload: Array("0123456789".utf8))
        )
        upstream.stop()
    }

    @Test("a message of one mebibyte is read whole", arguments: [1, 7])
    func largeMessage(fragments: Int) async throws {
        let mics = (0..<90_000).map { 4_200_000_000 + UInt32($0) }
        let text = Array(upstreamJSON(mics: mics).utf8)
        #expect(text.count > 1 << 20)
        let peer = Peer { connection, _ in
            try connection.acceptWebSocket()
            let step = text.count / fragments + 1
            for start in stride(from: 0, to: text.count, by: step) {
                let end = min(start + step, text.count)
                let opcode = start == 0 ? PeerConnection.text : 0
                try connection.send(opcode, Array(text[start..<end]), isFinal: end == text.count)
            }
            try connection.waitForEnd()
        }
        let upstream = try connect(to: peer)
        #expect(await batches.next().messages[0].micChallenge == mics)
        upstream.stop()
    }

    @Test("a message above the limit costs only itself", arguments: [1, 3])
    func oversizedMessage(fragments: Int) async throws {
        var options = StreamOptions.quick
        options.maximumMessageBytes = 100_000
        let peer = Peer { connection, _ in
            try connection.acceptWebSocket()
            for index in 0..<fragments {
                let opcode = index == 0 ? PeerConnection.text : 0
                let payload = [UInt8](repeating: 0x20, count: 150_000)
                try connection.send(opcode, payload, isFinal: index == fragments - 1)
            }
            try connection.send(upstreamJSON(transactionID: 77))
            try connection.waitForEnd()
        }
        let upstream = try connect(to: peer, options: options)
        #expect(await batches.next().messages.map(\.transactionID) == [77])
        #expect(counter("ran_bad_frames_total") == 1)
        upstream.stop()
    }

    @Test("a bad frame is rejected by its transaction and the next one is read")
    func badFrame() async throws {
        let peer = Peer { [frames] connection, _ in
            try connection.acceptWebSocket()
            try connection.send("no JSON at all")
            try connection.send(#"{"TransactionID": 41, "DevEUIs": [1"#)
            try connection.send(#"{"TransactionID": 42, "DevEUIs": [1]}"#)
            try connection.send(upstreamJSON(transactionID: 43))
            while true { frames.add(try connection.frame()) }
        }
        let upstream = try connect(to: peer)
        #expect(await batches.next().messages.map(\.transactionID) == [43])
        let first = try #require(await frames.next().document)
        #expect(first["TransactionID"] == 41)
        #expect(first["ResultCode"] == "Other")
        let second = try #require(await frames.next().document)
        #expect(second["TransactionID"] == 42)
        #expect(second["ResultMessage"] == "PHYPayloadNoMIC is missing or empty")
        #expect(counter("ran_bad_frames_total") == 3)
        upstream.stop()
    }

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

    @Test("queued answers leave before the close of a stop")
    func stopFlushes() async throws {
        let peer = Peer { [frames] connection, _ in
            try connection.acceptWebSocket()
            try connection.send(upstreamJSON())
            while true {
                let frame = try connection.frame()
                frames.add(frame)
                if frame.opcode == PeerConnection.close { try connection.send(PeerConnection.close, frame.payload) }
            }
        }
        let upstream = try connect(to: peer)
        let source = await batches.next().source
        source.send((1...1000).map { .reject(transactionID: $0, code: .micFailed, message: nil) })
        upstream.stop()
        for number in 1...1000 { #expect(await frames.next().document?["TransactionID"] == .integer(Int64(number))) }
        #expect(await frames.next().opcode == PeerConnection.close)
        #expect(await states.first { $0 == .stopped } == .stopped)
    }

    @Test("answers larger than the socket's buffers arrive whole and in order while the peer reads late")
    func partialSends() async throws {
        let count = 1000
        let gate = BoundedQueue<Int>(capacity: 1)
        let peer = Peer { [frames] connection, _ in
            try connection.acceptWebSocket()
            try connection.send(upstreamJSON())
            var batch: [Int] = []
            _ = gate.drain(into: &batch)
            while true { frames.add(try connection.frame()) }
        }
        let upstream = try connect(to: peer)
        let source = await batches.next().source
        let message = String(repeating: "x", count: 4000)
        for number in 1...count {
            source.send([.reject(transactionID: UInt64(number), code: .other, message: message)])
        }
        gate.push(1)
        for number in 1...count {
            let document = try #require(await frames.next().document)
            #expect(document["TransactionID"] == .integer(Int64(number)))
            #expect(document["ResultMessage"]?.text == message)
        }
        upstream.stop()
    }

    @Test("while draining nothing is handed over but answers go out")
    func drain() async throws {
        let gate = BoundedQueue<Int>(capacity: 1)
        let peer = Peer { [frames] connection, _ in
            try connection.acceptWebSocket()
            try connection.send(upstreamJSON(transactionID: 1))
            var batch: [Int] = []
            _ = gate.drain(into: &batch)
            try connection.send(upstreamJSON(transactionID: 2))
            try connection.send(PeerConnection.ping, [1])
            while true { frames.add(try connection.frame()) }
        }
        let upstream = try connect(to: peer)
        let source = await batches.next().source
        upstream.drain()
        gate.push(1)
        #expect(await frames.next().opcode == PeerConnection.pong)
        #expect(counter("ran_upstream_discarded_total") == 1)
        source.send([.reject(transactionID: 1, code: .micFailed, message: nil)])
        #expect(await frames.next().document?["TransactionID"] == 1)
        upstream.stop()
    }
}

extension ConnectionState {
    var isDisconnected: Bool { if case .disconnected = self { true } else { false } }
}
