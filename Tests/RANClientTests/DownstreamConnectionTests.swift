// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import LoRaWAN
import Observability
import RANClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DownstreamConnectionTests {
    private let events = Events<DownstreamEvent>()
    private let states = Events<ConnectionState>()
    private let frames = Events<PeerConnection.Frame>()
    private let metrics = MetricRegistry()

    private static func request(
        _ transactionID: UInt64,
        timing: TransmissionTiming = .now,
        to target: DownstreamTarget? = nil,
        modulation: Modulation = .lora(spreading: 12, bandwidth: 125_000),
        payload: [UInt8] = [0x60, 0, 255],
    ) -> DownstreamRequest {
        DownstreamRequest(
            transactionID: transactionID,
            target: target ?? .device(EUI64(rawValue: 0xFEDC_BA98_7654_3210)),
            window: TransmissionWindow(frequency: 868_300_000, modulation: modulation, timing: timing),
            payload: payload,
        )
    }

    private var quick: DownstreamOptions {
        var options = DownstreamOptions()
        options.stream = .quick
        return options
    }

    private func connect(to peer: Peer, options: DownstreamOptions? = nil) async throws -> DownstreamConnection {
        let connection = DownstreamConnection(
            endpoint: try endpoint(peer),
            name: "down",
            coverage: "test",
            options: options ?? quick,
            metrics: metrics,
            handler: { [events] in events.add($0) },
            stateChanged: { [states] in states.add($0) },
        )
        _ = await states.first { $0 == .connected }
        return connection
    }

    private func counter(_ name: StaticString) -> UInt64 { metrics.counter(name, ("coverage", "test")).value }

    /// A server that passes on what it reads, and answers by a script of its own.
    private func peer(
        _ answer: @escaping @Sendable (PeerConnection, PeerConnection.Frame, Int) throws -> Void = { _, _, _ in },
    ) -> Peer {
        Peer { [frames] connection, number in
            try connection.acceptWebSocket()
            while true {
                let frame = try connection.frame()
                frames.add(frame)
                if frame.opcode == PeerConnection.close { try connection.send(PeerConnection.close, frame.payload) }
                if frame.opcode == PeerConnection.text { try answer(connection, frame, number) }
            }
        }
    }

    @Test("requests are written as the wire wants them")
    func wire() async throws {
        let peer = peer()
        let connection = try await connect(to: peer)
        let far = UnixTime(milliseconds: WallClock.nanoseconds / 1_000_000 + 500_000)
        try connection.send([
            DownstreamConnectionTests.request(
                .max,
                timing: try #require(.delay(seconds: 15)),
                to: .device(EUI64(rawValue: .max), targetDevAddr: DevAddr(rawValue: .max)),
            ),
            DownstreamConnectionTests.request(
                2,
                timing: .gps(try #require(GPSTimes(milliseconds: [1, .max]))),
                to: .multicast(DevAddr(rawValue: 0xFFED_8719)),
                modulation: .fsk(deviation: 25_000, bitRate: 50_000),
            ),
            DownstreamConnectionTests.request(3, modulation: .fhss(occupiedWidth: 137_000, codingRate: "1/3")),
            DownstreamConnectionTests.request(4, timing: .deadline(.until(far))),
        ])
        let lora = #""LoRa":{"Spreading":12,"Bandwidth":125000}"#
        let head = #"{"ProtocolVersion":1,"TransactionID":"#
        let expected = [
            head + #"18446744073709551615,"DevEUI":18446744073709551615,"TargetDevAddr":4294967295,"TxWindow":{"#
                + #""Radio":{"Frequency":868300000,\#(lora)},"Delay":15},"PHYPayload":[96,0,255]}"#,
            head + #"2,"Addr":4293756697,"TxWindow":{"Radio":{"Frequency":868300000,"FSK":{"FrequencyDeviation":25000,"#
                + #""BitRate":50000}},"TMMS":[1,18446744073709551615]},"PHYPayload":[96,0,255]}"#,
            head + #"3,"DevEUI":18364758544493064720,"TxWindow":{"Radio":{"Frequency":868300000,"FHSS":{"Ocw":137000,"#
                + #""CodingRate":"1/3"}},"Deadline":1},"PHYPayload":[96,0,255]}"#,
            head + #"4,"DevEUI":18364758544493064720,"TxWindow":{"Radio":{"Frequency":868300000,\#(lora)},"#
                + #""Deadline":\#(far.milliseconds)},"PHYPayload":[96,0,255]}"#,
        ]
        for text in expected { #expect(await frames.next().text == text) }
        connection.stop()
    }

    @Test("deadlines are written in the form asked for", arguments: [DeadlineForm.unixMilliseconds, .unixSeconds])
    func deadlineForms(form: DeadlineForm) async throws {
        var options = quick
        options.deadlineForm = form
        let peer = peer()
        let connection = try await connect(to: peer, options: options)
        let before = UInt64(WallClock.nanoseconds / 1_000_000)
        // One millisecond after a full second: seconds are rounded up.
        let far = UnixTime(milliseconds: (WallClock.nanoseconds / 1_000_000_000 + 500) * 1000 + 1)
        try connection.send([
            DownstreamConnectionTests.request(1, timing: .deadline(.until(far))),
            DownstreamConnectionTests.request(2),
        ])
        let moment = await frames.next().document?["TxWindow"]?["Deadline"]?.unsignedNumber
        #expect(moment == (form == .unixSeconds ? UInt64(far.seconds) + 1 : UInt64(far.milliseconds)))
        let now = try #require(await frames.next().document?["TxWindow"]?["Deadline"]?.unsignedNumber)
        #expect(now >= (form == .unixSeconds ? before / 1000 : before))
        connection.stop()
    }

    @Test("acks and results of every kind become events, unknown codes survive, unknown ids are counted")
    func answers() async throws {
        let peer = peer { connection, _, _ in
            try connection.send(
                #"{"ProtocolVersion":1,"TransactionID":18446744073709551615,"MailboxID":9223372036854775809}"#
            )
            try connection.send(#"{"TransactionID":5,"MailboxID":7}"#)
            try connection.send("nonsense")
            try connection.send(
                #"{"TransactionID":18446744073709551615,"MailboxID":1,"ResultCode":"Strange","ResultMessage":"TOO_EARLY"}"#
            )
            try connection.send(#"{"TransactionID":18446744073709551615,"ResultCode":"Success","ResultMessage":""}"#)
            try connection.send(
                #"{"TransactionID":2,"Results":[{"DevEUI":18364758544493064720,"ResultCode":"Success","#
                    + #""ResultMessage":"ok"},{"DevEUI":1,"ResultCode":"NoAck","ResultMessage":"gone"}]}"#
            )
        }
        let connection = try await connect(to: peer)
        try connection.send([
            DownstreamConnectionTests.request(.max),
            DownstreamConnectionTests.request(2, to: .multicast(DevAddr(rawValue: 1))),
        ])
        #expect(await events.next() == .ack(transactionID: .max, mailboxID: 9_223_372_036_854_775_809))
        #expect(
            await events.next()
                == .result(
                    transactionID: .max,
                    code: DownstreamResultCode(rawValue: "Strange"),
                    message: "TOO_EARLY",
                )
        )
        #expect(
            await events.next()
                == .multicastResult(
                    transactionID: 2,
                    results: [
                        MulticastDeviceResult(
                            devEUI: EUI64(rawValue: 0xFEDC_BA98_7654_3210),
                            code: .success,
                            message: "ok",
                        ),
                        MulticastDeviceResult(devEUI: EUI64(rawValue: 1), code: .noAck, message: "gone"),
                    ],
                )
        )
        connection.stop()
        connection.waitUntilStopped()
        #expect(counter("ran_downstream_unexpected_total") >= 2)
        #expect(counter("ran_bad_frames_total") >= 1)
    }

    @Test("requests without an ack when the connection breaks are unanswered and not sent again; acked ones wait on")
    func disconnect() async throws {
        let peer = Peer { [frames] connection, number in
            try connection.acceptWebSocket()
            if number == 1 {
                for _ in 0..<2 { _ = try connection.frame() }
                try connection.send(#"{"TransactionID":1,"MailboxID":1}"#)
                return
            }
            try connection.send(#"{"TransactionID":1,"MailboxID":1,"ResultCode":"Success","ResultMessage":""}"#)
            while true { frames.add(try connection.frame()) }
        }
        let connection = try await connect(to: peer)
        try connection.send([DownstreamConnectionTests.request(1), DownstreamConnectionTests.request(2)])
        #expect(await events.next() == .ack(transactionID: 1, mailboxID: 1))
        guard case .unanswered([2], let error) = await events.next() else {
            Issue.record("the second one is unanswered")
            return
        }
        #expect(error.isTransient)
        #expect(await events.next() == .result(transactionID: 1, code: .success, message: ""))
        _ = await states.first { $0 == .connected }
        connection.stop()
        // The first frame on the second connection is the close: nothing was sent again.
        #expect(await frames.next().opcode == PeerConnection.close)
    }

    @Test("a request without an ack or a result in time is unanswered")
    func timeouts() async throws {
        var options = quick
        // A busy machine may rest for a second.
        options.ackTimeout = .seconds(2)
        options.resultTimeout = .seconds(3)
        let peer = peer { connection, frame, _ in
            guard frame.document?["TransactionID"] == 2 else { return }
            try connection.send(#"{"TransactionID":2,"MailboxID":1}"#)
        }
        let connection = try await connect(to: peer, options: options)
        try connection.send([DownstreamConnectionTests.request(1), DownstreamConnectionTests.request(2)])
        #expect(await events.next() == .ack(transactionID: 2, mailboxID: 1))
        guard case .unanswered([1], .timedOut) = await events.next() else {
            Issue.record("the first one got no ack")
            return
        }
        guard case .unanswered([2], .timedOut) = await events.next() else {
            Issue.record("the second one got no result")
            return
        }
        connection.stop()
    }

    @Test("without a connection, after a stop, and for what the RAN would refuse, send throws and takes nothing")
    func refusals() async throws {
        let peer = Peer { connection, _ in
            _ = try connection.request()
            try connection.respond(401, "")
        }
        let connection = DownstreamConnection(endpoint: try endpoint(peer), name: "down", handler: { _ in })
        #expect(throws: RANError.notConnected) { try connection.send([DownstreamConnectionTests.request(1)]) }
        let delay = try #require(TransmissionTiming.delay(seconds: 1))
        let bad = [
            DownstreamConnectionTests.request(0),
            DownstreamConnectionTests.request(1, payload: []),
            DownstreamConnectionTests.request(1, payload: [UInt8](repeating: 0, count: 256)),
            DownstreamConnectionTests.request(1, timing: delay, to: .multicast(DevAddr(rawValue: 1))),
            DownstreamConnectionTests.request(1, timing: .deadline(.until(UnixTime(milliseconds: 4_000_000_000_000)))),
            DownstreamConnectionTests.request(1, modulation: .lora(spreading: 13, bandwidth: 125_000)),
        ]
        for request in bad {
            #expect { try connection.send([request]) } throws: { error in
                (error as? RANError)?.reason == "invalid_parameter"
            }
        }
        connection.stop()
        connection.waitUntilStopped()
        #expect(throws: RANError.closed) { try connection.send([DownstreamConnectionTests.request(1)]) }
    }

    @Test("wrong timings cannot be made")
    func timings() {
        #expect(TransmissionTiming.delay(seconds: 0) == nil)
        #expect(TransmissionTiming.delay(seconds: 16) == nil)
        #expect(GPSTimes(milliseconds: []) == nil)
        #expect(GPSTimes(milliseconds: Array(repeating: 1, count: 9)) == nil)
    }
}
