// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANClient
import RANSimulator
import Testing

/// The client against the whole API, over real sockets.
@Suite(.timeLimit(.minutes(5)))
struct SimulatorTests {
    /// Above 2^63: no signed number and no double holds it.
    private let devEUI = EUI64(rawValue: 0xFEDC_BA98_7654_3210)
    private let joinEUI = EUI64(rawValue: 0x8000_0000_0000_0001)
    private let devAddr = DevAddr(rawValue: 0xFF00_0001)

    private func reason(_ body: () async throws(RANError) -> Void) async -> String? {
        do throws(RANError) {
            try await body()
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("a device lives through every call of the routing table")
    func routingTable() async throws {
        try await Simulated.with { ran async throws in
            let table = ran.client.routingTable
            let made = try await table.insert(devEUI: devEUI, joinEUI: joinEUI, details: "roof \"7\"")
            #expect(made.devEUI == devEUI)
            #expect(made.createdAt > UnixTime(milliseconds: 1_600_000_000_000))
            let active = try await table.update(devEUI: devEUI, joinEUI: joinEUI, activeDevAddr: devAddr)
            #expect(active.activeDevAddr == devAddr)
            let target = try await table.update(
                devEUI: devEUI,
                joinEUI: joinEUI,
                targetDevAddr: DevAddr(rawValue: 1),
            )
            #expect((target.activeDevAddr, target.targetDevAddr) == (devAddr, DevAddr(rawValue: 1)))
            #expect(try await table.select(devEUIs: [devEUI, joinEUI]) == [target])
            let meter = try await table.insert(devEUI: EUI64(rawValue: 2), devAddr: devAddr)
            #expect(meter.joinEUI == nil)
            #expect(try await table.select(offset: 1, limit: 5).count == 1)
            #expect(try await table.delete(devEUIs: [devEUI, joinEUI]) == 1)
            #expect(try await table.deleteAll() == 1)
            #expect(try await table.select().isEmpty)
        }
    }

    @Test("a table of any size is read page by page, and part of it by any number of DevEUIs")
    func largeTable() async throws {
        try await Simulated.with { ran async throws in
            let table = ran.client.routingTable
            let wanted = (1...2500).map { EUI64(rawValue: $0) }
            try await withThrowingTaskGroup { group in
                for start in stride(from: 0, to: wanted.count, by: 625) {
                    group.addTask {
                        for devEUI in wanted[start..<start + 625] {
                            try await table.insert(devEUI: devEUI, devAddr: DevAddr(rawValue: 7))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Set(table.select().map(\.devEUI)) == Set(wanted))
            #expect(try await table.select(offset: 1200, limit: 1100).count == 1100)
            let some = Array(wanted.prefix(321))
            #expect(try await Set(table.select(devEUIs: some).map(\.devEUI)) == Set(some))
            #expect(try await table.select(devEUIs: some, offset: 300, limit: 100).count == 21)
            #expect(try await table.delete(devEUIs: Array(wanted.prefix(2300))) == 2300)
            #expect(try await table.select().count == 200)
        }
    }

    @Test("every documented error of the routing table comes as its case")
    func routingErrors() async throws {
        try await Simulated.with {
            $0.subscriptionLimit = 1
        } _: { ran async throws in
            let table = ran.client.routingTable
            #expect(
                await reason { () throws(RANError) in
                    try await table.update(devEUI: devEUI, joinEUI: joinEUI, activeDevAddr: devAddr)
                } == "device_not_found"
            )
            try await table.insert(devEUI: devEUI, devAddr: devAddr)
            #expect(
                await reason { () throws(RANError) in
                    try await table.insert(devEUI: devEUI, devAddr: devAddr)
                } == "device_already_exists"
            )
            #expect(
                await reason { () throws(RANError) in
                    try await table.insert(devEUI: joinEUI, devAddr: devAddr)
                } == "device_limit_exhausted"
            )
            do throws(RANError) {
                try await table.update(devEUI: devEUI, joinEUI: joinEUI, activeDevAddr: devAddr)
                Issue.record("an ABP device cannot be updated")
            } catch {
                guard case .validationFailed(_, let problems) = error else {
                    Issue.record("unexpected: \(error)")
                    return
                }
                #expect(problems.first?.location == "body.DevEUI")
            }
            let stranger = RANClient(
                endpoint: try RANEndpoint(url: ran.endpoint.url, token: RANToken("stranger")),
                name: "stranger",
            )
            #expect(
                await reason { () throws(RANError) in try await stranger.routingTable.deleteAll() } == "unauthorized"
            )
            try await ran.simulator.inject(.httpStatus(502, count: 3))
            #expect(await reason { () throws(RANError) in try await table.deleteAll() } == "server_error")
            try await ran.simulator.inject(.httpStatus(500, count: 2))
            #expect(try await table.deleteAll() == 1)
        }
    }

    @Test("a group lives through every call, and every documented error of groups comes as its case")
    func multicastGroups() async throws {
        try await Simulated.with { ran async throws in
            let groups = ran.client.multicastGroups
            let address = DevAddr(rawValue: 0xFFED_8719)
            #expect(
                await reason { () throws(RANError) in
                    try await groups.update(address: address, name: "x")
                } == "multicast_group_not_found"
            )
            #expect(try await groups.create(name: "lämps", address: address).name == "lämps")
            #expect(
                await reason { () throws(RANError) in
                    try await groups.create(name: "again", address: address)
                } == "multicast_group_already_exists"
            )
            #expect(
                await reason { () throws(RANError) in
                    try await groups.addDevice(devEUI, to: address)
                } == "device_not_found"
            )
            try await ran.client.routingTable.insert(devEUI: devEUI, devAddr: devAddr)
            #expect(try await groups.addDevice(devEUI, to: address))
            #expect(
                await reason { () throws(RANError) in
                    try await groups.addDevice(devEUI, to: address)
                } == "multicast_group_already_contains_device"
            )
            #expect(try await groups.get(addresses: [address]).first?.devices == [devEUI])
            let moved = try await groups.update(address: address, newAddress: DevAddr(rawValue: 9))
            #expect(moved.address == DevAddr(rawValue: 9))
            #expect(try await groups.removeDevice(devEUI, from: moved.address))
            #expect(try await !groups.removeDevice(devEUI, from: moved.address))
            #expect(try await groups.get().count == 1)
            #expect(try await groups.delete(addresses: [moved.address]) == 1)
            #expect(try await groups.get().isEmpty)
        }
    }

    @Test("every kind of upstream message is read, and its ack and reject arrive as they were meant")
    func upstream() async throws {
        try await Simulated.with { ran async throws in
            try await ran.client.withUpstream { upstream in
                try await upstream.waitUntilConnected()
                var raw = RawUpstream(devEUIs: [devEUI, EUI64(rawValue: .max)], octets: [0x40, 1], mic: 0xFFFF_FFF1)
                raw.transactionID = .max
                raw.isOutdated = true
                raw.modulation = .fhss(occupiedWidth: 137_000, codingRate: "2/3")
                raw.writesCapitalOCW = true
                let deliveries = upstream.makeAsyncIterator()
                let lrFHSS = raw
                async let acked = ran.simulator.inject(lrFHSS)
                let first = try #require(await deliveries.next())
                #expect(first.message.transactionID == .max)
                #expect(first.message.devEUIs == [devEUI, EUI64(rawValue: .max)])
                #expect(first.message.isOutdated)
                #expect(first.message.radio.modulation == .fhss(occupiedWidth: 137_000, codingRate: "2/3"))
                #expect(first.message.micChallenge.contains(0xFFFF_FFF1))
                first.ack(devEUI: devEUI, mic: 0xFFFF_FFF1)
                #expect(try await acked == .ack(devEUI: devEUI, mic: 0xFFFF_FFF1, isRight: true))

                raw.transactionID = 9_223_372_036_854_775_808
                raw.modulation = .fsk(deviation: 25_000, bitRate: 50_000)
                raw.challenge = (0..<4096).map { 0x8000_0000 + $0 }
                let fsk = raw
                async let rejected = ran.simulator.inject(fsk)
                let second = try #require(await deliveries.next())
                #expect(second.message.radio.modulation == .fsk(deviation: 25_000, bitRate: 50_000))
                #expect(second.message.micChallenge == raw.challenge)
                second.reject(.other, message: "no \u{1F4E1}")
                #expect(try await rejected == .reject(code: "Other", message: "no \u{1F4E1}"))
            }
        }
    }

    @Test("a fragmenting and binary RAN with pings between the fragments is understood")
    func fragments() async throws {
        try await Simulated.with {
            $0.fragmentSize = 100
            $0.sendsBinaryFrames = true
            $0.challengeSize = 4096
        } _: { ran async throws in
            try await ran.client.withUpstream { upstream in
                try await upstream.waitUntilConnected()
                async let reply = ran.simulator.inject(RawUpstream(devEUIs: [devEUI], octets: [0x40, 1], mic: 5))
                let deliveries = upstream.makeAsyncIterator()
                let delivery = try #require(await deliveries.next())
                #expect(delivery.message.micChallenge.count == 4096)
                delivery.reject(.micFailed)
                #expect(try await reply == .reject(code: "MICFailed", message: nil))
            }
        }
    }

    @Test("a downlink is answered with ack and result, device by device for a group where the RAN tells")
    func downstream() async throws {
        try await Simulated.with {
            $0.reportsMulticastByDevice = true
        } _: { ran async throws in
            let window = TransmissionWindow(
                frequency: 869_525_000,
                modulation: .lora(spreading: 12, bandwidth: 125_000),
                timing: .now,
            )
            try await ran.client.withDownstream { downstream in
                try await downstream.waitUntilConnected()
                let unknown = try await downstream.sendAndWait(
                    to: .device(devEUI, targetDevAddr: devAddr),
                    window: window,
                    payload: [0x60, 1, 2, 3, 4, 0, 0, 0, 1, 2, 3, 4],
                )
                #expect((unknown.mailboxID ?? 0) > 0)
                guard case .single(code: .gatewayNotFound, let message) = unknown.result else {
                    Issue.record("unexpected: \(unknown)")
                    return
                }
                #expect(message.contains("fedcba9876543210"))

                let address = DevAddr(rawValue: 0xFFED_8719)
                try await ran.client.routingTable.insert(devEUI: devEUI, devAddr: devAddr)
                try await ran.client.multicastGroups.create(name: "lamps", address: address)
                try await ran.client.multicastGroups.addDevice(devEUI, to: address)
                let group = try await downstream.sendAndWait(
                    to: .multicast(address),
                    window: window,
                    payload: [0x60, 1, 2, 3, 4, 0, 0, 0, 1, 2, 3, 4],
                )
                guard case .multicast(let results) = group.result else {
                    Issue.record("unexpected: \(group)")
                    return
                }
                #expect(results.map(\.devEUI) == [devEUI])
            }
            let report = await ran.simulator.snapshot()
            #expect(report.downstreamInvalid == 0)
            #expect(report.problems.isEmpty)
        }
    }

    @Test("a RAN that takes a downlink without a word, and one whose sockets freeze, end in a time-out")
    func silentRAN() async throws {
        try await Simulated.with { ran async throws in
            var options = DownstreamOptions()
            options.ackTimeout = .milliseconds(100)
            options.stream = .quick
            options.stream.pingInterval = .milliseconds(50)
            // A busy machine may rest for a second.
            options.stream.silenceLimit = .seconds(2)
            let window = TransmissionWindow(
                frequency: 869_525_000,
                modulation: .lora(spreading: 12, bandwidth: 125_000),
                timing: .now,
            )
            let opened = Events<ConnectionState>()
            let downstream = ran.client.openDownstream(options: options) { opened.add($0) }
            try await downstream.waitUntilConnected()
            try await ran.simulator.inject(.ignoreDownstream(count: 1))
            #expect(
                await reason { () throws(RANError) in
                    _ = try await downstream.sendAndWait(to: .device(devEUI), window: window, payload: [0x60])
                } == "timed_out"
            )
            try await ran.simulator.inject(.freezeSockets(true))
            let lost = await opened.first { $0.isDisconnected }
            guard case .disconnected(.silent, _) = lost else {
                Issue.record("unexpected: \(lost)")
                return
            }
            downstream.stop()
            await downstream.waitUntilStopped()
        }
    }

    @Test("100,000 messages over four sockets, one cut every second, are all acked on the socket that brought them")
    func cutSockets() async throws {
        let count = 100_000
        try await Simulated.with {
            $0.ackTimeout = .seconds(1)
            $0.challengeSize = 2
        } _: { ran async throws in
            try await ran.client.withUpstream(connections: 4, options: .quick) { upstream in
                try await upstream.waitUntilConnected()
                try await ran.simulator.inject(.dropUpstreamEvery(.seconds(1)))
                let simulator = ran.simulator
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask {
                        for await delivery in upstream {
                            let octets = delivery.message.payload
                            let mic = octets.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
                            delivery.ack(devEUI: delivery.message.devEUIs[0], mic: mic)
                        }
                        return 0
                    }
                    // Each plays the RAN for its share: what was on a socket when it was cut is delivered again.
                    for lane in 0..<200 {
                        group.addTask {
                            var again = 0
                            for number in stride(from: lane, to: count, by: 200) {
                                let mic = UInt32(number) &* 2_654_435_761
                                let octets = (0..<4).reversed().map { UInt8(truncatingIfNeeded: mic >> (8 * $0)) }
                                let raw = RawUpstream(devEUIs: [EUI64(rawValue: 1)], octets: octets, mic: mic)
                                while true {
                                    let reply = try await simulator.inject(raw)
                                    if case .ack(_, _, isRight: true) = reply { break }
                                    try #require(reply == .missing || reply == .undelivered)
                                    again += 1
                                }
                            }
                            return again
                        }
                    }
                    for _ in 0..<200 { _ = try await group.next() }
                    upstream.stop()
                    try await group.waitForAll()
                }
            }
            let report = await ran.simulator.snapshot()
            #expect(report.acks == count)
            #expect(report.wrongAcks == 0)
            #expect(report.repliesOnOtherSocket == 0)
            #expect(report.malformedReplies == 0)
            #expect(report.upstreamSocketsOpened >= 8)
        }
    }
}
