// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANSimulator
import Testing

/// A LoRaWAN 1.1 device that has joined a simulator, and the network's half of its session.
struct Joined11 {
    static let joinEUI = EUI64(rawValue: 0x70B3_D57E_D0F0_0001)
    static let appKey = TestNetwork.key(7)
    static let nwkKey = TestNetwork.key(8)

    let running: RunningSimulator
    let upstream: SocketClient
    let downstream: SocketClient
    let devEUI: EUI64
    private(set) var keys: SessionKeys
    private(set) var devAddr = DevAddr(rawValue: 0x2600_0042)
    private var joinNonce: UInt32 = 1
    private var transactionID: UInt64 = 1
    private var acks = 0

    static func device() -> VirtualDeviceConfiguration {
        var device = TestNetwork.otaa("r1", 7)
        device.version = .v1_1
        device.activation = .otaa(joinEUI: joinEUI, appKey: appKey, nwkKey: nwkKey)
        return device
    }

    /// Subscribes and joins.
    init(_ running: RunningSimulator, _ device: VirtualDeviceConfiguration) async throws {
        self.running = running
        devEUI = device.devEUI
        try await running.subscribe(device)
        upstream = try await running.open("upstream")
        downstream = try await running.open("downstream")
        keys = TestNetwork.keys(0)
        try await running.simulator.join(devEUI: devEUI)
        let request = try TestNetwork.Upstream(try await upstream.receiveJSON())
        guard case .joinRequest(let join) = try request.frame else {
            throw SocketClient.Failure(sentence: "no join request")
        }
        let mic = MIC.joinRequest(key: Self.nwkKey, octets: request.octets)
        try await ack(request, mic)
        try await accept(request, answering: .join, count: join.devNonce)
        await running.expect { $0.devices[0].joins == 1 }
    }

    /// The next rejoin request, with a challenge that holds its MIC, acked.
    mutating func rejoinRequest() async throws -> (frame: RejoinRequestFrame, message: TestNetwork.Upstream) {
        let message = try TestNetwork.Upstream(try await upstream.receiveJSON())
        guard case .rejoinRequest(let frame) = try message.frame else {
            throw SocketClient.Failure(sentence: "no rejoin request")
        }
        let joinServerKeys = JoinServerKeys(nwkKey: Self.nwkKey, devEUI: devEUI)
        let key = frame.requestType == .rejoin1 ? joinServerKeys.jsIntKey : keys.sNwkSIntKey
        let mic = MIC.rejoinRequest(key: key, octets: message.octets)
        #expect(message.challenge.contains(UInt64(mic.rawValue)))
        try await ack(message, mic)
        return (frame, message)
    }

    /// Acks and waits until the RAN has seen it: only then does it know the windows.
    private mutating func ack(_ message: TestNetwork.Upstream, _ mic: MIC) async throws {
        try await upstream.send(TestNetwork.ack(message, devEUI, mic.rawValue))
        acks += 1
        let wanted = acks
        await running.expect { $0.acks == wanted }
    }

    /// Sends a join accept into RX1 and follows it.
    mutating func accept(_ request: TestNetwork.Upstream, answering type: JoinRequestType, count: UInt16) async throws {
        devAddr = DevAddr(rawValue: devAddr.rawValue + 1)
        let accept = JoinAccept(
            joinNonce: joinNonce,
            netID: TestNetwork.netID,
            devAddr: devAddr,
            optNeg: true,
            rxDelay: 5,
        )
        let frame = accept.encrypted(
            nwkKey: Self.nwkKey,
            joinServerKeys: JoinServerKeys(nwkKey: Self.nwkKey, devEUI: devEUI),
            context: JoinAcceptContext(answering: type, joinEUI: Self.joinEUI, devNonce: count),
        )
        let text = TestNetwork.downstream(
            transactionID,
            devEUI,
            frame,
            timing: #""Delay":5"#,
            frequency: request.frequency,
            spreading: try #require(request.spreading),
            target: devAddr,
        )
        try await downstream.send(text)
        keys = SessionKeys.derive11(
            nwkKey: Self.nwkKey,
            appKey: Self.appKey,
            joinEUI: Self.joinEUI,
            joinNonce: joinNonce,
            devNonce: count,
        )
        joinNonce += 1
        transactionID += 1
    }

    /// Lets the device send an uplink and acks it; tells its MAC commands.
    mutating func uplink(counter: UInt32) async throws -> (message: TestNetwork.Upstream, commands: [UplinkMACCommand])
    {
        try await running.simulator.sendUplink(devEUI: devEUI, port: 1, payload: [1])
        let message = try TestNetwork.Upstream(try await upstream.receiveJSON())
        let data = try message.data
        #expect(data.devAddr == devAddr && UInt32(data.counter) == counter)
        let channel = try #require([868_100_000, 868_300_000, 868_500_000].firstIndex(of: message.frequency))
        let mic = MIC.dataUplink11(
            keys: keys,
            devAddr: devAddr,
            counter: counter,
            confirmedCounter: 0,
            dataRate: 5,
            channel: UInt8(channel),
            octets: message.octets,
        )
        #expect(message.challenge.contains(UInt64(mic.rawValue)))
        try await ack(message, mic)
        let options = FRMPayloadCipher.applyToOptions(
            nwkSEncKey: keys.nwkSEncKey,
            direction: .up,
            devAddr: devAddr,
            counter: counter,
            usesApplicationCounter: false,
            options: data.options,
        )
        return (message, MACCommandSequence<UplinkMACCommand>(parsing: options).commands)
    }

    /// Answers an uplink in RX1 with MAC commands.
    mutating func command(
        _ commands: [DownlinkMACCommand],
        counter: UInt32,
        after uplink: TestNetwork.Upstream,
    ) async throws {
        let options = FRMPayloadCipher.applyToOptions(
            nwkSEncKey: keys.nwkSEncKey,
            direction: .down,
            devAddr: devAddr,
            counter: counter,
            usesApplicationCounter: false,
            options: DownlinkMACCommand.octets(of: commands),
        )
        let frame = DataFrame(
            direction: .down,
            isConfirmed: false,
            devAddr: devAddr,
            control: FrameControl(),
            counter: UInt16(truncatingIfNeeded: counter),
            options: options,
            port: nil,
            payload: [],
        )
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.dataDownlink11(
            keys: keys,
            devAddr: devAddr,
            counter: counter,
            confirmedCounter: 0,
            octets: octets,
        )
        let text = TestNetwork.downstream(
            transactionID,
            devEUI,
            octets + mic.octets,
            timing: #""Delay":5"#,
            frequency: uplink.frequency,
        )
        transactionID += 1
        try await downstream.send(text)
    }
}
