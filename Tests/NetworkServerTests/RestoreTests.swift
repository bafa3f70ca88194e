// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
@testable import NetworkServer
import TestSupport
import Testing

/// A store as the shell keeps it: what the effects said, by device.
struct Shelf {
    var devices: [EUI64: RestoredDevice] = [:]
    private var rows: [EUI64: [UInt64: (position: Int64, octets: [UInt8])]] = [:]

    mutating func keep(_ effects: [Effect]) {
        for effect in effects {
            guard case .store(let devEUI, let change) = effect else { continue }
            switch change {
            case .session(let octets): devices[devEUI, default: RestoredDevice()].session = octets
            case .joinState(let octets): devices[devEUI, default: RestoredDevice()].joinState = octets
            case .putDownlink(let id, let position, let octets): rows[devEUI, default: [:]][id] = (position, octets)
            case .deleteDownlink(let id): rows[devEUI, default: [:]][id] = nil
            }
        }
    }

    func restored(_ devEUI: EUI64) -> RestoredDevice {
        var device = devices[devEUI] ?? RestoredDevice()
        device.downlinks = (rows[devEUI] ?? [:]).values.sorted { $0.position < $1.position }.map(\.octets)
        return device
    }
}

@Suite struct RestoreTests {
    @Test(
        "a server restored from what was stored goes on where the other stopped",
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func goesOn(seed: UInt64) throws {
        let configuration = NetworkConfiguration(netID: try #require(NetID(hex: "000013")))
        let place = ShardPlace(index: 0, count: 1)
        var traffic = try Traffic(seed: seed)
        var server = NetworkServer(configuration: configuration, shard: place, firstTransaction: 1)
        var random = SeededGenerator(seed: seed)
        var shelf = Shelf()
        for event in traffic.registrations { shelf.keep(server.handle(event, at: traffic.moment, random: &random)) }
        for _ in 0..<400 {
            let effects = server.handle(
                traffic.next(deadline: server.nextDeadline),
                at: traffic.moment,
                random: &random,
            )
            shelf.keep(effects)
            try traffic.see(effects)
        }
        // All that is under way settles; then both servers know the same.
        var now = traffic.moment
        while let deadline = server.nextDeadline, deadline < now.monotonic + 3_600_000_000_000 {
            let step = max(0, deadline - now.monotonic)
            now = Moment(
                monotonic: now.monotonic + step,
                wall: UnixTime(nanoseconds: now.wall.nanoseconds + step),
            )
            shelf.keep(server.handle(.timer, at: now, random: &random))
        }
        var other = NetworkServer(configuration: configuration, shard: place, firstTransaction: 1 << 40)
        for device in traffic.devices {
            let restored = shelf.restored(device.profile.devEUI)
            let effects = other.handle(.register(device.profile, restored: restored), at: now, random: &random)
            #expect(effects.changes.isEmpty)
            #expect(effects.notices.isEmpty)
        }
        traffic.rest(until: now)
        // The numbers that servers give out differ: a result is told to each under its own.
        var numbers: [TransactionID: TransactionID] = [:]
        var randoms = (SeededGenerator(seed: 1), SeededGenerator(seed: 1))
        var count = 0
        for _ in 0..<300 {
            #expect(server.nextDeadline == other.nextDeadline)
            let event = traffic.next(deadline: server.nextDeadline)
            // The group is not in the store of devices.
            if case .enqueueMulticast = event { continue }
            let left = server.handle(event, at: traffic.moment, random: &randoms.0)
            let right = other.handle(event.renumbered(numbers), at: traffic.moment, random: &randoms.1)
            try traffic.see(left)
            #expect(left.count == right.count)
            #expect(left.changes == right.changes)
            #expect(left.refusals == right.refusals && left.notices == right.notices)
            #expect(left.outcomeWords == right.outcomeWords)
            #expect(left.transmissions.map(\.octets) == right.transmissions.map(\.octets))
            #expect(left.transmissions.map(\.timing) == right.transmissions.map(\.timing))
            for (one, two) in zip(left.transmissions, right.transmissions) {
                numbers[one.transactionID] = two.transactionID
            }
            count += left.changes.count
        }
        #expect(count > 100)
    }

    @Test("damaged octets are told and lose nothing else")
    func damaged() throws {
        var device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        try stage.join(&device)
        var shelf = Shelf()
        shelf.keep(stage.effects)
        var restored = shelf.restored(device.profile.devEUI)
        restored.session?.removeLast()
        var other = try Stage()
        let effects = other.handle(.register(device.profile, restored: restored))
        #expect(effects.notices.map(\.reason) == [.storedStateUnreadable])
        #expect(
            other.deliver(device.joinRequest(devNonce: 1), from: device).refusals.map(\.reason) == [.devNonceReused]
        )
    }

    @Test("used nonces survive, however many", arguments: [0, 1, 4096, 4097, 20_000])
    func nonces(count: Int) throws {
        let rootKey = TestDevice.key(1, 1)
        var state = JoinState(rootKey: rootKey)
        let used = Set((0..<count).map { UInt16($0 * 3 & 0xffff) })
        for nonce in used { #expect(state.answer(nonce, countsUp: false) != nil) }
        let encoded = state.encoded()
        #expect(encoded.count <= 8192 + 16)
        var restored = try #require(JoinState(encoded))
        #expect(restored == state)
        restored.use(rootKey: rootKey)
        for nonce in UInt16.min ... .max {
            #expect(restored.devNonces.allows(nonce, countsUp: false) != used.contains(nonce))
        }
        restored.use(rootKey: TestDevice.key(2, 2))
        #expect(restored.devNonces.isEmpty)
        #expect(restored.joinNonce == UInt32(used.count))
    }
}

extension Event {
    /// The same event for a server that gave its transmissions other numbers.
    fileprivate func renumbered(_ numbers: [TransactionID: TransactionID]) -> Event {
        switch self {
        case .transmissionResult(let id, let result): .transmissionResult(numbers[id] ?? id, result)
        case .transmissionAccepted(let id): .transmissionAccepted(numbers[id] ?? id)
        default: self
        }
    }
}
