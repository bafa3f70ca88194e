// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct JoinTests {
    private let device = TestNetwork.otaa("o1", 7)
    private let appKey = TestNetwork.key(7)
    private let address = DevAddr(rawValue: 0x2600_0042)

    @Test("a device joins, derives its keys, and its row moves to the new address with the first uplink")
    func join() async throws {
        try await RunningSimulator.with([device]) {
            $0.timeScale = 0.1
        } _: { running async throws in
            try await running.subscribe(device)
            let upstream = try await running.open("upstream")
            let downstream = try await running.open("downstream")
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 5, payload: [0xAB])

            let request = try TestNetwork.Upstream(try await upstream.receiveJSON())
            guard case .joinRequest(let join) = try request.frame else {
                Issue.record("no join request")
                return
            }
            #expect(join.devEUI == device.devEUI)
            let mic = MIC.joinRequest(key: appKey, octets: request.octets)
            #expect(request.challenge.contains(UInt64(mic.rawValue)))
            try await upstream.send(TestNetwork.ack(request, device.devEUI, mic.rawValue))
            await running.expect { $0.acks == 1 }

            let accept = JoinAccept(
                joinNonce: 1,
                netID: TestNetwork.netID,
                devAddr: address,
                rx2DataRate: 3,
                rxDelay: 5,
                cfList: .frequencies([867_100_000, 867_300_000, 0, 0, 0]),
            )
            let text = TestNetwork.downstream(
                1,
                device.devEUI,
                accept.encrypted(appKey: appKey),
                timing: #""Delay":5"#,
                frequency: request.frequency,
                target: address,
            )
            try await downstream.send(text)
            await running.expect { $0.devices[0].joinState == .joined }
            let row = try await running.call("GET", "devices/select").body.elements?.first
            #expect(row?["TargetDevAddr"] == "26000042" && row?["ActiveDevAddr"] == .null)

            let uplink = try TestNetwork.Upstream(try await upstream.receiveJSON())
            let keys = SessionKeys.derive10(
                appKey: appKey,
                joinNonce: 1,
                netID: TestNetwork.netID,
                devNonce: join.devNonce,
            )
            let data = try uplink.data
            #expect(data.devAddr == address && data.counter == 0 && data.port == 5)
            let clear = FRMPayloadCipher.apply(
                key: keys.appSKey,
                direction: .up,
                devAddr: address,
                counter: 0,
                payload: data.payload,
            )
            #expect(clear == [0xAB])
            try await upstream.send(TestNetwork.ack(uplink, device.devEUI, try uplink.mic(keys)))
            await running.expect { $0.acks == 2 }
            let moved = try await running.call("GET", "devices/select").body.elements?.first
            #expect(moved?["TargetDevAddr"] == .null && moved?["ActiveDevAddr"] == "26000042")

            let frame = TestNetwork.downlink(keys, address, counter: 0)
            let answer = TestNetwork.downstream(
                2,
                device.devEUI,
                frame,
                timing: #""Delay":6"#,
                frequency: 869_525_000,
                spreading: 9,
            )
            try await downstream.send(answer)
            await running.expect { $0.devices[0].downlinks.first?.window == "RX2" }
        }
    }

    @Test("a join request without answer is repeated with another DevNonce; nobody else's key fits")
    func retry() async throws {
        try await RunningSimulator.with([device]) {
            $0.timeScale = 0.001
        } _: { running async throws in
            try await running.subscribe(device)
            let upstream = try await running.open("upstream")
            let downstream = try await running.open("downstream")
            try await running.simulator.join(devEUI: device.devEUI)
            var nonces: Set<UInt16> = []
            for _ in 0..<3 {
                let request = try TestNetwork.Upstream(try await upstream.receiveJSON())
                if case .joinRequest(let join) = try request.frame { nonces.insert(join.devNonce) }
                let mic = MIC.joinRequest(key: appKey, octets: request.octets)
                try await upstream.send(TestNetwork.ack(request, device.devEUI, mic.rawValue))
            }
            #expect(nonces.count == 3)
            _ = downstream
            #expect(await running.simulator.snapshot().devices[0].joinState == .notJoined)
        }
    }

    @Test("joins of other JoinEUIs are not routed")
    func foreignJoinEUI() async throws {
        try await RunningSimulator.with([device]) { running async throws in
            let body: JSONValue = ["DevEUI": .string(device.devEUI.hex), "JoinEUI": "0000000000000001"]
            _ = try await running.call("POST", "devices/insert", body)
            _ = try await running.open("upstream")
            try await running.simulator.join(devEUI: device.devEUI)
            await running.expect { $0.notSubscribed == 1 && $0.upstreamSent == 0 }
        }
    }

    @Test("a join request nobody was given is repeated as soon as somebody listens")
    func lostJoin() async throws {
        var device = device
        device.interval = .seconds(3600)
        device.firstUplinkAfter = .seconds(1800)
        device.joinInterval = .seconds(3600)
        try await RunningSimulator.with([device]) {
            $0.timeScale = 0.1
        } _: { running async throws in
            try await running.simulator.join(devEUI: device.devEUI)
            await running.expect { $0.notSubscribed == 1 }
            try await running.subscribe(device)
            await running.expect { $0.withoutSocket == 1 }
            let upstream = try await running.open("upstream")
            let request = try TestNetwork.Upstream(try await upstream.receiveJSON())
            guard case .joinRequest = try request.frame else {
                Issue.record("no join request")
                return
            }
            #expect(await running.simulator.snapshot().devices[0].joinRequests == 3)
        }
    }

    @Test("a device of LoRaWAN 1.1 joins with two root keys, announces itself and hides its options")
    func join11() async throws {
        let nwkKey = TestNetwork.key(8)
        let joinEUI = EUI64(rawValue: 5)
        var device = device
        device.version = .v1_1
        device.activation = .otaa(joinEUI: joinEUI, appKey: appKey, nwkKey: nwkKey)
        try await RunningSimulator.with([device]) {
            $0.timeScale = 0.1
        } _: { running async throws in
            try await running.subscribe(device)
            let upstream = try await running.open("upstream")
            let downstream = try await running.open("downstream")
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 5, payload: [0xAB])
            let request = try TestNetwork.Upstream(try await upstream.receiveJSON())
            guard case .joinRequest(let join) = try request.frame else {
                Issue.record("no join request")
                return
            }
            #expect(join.devNonce == 1)
            let mic = MIC.joinRequest(key: nwkKey, octets: request.octets)
            try await upstream.send(TestNetwork.ack(request, device.devEUI, mic.rawValue))
            await running.expect { $0.acks == 1 }
            let accept = JoinAccept(joinNonce: 1, netID: TestNetwork.netID, devAddr: address, optNeg: true, rxDelay: 5)
            let frame = accept.encrypted(
                nwkKey: nwkKey,
                joinServerKeys: JoinServerKeys(nwkKey: nwkKey, devEUI: device.devEUI),
                context: JoinAcceptContext(answering: .join, joinEUI: joinEUI, devNonce: join.devNonce),
            )
            let text = TestNetwork.downstream(
                1,
                device.devEUI,
                frame,
                timing: #""Delay":5"#,
                frequency: request.frequency,
                target: address,
            )
            try await downstream.send(text)
            let uplink = try TestNetwork.Upstream(try await upstream.receiveJSON())
            let data = try uplink.data
            let keys = SessionKeys.derive11(
                nwkKey: nwkKey,
                appKey: appKey,
                joinEUI: joinEUI,
                joinNonce: 1,
                devNonce: join.devNonce,
            )
            let options = FRMPayloadCipher.applyToOptions(
                nwkSEncKey: keys.nwkSEncKey,
                direction: .up,
                devAddr: address,
                counter: 0,
                usesApplicationCounter: false,
                options: data.options,
            )
            #expect(MACCommandSequence<UplinkMACCommand>(parsing: options).commands == [.rekeyIndication(minor: 1)])
            let channel = try #require([868_100_000, 868_300_000, 868_500_000].firstIndex(of: uplink.frequency))
            let signature = MIC.dataUplink11(
                keys: keys,
                devAddr: address,
                counter: 0,
                confirmedCounter: 0,
                dataRate: 5,
                channel: UInt8(channel),
                octets: uplink.octets,
            )
            #expect(uplink.challenge.contains(UInt64(signature.rawValue)))
        }
    }
}
