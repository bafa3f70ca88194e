// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

@Suite struct JoinTests {
    @Test("a join-request is answered in RX1 after 5 s with an address of the NetID, which the RAN is told")
    func join() throws {
        var device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        let sent = device.joinRequest(devNonce: 0x1234)
        let effects = stage.deliver(sent, from: device)
        let join = try #require(effects.joins.first)
        let transmission = try #require(effects.transmissions.first)
        #expect(transmission.timing == .delay(seconds: 5))
        #expect(transmission.frequency == 868_100_000)
        #expect(transmission.target == .device(device.profile.devEUI, targetDevAddr: join.devAddr))
        #expect(effects.acknowledgements.map(\.mic) == [sent.mic.rawValue])
        #expect(effects.changes.count == 2)
        let accept = try #require(try device.accept(transmission.octets, devNonce: 0x1234))
        #expect(accept.devAddr == join.devAddr)
        #expect(accept.netID.hex == "000013")
        #expect(accept.netID.contains(accept.devAddr))
        #expect(accept.rxDelay == 5)
        #expect(accept.joinNonce == 1)
        #expect(accept.cfList == .frequencies([867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000]))
        stage.wait(.seconds(10))
        #expect(stage.deliver(device.uplink(payload: [4]), from: device).uplinks.map(\.payload) == [[4]])
    }

