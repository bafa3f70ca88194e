// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import TestSupport
import Testing

@Suite struct DeterminismTests {
    private func server() throws -> NetworkServer {
        NetworkServer(
            configuration: NetworkConfiguration(netID: try #require(NetID(hex: "000013"))),
            shard: ShardPlace(index: 0, count: 1),
            firstTransaction: 1,
        )
    }

    @Test("the same events, moments and seed give the same effects", arguments: 1...20 as ClosedRange<UInt64>)
    func replays(seed: UInt64) throws {
        var traffic = try Traffic(seed: seed)
        var first = try server()
        var random = SeededGenerator(seed: seed)
        var record: [(Event, Moment)] = traffic.registrations.map { ($0, traffic.moment) }
        var effects = record.map { first.handle($0.0, at: $0.1, random: &random) }
        for _ in 0..<500 {
            let event = traffic.next(deadline: first.nextDeadline)
            record.append((event, traffic.moment))
            let done = first.handle(event, at: traffic.moment, random: &random)
            try traffic.see(done)
            effects.append(done)
        }
        #expect(effects.joined().contains { if case .uplink = $0 { true } else { false } })
        #expect(effects.joined().contains { if case .join = $0 { true } else { false } })
        var second = try server()
        random = SeededGenerator(seed: seed)
        for (index, (event, moment)) in record.enumerated() {
            let again = second.handle(event, at: moment, random: &random)
            #expect(String(describing: again) == String(describing: effects[index]))
        }
        #expect(first.tally == second.tally)
    }

    @Test(
        "every upstream message is acknowledged or rejected once, and no downlink counter serves two frames",
        arguments: 1...20 as ClosedRange<UInt64>,
    )
    func invariants(seed: UInt64) throws {
        var traffic = try Traffic(seed: 1000 + seed)
        var server = try server()
        var random = SeededGenerator(seed: seed)
        for event in traffic.registrations { _ = server.handle(event, at: traffic.moment, random: &random) }
        var frames: [String: [UInt8]] = [:]
        var numbers: Set<TransactionID> = []
        var open: Set<UInt64> = []
        for _ in 0..<1000 {
            let event = traffic.next(deadline: server.nextDeadline)
            let effects = server.handle(event, at: traffic.moment, random: &random)
            try traffic.see(effects)
            if case .upstream = event { #expect(effects.acknowledgements.count + effects.refusals.count == 1) }
            if case .enqueue(let item, _) = event { open.insert(item.id) }
            for transmission in effects.transmissions {
                #expect(numbers.insert(transmission.transactionID).inserted)
                guard case .data(let frame, _) = try DownlinkFrame(parsing: transmission.octets) else { continue }
                let kind = (frame.port ?? 0) > 0 ? "application" : "network"
                let key = "\(frame.devAddr) \(frame.counter) \(kind) \(transmission.target)"
                #expect(frames[key].map { $0 == transmission.octets } ?? true, "\(key) was used twice")
                frames[key] = transmission.octets
            }
            for (item, outcome) in effects.outcomes {
                #expect(open.contains(item.id), "an outcome after the last one: \(outcome)")
                switch outcome {
                case .acknowledged, .failed: open.remove(item.id)
                case .sent: if !item.isConfirmed { open.remove(item.id) }
                case .scheduled, .notAcknowledged: continue
                }
            }
        }
    }
}
