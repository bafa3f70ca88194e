// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

/// Class A: what is sent in the windows of an uplink, when, and what becomes of it.
@Suite struct AnswerTests {
    /// A device with RX1 after 5 s that has sent its first uplink.
    private func joined(
        _ configure: (inout NetworkConfiguration) -> Void = { _ in }
    ) throws -> (stage: Stage, device: TestDevice) {
        var device = try TestDevice.overTheAir(1)
        var stage = try Stage([device], configure: configure)
        try stage.join(&device)
        stage.log = []
        return (stage, device)
    }

    @Test("a confirmed uplink is acknowledged in RX1, one second after it came")
    func acknowledges() throws {
        var (stage, device) = try joined()
        stage.deliver(device.uplink(confirmed: true), from: device)
        stage.wait(.milliseconds(999))
        #expect(stage.effects.transmissions.isEmpty)
        let effects = stage.wait(.milliseconds(1))
        let sent = try #require(effects.transmissions.first)
        #expect(sent.timing == .delay(seconds: 5))
        #expect(sent.frequency == 868_100_000)
        #expect(sent.modulation == .lora(spreading: 7, bandwidth: 125_000))
        #expect(sent.target == .device(device.profile.devEUI, targetDevAddr: nil))
        #expect(effects.sessions.count == 1)
        let opened = try #require(try device.open(sent.octets, counter: 0))
        #expect(opened.frame.control.ack)
        #expect(!opened.frame.control.pending)
        #expect(opened.frame.port == nil)
    }

    @Test("a downlink that waits goes out when the copies are together")
    func queued() throws {
        var (stage, device) = try joined()
        let item = stage.enqueue(stage.item(for: device, port: 42, payload: [7, 8]))
        stage.deliver(device.uplink(), from: device)
        let effects = stage.wait(.milliseconds(200))
        let sent = try #require(effects.transmissions.first)
        let opened = try #require(try device.open(sent.octets, counter: 0))
        #expect(opened.frame.port == 42)
        #expect(opened.payload == [7, 8])
        #expect(!opened.frame.control.ack)
        let outcome = stage.tell(.sent, of: sent)
        #expect(outcome.changes == [.deleteDownlink(id: item.id)])
        guard case .sent(let told) = outcome.outcomes.first?.outcome else {
            Issue.record("no .sent outcome")
            return
        }
        #expect(told.counter == 0)
        #expect(told.port == 42)
        #expect(told.octets == sent.octets)
        #expect(told.devAddr == device.devAddr)
        #expect(told.power == 14)
    }

    @Test("an application that answers at once is served in that uplink's window, together with the ACK")
    func immediateAnswer() throws {
        var (stage, device) = try joined()
        stage.deliver(device.uplink(confirmed: true), from: device)
        stage.wait(.milliseconds(400))
        stage.enqueue(stage.item(for: device, payload: [9]))
        let sent = try #require(stage.effects.transmissions.first)
        #expect(sent.timing == .delay(seconds: 5))
        let opened = try #require(try device.open(sent.octets, counter: 0))
        #expect(opened.frame.control.ack)
        #expect(opened.payload == [9])
        stage.wait(.seconds(10))
        #expect(stage.effects.transmissions.count == 1)
    }

    @Test(
        "a later answer takes RX1 while it is 500 ms away, then RX2, then waits for the next uplink",
        arguments: [(4500, UInt8(5)), (4501, 6), (5500, 6), (5501, nil)] as [(Int, UInt8?)],
    )
    func lateAnswer(milliseconds: Int, delay: UInt8?) throws {
        var (stage, device) = try joined()
        stage.deliver(device.uplink(), from: device)
        stage.wait(.milliseconds(milliseconds))
        stage.enqueue(stage.item(for: device))
        #expect(stage.effects.transmissions.map(\.timing) == (delay.map { [.delay(seconds: $0)] } ?? []))
        if delay == 6 {
            #expect(stage.effects.transmissions.first?.frequency == 869_525_000)
            #expect(stage.effects.transmissions.first?.modulation == .lora(spreading: 12, bandwidth: 125_000))
        }
    }

    @Test("ADRACKReq is answered")
    func adrAckRequest() throws {
        var (stage, device) = try joined()
        stage.deliver(device.uplink(adrAckRequest: true), from: device)
        #expect(stage.wait(.seconds(1)).transmissions.count == 1)
    }

    @Test("a repeated confirmed uplink is answered again under a new counter")
    func repeated() throws {
        var (stage, device) = try joined()
        let sent = device.uplink(confirmed: true)
        for expected in UInt32(0)...2 {
            let effects = stage.deliver(sent, from: device) + stage.wait(.seconds(8))
            #expect(effects.uplinks.map(\.isRetry) == [expected > 0])
            let answer = try #require(effects.transmissions.first)
            #expect(try device.open(answer.octets, counter: expected)?.frame.control.ack == true)
            stage.tell(.sent, of: answer)
        }
    }

