// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct UpstreamTests {
    @Test("a right ack is counted and halves the next challenge, down to two candidates")
    func challengeShrinks() async throws {
        let device = TestNetwork.abp("d1", 0xFEDC_BA98_7654_3210)
        try await RunningSimulator.with([device]) {
            $0.challengeSize = 8
        } _: { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            var sizes: [Int] = []
            for counter in UInt32(0)..<4 {
                try await running.simulator.sendUplink(devEUI: device.devEUI, port: 3, payload: [1, 2])
                let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
                let mic = try upstream.mic(TestNetwork.keys(device.devEUI.rawValue))
                #expect(upstream.devEUIs == [0xFEDC_BA98_7654_3210])
                #expect(upstream.challenge.contains(UInt64(mic)))
                #expect(Set(upstream.challenge).count == upstream.challenge.count)
                sizes.append(upstream.challenge.count)
                try await socket.send(TestNetwork.ack(upstream, device.devEUI, mic))
                await running.expect { $0.acks == Int(counter) + 1 }
            }
            #expect(sizes == [8, 4, 2, 2])
            let report = await running.simulator.snapshot()
            #expect(report.device("d1")?.uplinks.map(\.fCnt) == [0, 1, 2, 3])
            #expect(report.device("d1")?.uplinks.allSatisfy(\.isAcked) == true)
            #expect(report.missingAcks == 0 && report.wrongAcks == 0 && report.pending == 0)
        }
    }

    @Test("the challenge starts at 4096 candidates and is down to 2 after 11 right acks; a failure does not grow it")
    func challengeFromLongest() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) {
            $0.challengeSize = 4096
        } _: { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            var sizes: [Int] = []
            for counter in 0..<14 {
                try await running.simulator.sendUplink(devEUI: device.devEUI, port: 3, payload: [1, 2])
                let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
                let mic = try upstream.mic(TestNetwork.keys(1))
                #expect(upstream.challenge.contains(UInt64(mic)))
                sizes.append(upstream.challenge.count)
                if counter == 12 {
                    try await socket.send(TestNetwork.reject(upstream, "MICFailed"))
                    await running.expect { $0.rejects == ["MICFailed": 1] }
                } else {
                    try await socket.send(TestNetwork.ack(upstream, device.devEUI, mic))
                    await running.expect { $0.acks == (counter < 12 ? counter + 1 : counter) }
                }
            }
            #expect(sizes == [4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 2, 2])
        }
    }

    @Test("a copy that comes more than 2.5 s after its frame is marked as outdated, an earlier one is not")
    func outdated() async throws {
        var device = TestNetwork.abp("d1", 1)
        device.gateways = [GatewayReception(), GatewayReception(rssi: -80), GatewayReception(rssi: -110)]
        device.gateways[1].delay = .milliseconds(20)
        device.gateways[2].delay = .milliseconds(40)
        try await RunningSimulator.with([device]) {
            $0.timeScale = 0.01
        } _: { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 3, payload: [1, 2])
            var marks: [JSONValue?] = []
            for _ in 0..<3 { marks.append(try await socket.receiveJSON()["Outdated"]) }
            #expect(marks == [nil, nil, true])
        }
    }

    @Test("a device with ADR that hears nothing asks for a downlink, and slows down")
    func adrBackOff() async throws {
        var device = TestNetwork.abp("d1", 1)
        device.usesADR = true
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            var asked: [Int] = []
            var spreadings: [Int?] = []
            for counter in 0...98 {
                try await running.simulator.sendUplink(devEUI: device.devEUI, port: 3, payload: [1])
                let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
                #expect(try upstream.data.control.adr)
                if try upstream.data.control.adrAckRequest { asked.append(counter) }
                spreadings.append(upstream.spreading)
            }
            #expect(asked == Array(64...98))
            #expect(spreadings == [Int](repeating: 7, count: 96) + [8, 8, 8])
        }
    }

    @Test("frames are text, without compression and without null")
    func framesSuitTheOfficialClient() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [9])
            let message = try await socket.receive()
            #expect(message.opcode == 1)
            #expect(message.reservedBits == 0)
            #expect(message.fragments == 1)
            #expect(!message.text.contains("null"))
            let value = try JSONValue(parsing: message.octets)
            let names = Set(value.object?.members.map(\.name) ?? [])
            #expect(
                names == ["ProtocolVersion", "TransactionID", "DevEUIs", "Radio", "PHYPayloadNoMIC", "MICChallenge"]
            )
            #expect(value["TransactionID"]?.unsignedNumber == 1)
        }
    }

    @Test("devices that share an address are all listed, and only the sender's key is right")
    func sharedAddress() async throws {
        let first = TestNetwork.abp("d1", 1)
        let second = TestNetwork.abp("d2", 2)
        try await RunningSimulator.with([first, second]) { running async throws in
            try await running.subscribe(first)
            try await running.subscribe(second)
            let socket = try await running.open("upstream")
            try await running.simulator.sendUplink(devEUI: second.devEUI, port: 1, payload: [1])
            let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
            #expect(upstream.devEUIs == [1, 2])
            let right = try upstream.mic(TestNetwork.keys(2))
            let wrong = try upstream.mic(TestNetwork.keys(1))
            #expect(upstream.challenge.contains(UInt64(right)) && !upstream.challenge.contains(UInt64(wrong)))
            try await socket.send(TestNetwork.ack(upstream, first.devEUI, right))
            await running.expect { $0.wrongAcks == 1 && $0.acks == 0 }
        }
    }

    @Test("rejects, wrong acks and silence are told apart; too many end the subscription")
    func failures() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { configuration in
            configuration.ackTimeout = .seconds(2)
            configuration.unsubscribeAfter = 3
        } _: { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            for step in 0..<4 {
                try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
                let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
                switch step {
                case 0:
                    try await socket.send(TestNetwork.reject(upstream, "Other"))
                    await running.expect { $0.rejects == ["Other": 1] }
                case 1:
                    try await socket.send(TestNetwork.reject(upstream, "MICFailed"))
                    await running.expect { $0.rejects == ["Other": 1, "MICFailed": 1] }
                case 2:
                    try await socket.send(TestNetwork.ack(upstream, device.devEUI, 0))
                    await running.expect { $0.wrongAcks == 1 }
                default:
                    await running.expect { $0.missingAcks == 1 }
                }
            }
            await running.expect { $0.unsubscribed == [EUI64(rawValue: 1)] && $0.subscriptions == 0 }
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
            await running.expect { $0.notSubscribed == 1 }
        }
    }

    @Test("replies that make no sense are counted and change nothing")
    func malformedReplies() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
            let upstream = try TestNetwork.Upstream(try await socket.receiveJSON())
            let bad = [
                "no JSON", "[]", #"{"TransactionID":1}"#,
                #"{"ProtocolVersion":1,"TransactionID":1,"DevEUI":-1,"MIC":1}"#,
                #"{"ProtocolVersion":1,"TransactionID":1,"DevEUI":1,"MIC":4294967296}"#,
                #"{"ProtocolVersion":1,"TransactionID":1,"ResultCode":"Bad"}"#,
                #"{"ProtocolVersion":0,"TransactionID":1,"DevEUI":1,"MIC":1}"#,
            ]
            for text in bad { try await socket.send(text) }
            try await socket.send(#"{"ProtocolVersion":1,"TransactionID":77,"DevEUI":1,"MIC":1}"#)
            await running.expect { $0.malformedReplies == bad.count && $0.unknownReplies == 1 && $0.pending == 1 }
            try await socket.send(TestNetwork.ack(upstream, device.devEUI, try upstream.mic(TestNetwork.keys(1))))
            await running.expect { $0.acks == 1 && $0.pending == 0 }
        }
    }

    @Test("messages go to the upstream sockets in turn")
    func roundRobin() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let sockets = [
                try await running.open("upstream"), try await running.open("upstream"),
                try await running.open("upstream"),
            ]
            await running.expect { $0.upstreamSockets == 3 }
            for _ in 0..<6 { try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1]) }
            var seen: Set<UInt64> = []
            for socket in sockets {
                for _ in 0..<2 { seen.insert(try TestNetwork.Upstream(try await socket.receiveJSON()).transactionID) }
            }
            #expect(seen == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test("each gateway makes a message of its own, with its radio values and position")
    func copies() async throws {
        var device = TestNetwork.abp("d1", 1)
        device.isOutdated = true
        device.gateways = [
            GatewayReception(
                rssi: -70,
                snr: 8.5,
                position: GPSPosition(latitude: 52.5, longitude: 13.25, altitude: 34)
            ),
            GatewayReception(rssi: -101.5, snr: -3, delay: .milliseconds(30)),
        ]
        try await RunningSimulator.with([device]) { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
            let first = try TestNetwork.Upstream(try await socket.receiveJSON())
            let second = try TestNetwork.Upstream(try await socket.receiveJSON())
            #expect(first.octets == second.octets && first.transactionID != second.transactionID)
            #expect(first.value["Outdated"] == true)
            #expect(first.value["Radio"]?["RSSI"]?.double == -70 && second.value["Radio"]?["RSSI"]?.double == -101.5)
            #expect(first.value["GPS"] == ["Lat": 52.5, "Lng": 13.25, "Alt": 34])
            #expect(second.value["GPS"] == nil)
            let mic = try first.mic(TestNetwork.keys(1))
            for upstream in [first, second] { try await socket.send(TestNetwork.ack(upstream, device.devEUI, mic)) }
            await running.expect { $0.device("d1")?.uplinks.first?.acks == 2 }
        }
    }

    @Test("anything can be injected, and its reply is awaited")
    func injection() async throws {
        try await RunningSimulator.with {
            $0.ackTimeout = .seconds(2)
        } _: { running async throws in
            var raw = RawUpstream(devEUIs: [EUI64(rawValue: .max)], phyPayload: [0xE0, 1, 2, 3, 0, 0, 0, 9])
            #expect(try await running.simulator.inject(raw) == .undelivered)
            let socket = try await running.open("upstream")
            await running.expect { $0.upstreamSockets == 1 }
            raw.modulation = .fhss(occupiedWidth: 137_000, codingRate: "1/3")
            let fhssRaw = raw
            async let fhss = running.simulator.inject(fhssRaw)
            let first = try TestNetwork.Upstream(try await socket.receiveJSON())
            #expect(first.devEUIs == [.max] && first.octets == [0xE0, 1, 2, 3])
            #expect(first.value["Radio"]?["FHSS"] == ["Ocw": 137_000, "CodingRate": "1/3"])
            try await socket.send(TestNetwork.ack(first, EUI64(rawValue: .max), 9))
            #expect(try await fhss == .ack(devEUI: EUI64(rawValue: .max), mic: 9, isRight: true))

            raw.modulation = .fsk(deviation: 25_000, bitRate: 50_000)
            raw.transactionID = .max
            raw.challenge = [9, 10, 11]
            let fskRaw = raw
            async let fsk = running.simulator.inject(fskRaw)
            let second = try TestNetwork.Upstream(try await socket.receiveJSON())
            #expect(second.transactionID == .max && second.challenge == [9, 10, 11])
            #expect(second.value["Radio"]?["FSK"] == ["FrequencyDeviation": 25_000, "BitRate": 50_000])
            try await socket.send(TestNetwork.reject(second, "Other"))
            #expect(try await fsk == .reject(code: "Other", message: nil))

            raw.transactionID = nil
            #expect(try await running.simulator.inject(raw) == .missing)
        }
    }

    @Test("large messages come in fragments with pings between them when asked")
    func fragments() async throws {
        let device = TestNetwork.abp("d1", 1)
        try await RunningSimulator.with([device]) { configuration in
            configuration.fragmentSize = 1000
            configuration.challengeSize = 4096
        } _: { running async throws in
            try await running.subscribe(device)
            let socket = try await running.open("upstream")
            try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
            let message = try await socket.receive()
            #expect(message.fragments > 40)
            #expect(await socket.pings == message.fragments - 1)
            #expect(try TestNetwork.Upstream(JSONValue(parsing: message.octets)).challenge.count == 4096)
        }
    }
}