    @Test("the join-accept goes to RX2 when the RAN refuses RX1, and its loss is told")
    func joinRX2() throws {
        let device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        let first = try #require(
            stage.deliver(device.joinRequest(devNonce: 1), from: device).transmissions.first
        )
        stage.wait(.seconds(3))
        let second = try #require(stage.tell(.refused(code: "TooLate", message: ""), of: first).transmissions.first)
        #expect(second.timing == .delay(seconds: 6))
        #expect(second.frequency == 869_525_000)
        #expect(second.target == first.target)
        stage.wait(.seconds(3))
        let effects = stage.tell(.refused(code: "GatewayError", message: "x"), of: second)
        #expect(effects.notices.map(\.reason) == [.joinAcceptNotSent])
    }

    @Test("a join-request is a copy for 2.5 s and a reused DevNonce afterwards")
    func copies() throws {
        let device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        let sent = device.joinRequest(devNonce: 77)
        stage.deliver(sent, from: device)
        stage.wait(.milliseconds(2400))
        let copy = stage.deliver(sent, from: device)
        #expect(copy.acknowledgements.count == 1)
        #expect(copy.count == 1)
        stage.wait(.milliseconds(200))
        let late = stage.deliver(sent, from: device)
        #expect(late.refusals.map(\.reason) == [.devNonceReused])
        #expect(late.refusals.map(\.isActivation) == [true])
        #expect(late.refusals.first?.figure("dev_nonce") == 77)
        #expect(late.acknowledgements.isEmpty)
    }

    @Test(
        "nonces may come in any order below LoRaWAN 1.0.4 and count up from there on",
        arguments: [(LoRaWANVersion.v1_0_3, true), (.v1_0_4, false), (.v1_1, false)],
    )
    func nonceRule(version: LoRaWANVersion, isAccepted: Bool) throws {
        let device = try TestDevice.overTheAir(1, version: version)
        var stage = try Stage([device])
        stage.deliver(device.joinRequest(devNonce: 500), from: device)
        stage.wait(.seconds(10))
        let effects = stage.deliver(device.joinRequest(devNonce: 499), from: device)
        #expect(effects.joins.count == (isAccepted ? 1 : 0))
        #expect(effects.refusals.map(\.reason) == (isAccepted ? [] : [.devNonceReused]))
        stage.wait(.seconds(10))
        #expect(stage.deliver(device.joinRequest(devNonce: 501), from: device).joins.count == 1)
    }

    @Test("the old session works until the first uplink of the new one")
    func oldSession() throws {
        var device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        try stage.join(&device)
        var renewed = device
        let effects = stage.deliver(device.joinRequest(devNonce: 2), from: device)
        let transmission = try #require(effects.transmissions.first)
        let accept = try #require(try renewed.accept(transmission.octets, devNonce: 2))
        #expect(accept.joinNonce == 2)
        #expect(accept.devAddr != device.devAddr)
        stage.wait(.seconds(10))
        #expect(stage.deliver(device.uplink(), from: device).uplinks.map(\.sessionNumber) == [1])
        stage.wait(.seconds(10))
        #expect(stage.deliver(renewed.uplink(), from: device).uplinks.map(\.sessionNumber) == [2])
        stage.wait(.seconds(10))
        #expect(stage.deliver(device.uplink(), from: device).refusals.map(\.reason) == [.micFailed])
    }

    @Test("a join-request with a wrong JoinEUI or of a personalised device is refused with its reason")
    func refusals() throws {
        var device = try TestDevice.overTheAir(1)
        let personalised = try TestDevice.personalised(2)
        var stage = try Stage([device, personalised])
        device.profile.joinEUI = EUI64(rawValue: 1)
        let wrong = stage.deliver(device.joinRequest(devNonce: 1), from: device)
        #expect(wrong.refusals.map(\.reason) == [.joinEUIMismatch])
        let none = stage.deliver(personalised.joinRequest(devNonce: 1), from: personalised)
        #expect(none.refusals.map(\.reason) == [.notOTAA])
    }

    @Test("a join-request with a bad MIC uses up no nonce")
    func badMIC() throws {
        let device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        var sent = device.joinRequest(devNonce: 9)
        sent.mic = MIC(rawValue: ~sent.mic.rawValue)
        #expect(stage.deliver(sent, from: device).refusals.map(\.reason) == [.micFailed])
        #expect(stage.deliver(device.joinRequest(devNonce: 9), from: device).joins.count == 1)
    }

    @Test("an outdated join-request is acknowledged, not answered, and told")
    func outdated() throws {
        let device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        let effects = stage.deliver(
            device.joinRequest(devNonce: 9),
            candidates: [device.profile.devEUI],
            isOutdated: true,
        )
        #expect(effects.acknowledgements.count == 1)
        #expect(effects.notices.map(\.reason) == [.activationTooLate])
        #expect(effects.joins.isEmpty)
        stage.wait(.seconds(10))
        #expect(stage.effects.transmissions.isEmpty)
    }

    @Test("another root key forgets the nonces of the old one; the same one does not")
    func newRootKey() throws {
        var device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        stage.deliver(device.joinRequest(devNonce: 5), from: device)
        stage.wait(.seconds(10))
        stage.handle(.register(device.profile, restored: nil))
        #expect(stage.deliver(device.joinRequest(devNonce: 5), from: device).joins.isEmpty)
        device.profile.activation = .overTheAir(appKey: TestDevice.key(9, 9), nwkKey: nil)
        stage.handle(.register(device.profile, restored: nil))
        #expect(stage.deliver(device.joinRequest(devNonce: 5), from: device).joins.count == 1)
    }

    @Test(
        "addresses of any NetID type are given once while one is free, and never by two shards",
        arguments: ["000013", "200001", "400002", "600003", "800004", "a00005", "c00006", "e00007"],
    )
    func addresses(netID: String) throws {
        let netID = try #require(NetID(hex: netID))
        var given: Set<DevAddr> = []
        // The smallest network has 128 addresses, of which 0 is left out.
        let perShard = min(300, (1 << netID.nwkAddrBits) / 3 - 1)
        for index in 0..<3 {
            let devices = try (0..<perShard).map { try TestDevice.overTheAir(UInt64($0 + 1)) }
            var stage = try Stage(devices, shard: ShardPlace(index: index, count: 3)) { $0.netID = netID }
            for device in devices {
                let join = stage.deliver(device.joinRequest(devNonce: 1), from: device).joins.first
                let address = try #require(join?.devAddr)
                #expect(netID.contains(address))
                #expect(given.insert(address).inserted)
            }
        }
    }

    @Test("a shard whose own addresses are used up gives others before it gives one twice")
    func othersAddresses() throws {
        let netID = try #require(NetID(hex: "e00007"))
        let devices = try (0..<100).map { try TestDevice.overTheAir(UInt64($0 + 1)) }
        var stage = try Stage(devices, shard: ShardPlace(index: 1, count: 4)) { $0.netID = netID }
        var given: [UInt32] = []
        for device in devices {
            let join = try #require(stage.deliver(device.joinRequest(devNonce: 1), from: device).joins.first)
            given.append(join.devAddr.rawValue & 0x7f)
        }
        #expect(Set(given).count == 100)
        #expect(given.prefix(32).allSatisfy { $0 % 4 == 1 })
        #expect(!given.contains(0))
    }

    @Test("when no address is free they are shared")
    func sharedAddresses() throws {
        let netID = try #require(NetID(hex: "e00007"))
        var devices = try (0..<200).map { try TestDevice.overTheAir(UInt64($0 + 1)) }
        var stage = try Stage(devices) { $0.netID = netID }
        for index in devices.indices {
            let effects = stage.deliver(devices[index].joinRequest(devNonce: 1), from: devices[index])
            let accept = try #require(effects.transmissions.first)
            #expect(try devices[index].accept(accept.octets, devNonce: 1) != nil)
        }
        let addresses = devices.map(\.devAddr)
        #expect(Set(addresses).count == 128)
        // The address that ends in zeros is the last one given, as tools take it for "not set".
        #expect(Set(addresses.prefix(127)).count == 127)
        #expect(addresses[127].rawValue & 0x7f == 0)
        let candidates = devices.map(\.profile.devEUI)
        for index in devices.indices {
            let effects = stage.deliver(devices[index].uplink(), candidates: candidates)
            #expect(effects.uplinks.map(\.devEUI) == [candidates[index]])
        }
    }
}