    @Test("FPending tells that more waits, and counters go up by one")
    func pending() throws {
        var (stage, device) = try joined()
        for payload: UInt8 in 1...3 { stage.enqueue(stage.item(for: device, payload: [payload])) }
        for payload: UInt8 in 1...3 {
            let effects = stage.deliver(device.uplink(), from: device) + stage.wait(.seconds(8))
            let sent = try #require(effects.transmissions.first)
            let opened = try #require(try device.open(sent.octets, counter: UInt32(payload - 1)))
            #expect(opened.payload == [payload])
            #expect(opened.frame.control.pending == (payload < 3))
            stage.tell(.sent, of: sent)
        }
        #expect(stage.effects.outcomeWords == ["scheduled", "scheduled", "scheduled", "sent", "sent", "sent"])
    }

    @Test("a refusal in RX1 is tried again in RX2 with the same octets while time remains")
    func fallback() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device))
        stage.deliver(device.uplink(), from: device)
        let first = try #require(stage.wait(.seconds(1)).transmissions.first)
        let effects = stage.tell(.refused(code: "TooLate", message: "queue"), of: first)
        let second = try #require(effects.transmissions.first)
        #expect(second.timing == .delay(seconds: 6))
        #expect(second.octets == first.octets)
        #expect(second.transactionID != first.transactionID)
        guard case .scheduled(1, "TooLate: queue") = effects.outcomes.first?.outcome else {
            Issue.record("the retry was not told")
            return
        }
        stage.tell(.sent, of: second)
        #expect(stage.effects.outcomeWords == ["scheduled", "scheduled(1)", "sent"])
    }

    @Test("a downlink that the RAN does not send waits for the next uplink, and fails after three of them")
    func requeue() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device))
        for _ in 0..<3 {
            let effects = stage.deliver(device.uplink(), from: device) + stage.wait(.seconds(5))
            let sent = try #require(effects.transmissions.first)
            stage.wait(.seconds(1))
            stage.tell(.refused(code: "GatewayError", message: ""), of: sent)
        }
        #expect(
            stage.effects.outcomeWords
                == ["scheduled", "scheduled(1)", "scheduled(2)", "failed(ran_refused)"]
        )
        #expect(stage.deliver(device.uplink(), from: device).transmissions.isEmpty)
        #expect(stage.wait(.seconds(10)).transmissions.isEmpty)
    }

    @Test("the RAN's silence counts as a loss")
    func silence() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device))
        stage.deliver(device.uplink(), from: device)
        let sent = try #require(stage.wait(.seconds(1)).transmissions.first)
        stage.wait(.seconds(30))
        #expect(stage.effects.outcomeWords == ["scheduled", "scheduled(1)"])
        #expect(stage.tell(.sent, of: sent).isEmpty)
        #expect(stage.server.tally.resultsUnknown == 2)
    }

    @Test("a payload that RX1 cannot carry goes out in RX2, one that neither can fails with the limit")
    func size() throws {
        var (stage, device) = try joined()
        let slow = Modulation.lora(spreading: 12, bandwidth: 125_000)
        stage.enqueue(stage.item(for: device, payload: [UInt8](repeating: 1, count: 60)))
        stage.enqueue(stage.item(for: device, payload: [2]))
        stage.deliver(device.uplink(), candidates: [device.profile.devEUI], modulation: slow)
        let effects = stage.wait(.seconds(1))
        let failures = effects.outcomes.compactMap {
            if case .failed(let failure) = $0.outcome { failure } else { nil }
        }
        let failure = try #require(failures.first)
        #expect(failure.reason == .payloadTooLong)
        #expect(failure.figures == [Refusal.Figure("size", 60), Refusal.Figure("limit", 51)])
        #expect(effects.transmissions.count == 1)
    }

    @Test("a payload that fits RX1 alone waits when RX1 has passed")
    func sizeAfterRX1() throws {
        var (stage, device) = try joined()
        stage.deliver(device.uplink(), from: device)
        stage.wait(.milliseconds(5100))
        stage.enqueue(stage.item(for: device, payload: [UInt8](repeating: 1, count: 60)))
        stage.wait(.seconds(5))
        #expect(stage.effects.outcomeWords == ["scheduled"])
        stage.deliver(device.uplink(), from: device)
        #expect(stage.wait(.seconds(1)).transmissions.map(\.timing) == [.delay(seconds: 5)])
    }

    @Test("a personalised device is answered one second after its uplink")
    func personalised() throws {
        var device = try TestDevice.personalised(1)
        var stage = try Stage([device])
        stage.deliver(device.uplink(confirmed: true), from: device)
        #expect(stage.wait(.milliseconds(200)).transmissions.map(\.timing) == [.delay(seconds: 1)])
    }

    @Test("a downlink without a port takes the uplink's, else 1")
    func port() throws {
        var (stage, device) = try joined()
        for (uplink, expected) in [(UInt8(17), UInt8(17)), (nil, 1)] as [(UInt8?, UInt8)] {
            stage.enqueue(stage.item(for: device, port: nil))
            stage.deliver(device.uplink(port: uplink, payload: []), from: device)
            let sent = try #require(stage.wait(.seconds(8)).transmissions.first)
            guard case .data(let frame, _) = try DownlinkFrame(parsing: sent.octets) else { continue }
            #expect(frame.port == expected)
            stage.tell(.sent, of: sent)
        }
    }
}
