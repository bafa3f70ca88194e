// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

@Suite struct MulticastTests {
    private let address = DevAddr(rawValue: 0x2700_0001)

    private func group(
        _ listening: MulticastGroup.Listening = .classC(nil),
        coverages: [Int] = [0],
    ) throws -> MulticastGroup {
        MulticastGroup(
            address: address,
            applicationKey: TestDevice.key(1, 20),
            networkKey: TestDevice.key(1, 21),
            region: try TestDevice.eu868(),
            coverages: coverages,
            listening: listening,
        )
    }

    private func item(_ id: UInt64, payload: [UInt8] = [1, 2]) -> MulticastItem {
        MulticastItem(id: id, address: address, port: 200, payload: payload, context: [9])
    }

    private func words(_ effects: [Effect]) -> [String] {
        effects.compactMap { if case .multicast(_, let outcome) = $0 { outcome.word } else { nil } }
    }

    @Test("while none of its coverages takes anything a downlink waits, and no attempt is counted")
    func away() throws {
        var stage = try Stage()
        stage.handle(.registerGroup(try group(coverages: [0, 2]), restored: nil))
        stage.handle(.coverage(0, isOpen: false))
        stage.handle(.coverage(2, isOpen: false))
        #expect(stage.handle(.enqueueMulticast([item(1)], .last)).transmissions.isEmpty)
        stage.wait(.seconds(3600))
        #expect(stage.effects.transmissions.isEmpty)
        stage.handle(.coverage(2, isOpen: true))
        stage.wait(.zero)
        for round in 1...5 {
            let sent = stage.effects.transmissions
            #expect(sent.count == 2 * round)
            for transmission in sent.suffix(2) { stage.tell(.unsent(reason: "not_connected"), of: transmission) }
            stage.wait(.seconds(5))
        }
        let last = Array(stage.effects.transmissions.suffix(2))
        stage.tell(.unsent(reason: "not_connected"), of: last[0])
        stage.tell(.sent, of: last[1])
        #expect(words(stage.effects).last == "sent")
        #expect(!words(stage.effects).contains { $0.hasPrefix("failed") })
    }

    @Test("a downlink goes to every coverage under one counter of the group's own, stored before")
    func sends() throws {
        var stage = try Stage()
        stage.handle(.registerGroup(try group(coverages: [0, 2]), restored: nil))
        let effects = stage.handle(.enqueueMulticast([item(1)], .last))
        #expect(effects.transmissions.map(\.coverage) == [0, 2])
        #expect(effects.transmissions.allSatisfy { $0.target == .multicast(address) && $0.timing == .immediately })
        #expect(effects.transmissions.allSatisfy { $0.frequency == 869_525_000 })
        let stored = effects.contains { if case .storeGroup(address, .session) = $0 { true } else { false } }
        #expect(stored)
        let octets = try #require(effects.transmissions.first?.octets)
        guard case .data(let frame, let mic) = try DownlinkFrame(parsing: octets) else { return }
        #expect(
            mic
                == .dataDownlink10(
                    key: TestDevice.key(1, 21),
                    devAddr: address,
                    counter: 0,
                    octets: Array(octets.dropLast(4))
                )
        )
        let payload = FRMPayloadCipher.apply(
            key: TestDevice.key(1, 20),
            direction: .down,
            devAddr: address,
            counter: 0,
            payload: frame.payload
        )
        #expect(payload == [1, 2])
        #expect(stage.tell(.refused(code: "GatewayNotFound", message: ""), of: effects.transmissions[0]).isEmpty)
        #expect(words(stage.tell(.sent, of: effects.transmissions[1])) == ["sent"])
        #expect(stage.server.nextDeadline == nil)
    }

    @Test("a frame that no coverage sent is tried again with the same octets, and fails in the end")
    func retries() throws {
        var stage = try Stage()
        stage.handle(.registerGroup(try group(), restored: nil))
        stage.handle(.enqueueMulticast([item(1)], .last))
        for expected in 0..<3 {
            let sent = try #require(stage.effects.transmissions.last)
            #expect(stage.effects.transmissions.count == expected + 1)
            #expect(sent.octets == stage.effects.transmissions[0].octets)
            stage.tell(.refused(code: "GatewayError", message: ""), of: sent)
            stage.wait(.seconds(5))
        }
        #expect(words(stage.effects) == ["scheduled", "scheduled(1)", "scheduled(2)", "failed(ran_refused)"])
    }

    @Test("class B groups are sent to in the ping slots of their address")
    func classB() throws {
        var stage = try Stage()
        stage.handle(.registerGroup(try group(.classB(periodicity: 4, nil)), restored: nil))
        let effects = stage.handle(.enqueueMulticast([item(1)], .last))
        guard case .gpsMilliseconds(let times)? = effects.transmissions.first?.timing else {
            Issue.record("no ping slots")
            return
        }
        for time in times {
            let beacon = UInt32(time / 1000) / 128 * 128
            let slots = PingSlots(beaconTime: beacon, devAddr: address, periodicity: 4)
            #expect(slots.millisecondsAfterBeacon.contains(Int(time) - Int(beacon) * 1000))
        }
    }

    @Test("the counter and the queue survive")
    func restores() throws {
        var stage = try Stage()
        stage.handle(.registerGroup(try group(), restored: nil))
        let effects = stage.handle(.enqueueMulticast([item(1), item(2)], .last))
        var session: [UInt8]?
        var rows: [UInt64: [UInt8]] = [:]
        for effect in effects {
            guard case .storeGroup(_, let change) = effect else { continue }
            switch change {
            case .session(let octets): session = octets
            case .putDownlink(let id, _, let octets): rows[id] = octets
            case .deleteDownlink(let id): rows[id] = nil
            case .joinState: Issue.record("a group has no join state")
            }
        }
        var other = try Stage()
        let downlinks = try [1, 2].map { try #require(rows[$0]) }
        other.handle(.registerGroup(try group(), restored: RestoredGroup(session: session, downlinks: downlinks)))
        other.wait(.seconds(1))
        // What was with the RAN is sent again under a counter that was never used.
        let sent = try #require(other.effects.transmissions.first)
        guard case .data(let frame, _) = try DownlinkFrame(parsing: sent.octets) else { return }
        #expect(frame.counter == 1)
    }

    @Test("what cannot be sent is refused, and a deleted group's downlinks end as such")
    func refused() throws {
        var stage = try Stage()
        #expect(words(stage.handle(.enqueueMulticast([item(1)], .last))) == ["failed(unknown_group)"])
        stage.handle(.registerGroup(try group(), restored: nil))
        var bad = item(2)
        bad.port = 0
        #expect(
            words(stage.handle(.enqueueMulticast([item(1), bad], .last))) == [
                "failed(invalid_port)", "failed(invalid_port)",
            ]
        )
        let long = item(3, payload: [UInt8](repeating: 0, count: 52))
        #expect(words(stage.handle(.enqueueMulticast([long], .last))) == ["scheduled", "failed(payload_too_long)"])
        stage.handle(.enqueueMulticast([item(4), item(5)], .last))
        #expect(words(stage.handle(.unregisterGroup(address))) == ["failed(group_deleted)", "failed(group_deleted)"])
        #expect(stage.server.nextDeadline == nil)
    }
}
