// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

@Suite struct QueueTests {
    private func joined(
        _ configure: (inout NetworkConfiguration) -> Void = { _ in }
    ) throws -> (stage: Stage, device: TestDevice) {
        var device = try TestDevice.overTheAir(1)
        var stage = try Stage([device], configure: configure)
        try stage.join(&device)
        stage.log = []
        return (stage, device)
    }

    /// One uplink, and the payload of the downlink that answers it; the RAN says it was sent.
    private func exchange(
        _ stage: inout Stage,
        _ device: inout TestDevice,
        counter: UInt32,
        ack: Bool = false,
    ) throws -> [UInt8]? {
        let uplink = device.uplink(ack: ack)
        let effects = stage.deliver(uplink, from: device) + stage.wait(.seconds(4))
        guard let sent = effects.transmissions.first else {
            stage.wait(.seconds(10))
            return nil
        }
        stage.wait(.seconds(6))
        stage.tell(.sent, of: sent)
        return try #require(try device.open(sent.octets, counter: counter)).payload
    }

    @Test("first goes before what waits, last after it, replace empties the queue")
    func schedules() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, payload: [1]), .last)
        stage.enqueue(stage.item(for: device, payload: [2]), .last)
        stage.enqueue(stage.item(for: device, payload: [3]), .first)
        #expect(try exchange(&stage, &device, counter: 0) == [3])
        #expect(try exchange(&stage, &device, counter: 1) == [1])
        stage.enqueue(stage.item(for: device, payload: [4]), .replace)
        #expect(stage.effects.outcomeWords.contains("failed(replaced)"))
        #expect(try exchange(&stage, &device, counter: 2) == [4])
        #expect(try exchange(&stage, &device, counter: 3) == nil)
    }

    @Test("a confirmed downlink is current until the device acknowledges it; first does not go before it")
    func current() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, payload: [1], confirmed: true))
        #expect(try exchange(&stage, &device, counter: 0) == [1])
        stage.enqueue(stage.item(for: device, payload: [2]), .first)
        #expect(try exchange(&stage, &device, counter: 1) == [1])
        #expect(try exchange(&stage, &device, counter: 2, ack: true) == [2])
        #expect(
            stage.effects.outcomeWords
                == ["scheduled", "sent", "scheduled", "nack(1)", "sent", "acknowledged", "sent"]
        )
    }

    @Test("replace discards a confirmed downlink that waits for its acknowledgement")
    func replaceCurrent() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, payload: [1], confirmed: true))
        #expect(try exchange(&stage, &device, counter: 0) == [1])
        stage.enqueue(stage.item(for: device, payload: [2]), .replace)
        #expect(try exchange(&stage, &device, counter: 1) == [2])
        #expect(stage.effects.outcomeWords == ["scheduled", "sent", "failed(replaced)", "scheduled", "sent"])
    }

    @Test("a replaced downlink that the RAN has ends with the RAN's word and is not tried again")
    func replaceInFlight() throws {
        for result in [TransmissionResult.sent, .refused(code: "TooLate", message: "")] {
            var (stage, device) = try joined()
            stage.enqueue(stage.item(for: device, payload: [1]))
            stage.deliver(device.uplink(), from: device)
            let sent = try #require(stage.wait(.seconds(1)).transmissions.first)
            stage.handle(.clearQueue(device.profile.devEUI))
            stage.wait(.seconds(6))
            stage.tell(result, of: sent)
            #expect(stage.effects.outcomeWords == ["scheduled", result == .sent ? "sent" : "failed(replaced)"])
            stage.wait(.seconds(20))
            #expect(try exchange(&stage, &device, counter: 1) == nil)
        }
    }

    @Test("a confirmed downlink fails after its attempts, each with a new counter")
    func attempts() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, payload: [1], confirmed: true, attempts: 3))
        for counter in UInt32(0)..<3 {
            #expect(try exchange(&stage, &device, counter: counter) == [1])
        }
        #expect(try exchange(&stage, &device, counter: 3) == nil)
        #expect(
            stage.effects.outcomeWords == [
                "scheduled", "sent", "nack(1)", "sent", "nack(2)", "sent", "nack(3, last)",
                "failed(attempts_exhausted)",
            ]
        )
    }

    @Test("eight attempts are the default")
    func defaultAttempts() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, confirmed: true))
        for counter in UInt32(0)..<8 { #expect(try exchange(&stage, &device, counter: counter) != nil) }
        #expect(try exchange(&stage, &device, counter: 8) == nil)
    }

    @Test("the acknowledgement may come before the RAN's result")
    func earlyAcknowledgement() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, confirmed: true))
        stage.deliver(device.uplink(), from: device)
        let sent = try #require(stage.wait(.seconds(6)).transmissions.first)
        stage.deliver(device.uplink(ack: true), from: device)
        #expect(stage.effects.outcomeWords == ["scheduled", "sent", "acknowledged"])
        stage.tell(.sent, of: sent)
        #expect(stage.effects.outcomeWords == ["scheduled", "sent", "acknowledged"])
    }

    @Test("a downlink that expires is told so at that moment")
    func expiry() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device, payload: [1], expiresIn: .seconds(60)))
        stage.enqueue(stage.item(for: device, payload: [2]))
        stage.wait(.seconds(59))
        #expect(stage.effects.outcomeWords == ["scheduled", "scheduled"])
        stage.wait(.seconds(1))
        #expect(stage.effects.outcomeWords == ["scheduled", "scheduled", "failed(expired)"])
        #expect(try exchange(&stage, &device, counter: 0) == [2])
    }

    @Test("what cannot be sent is refused at once, with the figures")
    func refused() throws {
        var (stage, device) = try joined { $0.queueLimit = 2 }
        let stranger = try TestDevice.personalised(99)
        let newcomer = try TestDevice.overTheAir(5)
        stage.handle(.register(newcomer.profile, restored: nil))
        var needy = stage.item(for: newcomer)
        needy.requiresSession = true
        let cases: [(DownlinkItem, DownlinkFailureReason)] = [
            (stage.item(for: stranger), .unknownDevice),
            (stage.item(for: device, port: 0), .invalidPort),
            (stage.item(for: device, port: 224), .invalidPort),
            (stage.item(for: device, payload: [UInt8](repeating: 0, count: 243)), .payloadTooLong),
            (stage.item(for: device, expiresIn: .seconds(-1)), .expired),
            (needy, .noSession),
        ]
        for (item, reason) in cases {
            let effects = stage.handle(.enqueue(item, .last))
            #expect(effects.count == 1)
            #expect(effects.outcomeWords == ["failed(\(reason.rawValue))"])
        }
        stage.enqueue(stage.item(for: device))
        stage.enqueue(stage.item(for: device))
        #expect(stage.handle(.enqueue(stage.item(for: device), .last)).outcomeWords == ["failed(queue_full)"])
        #expect(
            stage.handle(.enqueue(stage.item(for: device), .replace)).outcomeWords
                == ["failed(replaced)", "failed(replaced)", "scheduled"]
        )
    }

    @Test("of several items in one request all are taken or none")
    func allOrNone() throws {
        var (stage, device) = try joined()
        let good = stage.item(for: device)
        let bad = stage.item(for: device, port: 0)
        let effects = stage.handle(.enqueueAll([good, bad], .replace))
        #expect(effects.outcomeWords == ["failed(invalid_port)", "failed(invalid_port)"])
        #expect(effects.changes.isEmpty)
        let taken = stage.handle(.enqueueAll([good, stage.item(for: device, payload: [5])], .first))
        #expect(taken.outcomeWords == ["scheduled", "scheduled"])
        #expect(try exchange(&stage, &device, counter: 0) == good.payload)
    }

    @Test("a deleted device's downlinks end as such")
    func deleted() throws {
        var (stage, device) = try joined()
        stage.enqueue(stage.item(for: device))
        let effects = stage.handle(.unregister(device.profile.devEUI))
        #expect(effects.outcomeWords == ["failed(device_deleted)"])
        #expect(stage.server.deviceCount == 0)
        #expect(stage.server.nextDeadline == nil)
        #expect(stage.deliver(device.uplink(), from: device).refusals.map(\.reason) == [.unknownDevice])
    }

    @Test("a queue of ten thousand works off in order")
    func longQueue() throws {
        var (stage, device) = try joined()
        let items = (0..<10_000).map { number in
            stage.item(for: device, payload: [UInt8(number & 255), UInt8(number >> 8)])
        }
        #expect(stage.handle(.enqueueAll(items, .last)).outcomes.count == 10_000)
        for counter in UInt32(0)..<20 {
            #expect(try exchange(&stage, &device, counter: counter) == items[Int(counter)].payload)
        }
    }
}
