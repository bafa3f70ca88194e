// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer

/// A server and the air side of its devices, on a clock that deliveries move.
struct Fleet {
    private(set) var server: NetworkServer
    private var random = SystemRandomNumberGenerator()
    private let region: Region
    private var monotonic: Int64 = 0
    private var reception: UInt64 = 0

    private static let joinEUI = EUI64(rawValue: 0x70B3_D57E_D000_0001)
    /// From one frame to the next, nanoseconds.
    private static let pause: Int64 = 10_000_000

    init?() {
        guard let region = Region.named("EU868"), let netID = NetID(rawValue: 0x13) else { return nil }
        self.region = region
        server = NetworkServer(
            configuration: NetworkConfiguration(netID: netID),
            shard: ShardPlace(index: 0, count: 1),
            firstTransaction: 1,
        )
    }

    /// Registers a device that joins by LoRaWAN 1.0.3, joins it and brings its first uplink.
    mutating func addJoined(_ number: Int) throws -> AirDevice? {
        let rootKey = Self.key(number, 0)
        register(number, .overTheAir(appKey: rootKey, nwkKey: nil))
        let devEUI = Self.devEUI(number)
        let effects = handle(.upstream(upstream(Self.joinRequest(devEUI, rootKey, nonce: 1), candidates: [devEUI])))
        for case .transmit(let sent) in effects {
            _ = handle(.transmissionResult(sent.transactionID, .sent))
            guard let accept = try JoinAccept(decrypting: sent.octets, appKey: rootKey) else { return nil }
            let keys = SessionKeys.derive10(
                appKey: rootKey,
                joinNonce: accept.joinNonce,
                netID: accept.netID,
                devNonce: 1,
            )
            var device = AirDevice(devEUI: devEUI, devAddr: accept.devAddr, keys: keys)
            defer { serveDeadlines() }
            return deliver(uplink(of: &device)) ? device : nil
        }
        return nil
    }

    /// Registers a personalised device.
    mutating func addPersonalised(_ number: Int, devAddr: DevAddr) -> AirDevice {
        let keys = SessionKeys(nwkSKey: Self.key(number, 1), appSKey: Self.key(number, 2))
        register(number, .personalised(devAddr, keys, counterUp: nil, counterDown: 0))
        return AirDevice(devEUI: Self.devEUI(number), devAddr: devAddr, keys: keys)
    }

    /// One uplink of each of the first devices; `challenge` frames in a row share a challenge that holds the MICs of all of them.
    mutating func uplinks(of devices: inout [AirDevice], count: Int, challenge: Int) -> [UpstreamFrame] {
        let neighbours = Dictionary(grouping: devices, by: \.devAddr)
        var frames: [UpstreamFrame] = []
        for place in 0..<count {
            let candidates = neighbours[devices[place].devAddr]?.map(\.devEUI) ?? []
            frames.append(upstream(devices[place].uplink(), candidates: candidates))
        }
        for start in stride(from: 0, to: count, by: challenge) {
            let part = start..<min(start + challenge, count)
            var mics = frames[part].map { $0.challenge[0] }
            while mics.count < challenge { mics.append(random.next()) }
            mics.shuffle()
            for index in part { frames[index].challenge = mics }
        }
        return frames
    }

    /// A device's next uplink, with its MIC alone in the challenge.
    private mutating func uplink(of device: inout AirDevice) -> UpstreamFrame {
        upstream(device.uplink(), candidates: [device.devEUI])
    }

    /// A join-request of a device that `addJoined` added.
    mutating func joinRequest(of device: AirDevice, number: Int, nonce: UInt16) -> UpstreamFrame {
        upstream(Self.joinRequest(device.devEUI, Self.key(number, 0), nonce: nonce), candidates: [device.devEUI])
    }

    /// Lets a frame arrive; whether it was acknowledged.
    mutating func deliver(_ frame: UpstreamFrame) -> Bool {
        monotonic += Self.pause
        return handle(.upstream(frame)).contains { if case .acknowledge = $0 { true } else { false } }
    }

    /// Serves every deadline that has passed.
    private mutating func serveDeadlines() {
        while let deadline = server.nextDeadline, deadline <= monotonic { _ = handle(.timer) }
    }

    /// Lets all that is under way come to its end.
    mutating func settle() {
        while let deadline = server.nextDeadline {
            monotonic = max(monotonic, deadline)
            serveDeadlines()
        }
    }

    private mutating func handle(_ event: Event) -> [Effect] {
        let wall = UnixTime(nanoseconds: 1_795_000_000_000_000_000 + monotonic)
        return server.handle(event, at: Moment(monotonic: monotonic, wall: wall), random: &random)
    }

    private mutating func register(_ number: Int, _ activation: DeviceProfile.Activation) {
        let profile = DeviceProfile(
            devEUI: Self.devEUI(number),
            joinEUI: Self.joinEUI,
            version: .v1_0_3,
            deviceClass: .a,
            region: region,
            coverage: 0,
            activation: activation,
        )
        _ = handle(.register(profile, restored: nil))
    }

    private mutating func upstream(_ sent: (octets: [UInt8], mic: MIC), candidates: [EUI64]) -> UpstreamFrame {
        reception += 1
        return UpstreamFrame(
            id: ReceptionID(rawValue: reception),
            coverage: 0,
            candidates: candidates,
            octets: sent.octets,
            challenge: [sent.mic.rawValue],
            isOutdated: false,
            radio: ReceivedRadio(
                frequency: 868_100_000,
                modulation: .lora(spreading: 7, bandwidth: 125_000),
                rssi: -97,
                snr: -4,
                position: nil,
                coverage: 0,
                receivedAt: UnixTime(nanoseconds: 1_795_000_000_000_000_000),
            ),
        )
    }

    private static func joinRequest(
        _ devEUI: EUI64,
        _ key: AES128Key,
        nonce: UInt16,
    ) -> (octets: [UInt8], mic: MIC) {
        let octets = JoinRequestFrame(joinEUI: joinEUI, devEUI: devEUI, devNonce: nonce).encodedWithoutMIC()
        return (octets, MIC.joinRequest(key: key, octets: octets))
    }

    private static func devEUI(_ number: Int) -> EUI64 { EUI64(rawValue: 0xFEDC_BA98_0000_0000 + UInt64(number)) }

    private static func key(_ number: Int, _ kind: UInt64) -> AES128Key {
        AES128Key(storedAs: AESBlock(high: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, low: kind))
    }
}

/// The device's side of a session.
struct AirDevice {
    let devEUI: EUI64
    let devAddr: DevAddr
    let keys: SessionKeys
    private var counter: UInt32 = 0

    init(devEUI: EUI64, devAddr: DevAddr, keys: SessionKeys) {
        self.devEUI = devEUI
        self.devAddr = devAddr
        self.keys = keys
    }

    /// The next frame of 12 octets of payload.
    mutating func uplink() -> (octets: [UInt8], mic: MIC) {
        let frame = DataFrame(
            direction: .up,
            isConfirmed: false,
            devAddr: devAddr,
            control: FrameControl(adr: true),
            counter: UInt16(truncatingIfNeeded: counter),
            port: 2,
            payload: [UInt8](repeating: 0x5A, count: 12),
        )
        let octets = frame.encodedWithoutMIC()
        defer { counter += 1 }
        return (octets, MIC.dataUplink10(key: keys.fNwkSIntKey, devAddr: devAddr, counter: counter, octets: octets))
    }
}
