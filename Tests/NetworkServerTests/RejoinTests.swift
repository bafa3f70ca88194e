// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

/// LoRaWAN 1.1 rejoin-requests.
@Suite struct RejoinTests {
    private func joined() throws -> (stage: Stage, device: TestDevice, nwkKey: AES128Key, appKey: AES128Key) {
        var device = try TestDevice.overTheAir(1, version: .v1_1)
        var stage = try Stage([device])
        try stage.join(&device)
        stage.log = []
        guard case .overTheAir(let appKey, let nwkKey?) = device.profile.activation else {
            throw TestDevice.MissingRegion()
        }
        return (stage, device, nwkKey, appKey)
    }

    private func sent(_ request: RejoinRequestFrame, _ device: TestDevice, nwkKey: AES128Key) -> TestDevice.Sent {
        let octets = request.encodedWithoutMIC()
        let key: AES128Key
        if case .restore = request {
            key = JoinServerKeys(nwkKey: nwkKey, devEUI: device.profile.devEUI).jsIntKey
        } else {
            key = device.keys.sNwkSIntKey
        }
        return (octets, MIC.rejoinRequest(key: key, octets: octets))
    }

    @Test("each type is answered by a join-accept under JSEncKey, and the new session begins with its first uplink")
    func types() throws {
        let netID = try #require(NetID(hex: "000013"))
        for type in 0..<3 {
            var (stage, device, nwkKey, appKey) = try joined()
            let devEUI = device.profile.devEUI
            let request: RejoinRequestFrame =
                switch type {
                case 0: .announce(netID: netID, devEUI: devEUI, count: 0)
                case 1: .restore(joinEUI: TestDevice.joinEUI, devEUI: devEUI, count: 0)
                default: .rekey(netID: netID, devEUI: devEUI, count: 0)
                }
            let effects = stage.deliver(sent(request, device, nwkKey: nwkKey), from: device)
            #expect(effects.acknowledgements.count == 1)
            let transmission = try #require(effects.transmissions.first)
            #expect(transmission.timing == .delay(seconds: 5))
            let accept = try #require(
                try JoinAccept(
                    decrypting: transmission.octets,
                    nwkKey: nwkKey,
                    joinServerKeys: JoinServerKeys(nwkKey: nwkKey, devEUI: devEUI),
                    context: JoinAcceptContext(
                        answering: request.requestType,
                        joinEUI: TestDevice.joinEUI,
                        devNonce: request.count,
                    ),
                )
            )
            #expect(accept.joinNonce == 2)
            #expect(effects.joins.map(\.devAddr) == [accept.devAddr])
            // The old session works on until the new one is used.
            stage.wait(.seconds(10))
            #expect(stage.deliver(device.uplink(), from: device).uplinks.map(\.sessionNumber) == [1])
            stage.wait(.seconds(10))
            device.keys = SessionKeys.derive11(
                nwkKey: nwkKey,
                appKey: appKey,
                joinEUI: TestDevice.joinEUI,
                joinNonce: accept.joinNonce,
                devNonce: request.count,
            )
            device.devAddr = accept.devAddr
            device.counter = 0
            #expect(stage.deliver(device.uplink(), from: device).uplinks.map(\.sessionNumber) == [2])
        }
    }

    @Test("a rejoin-request in a session that waits for its first uplink is answered, and proves that session in use")
    func rejoinInPending() throws {
        let netID = try #require(NetID(hex: "000013"))
        var (stage, device, nwkKey, appKey) = try joined()
        let devEUI = device.profile.devEUI
        let first = RejoinRequestFrame.announce(netID: netID, devEUI: devEUI, count: 5)
        let answered = stage.deliver(sent(first, device, nwkKey: nwkKey), from: device)
        let transmission = try #require(answered.transmissions.first)
        let accept = try #require(
            try JoinAccept(
                decrypting: transmission.octets,
                nwkKey: nwkKey,
                joinServerKeys: JoinServerKeys(nwkKey: nwkKey, devEUI: devEUI),
                context: JoinAcceptContext(answering: .rejoin0, joinEUI: TestDevice.joinEUI, devNonce: 5),
            )
        )
        stage.wait(.seconds(10))
        device.keys = SessionKeys.derive11(
            nwkKey: nwkKey,
            appKey: appKey,
            joinEUI: TestDevice.joinEUI,
            joinNonce: accept.joinNonce,
            devNonce: 5,
        )
        // RJcount0 counts from 0 again in the new session.
        let second = RejoinRequestFrame.announce(netID: netID, devEUI: devEUI, count: 0)
        let again = stage.deliver(sent(second, device, nwkKey: nwkKey), from: device)
        #expect(again.refusals.isEmpty)
        #expect(again.joins.count == 1)
        #expect(stage.server.address(of: devEUI) == accept.devAddr)
    }

    @Test("a count that is not above the last one, another network and a wrong MIC are refused")
    func refusals() throws {
        let netID = try #require(NetID(hex: "000013"))
        let other = try #require(NetID(hex: "000014"))
        var (stage, device, nwkKey, _) = try joined()
        let devEUI = device.profile.devEUI
        func deliver(_ request: RejoinRequestFrame) -> [Effect] {
            stage.wait(.seconds(5))
            return stage.deliver(sent(request, device, nwkKey: nwkKey), from: device)
        }
        #expect(deliver(.announce(netID: netID, devEUI: devEUI, count: 5)).joins.count == 1)
        let reused = deliver(.rekey(netID: netID, devEUI: devEUI, count: 5))
        #expect(reused.refusals.map(\.reason) == [.rejoinCountReused])
        #expect(reused.refusals.first?.figure("last_rj_count") == 5)
        let foreign = deliver(.announce(netID: other, devEUI: devEUI, count: 6))
        #expect(foreign.refusals.map(\.reason) == [.netIDMismatch])
        device.keys.sNwkSIntKey = nwkKey
        let forged = deliver(.announce(netID: netID, devEUI: devEUI, count: 7))
        #expect(forged.refusals.map(\.reason) == [.micFailed])
        #expect(deliver(.restore(joinEUI: TestDevice.joinEUI, devEUI: devEUI, count: 5)).joins.count == 1)
    }

    @Test("a 1.0 device has no rejoin-requests")
    func oldDevice() throws {
        var device = try TestDevice.overTheAir(1)
        var stage = try Stage([device])
        try stage.join(&device)
        let request = RejoinRequestFrame.announce(
            netID: try #require(NetID(hex: "000013")),
            devEUI: device.profile.devEUI,
            count: 0,
        )
        let effects = stage.deliver(sent(request, device, nwkKey: TestDevice.key(1, 5)), from: device)
        #expect(effects.refusals.map(\.reason) == [.micFailed])
    }
}
