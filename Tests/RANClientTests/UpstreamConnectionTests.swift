// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import LoRaWAN
import Observability
import RANClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct UpstreamConnectionTests: UpstreamSuite {
    let batches = Events<UpstreamBatch>()
    let states = Events<ConnectionState>()
    let frames = Events<PeerConnection.Frame>()
    let metrics = MetricRegistry()

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
        // Before the peer goes, which waits for its scripts: one may be waiting for the gate.
        defer { gate.close() }
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
        defer { gate.close() }
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
