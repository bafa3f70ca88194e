// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer

/// The device's side of LoRaWAN, enough to talk to the server: it shares nothing with the server but the LoRaWAN room.
struct TestDevice {
    var profile: DeviceProfile
    var keys: SessionKeys
    var devAddr: DevAddr
    var counter: UInt32 = 0
    var is11: Bool { profile.version.is11 }

    static let joinEUI = EUI64(rawValue: 0x70b3_d57e_d000_0001)

    /// A personalised device whose keys follow from its number.
    static func personalised(
        _ number: UInt64,
        devAddr: DevAddr? = nil,
        version: LoRaWANVersion = .v1_0_3,
        deviceClass: DeviceClass = .a,
        counterUp: UInt32? = nil,
        change: (inout DeviceProfile) -> Void = { _ in },
    ) throws -> TestDevice {
        let network = key(number, 1)
        let keys =
            version.is11
            ? SessionKeys(
                fNwkSIntKey: network,
                sNwkSIntKey: key(number, 3),
                nwkSEncKey: key(number, 4),
                appSKey: key(number, 2),
            )
            : SessionKeys(nwkSKey: network, appSKey: key(number, 2))
        let address = devAddr ?? DevAddr(rawValue: 0x2600_0000 + UInt32(number))
        var profile = DeviceProfile(
            devEUI: EUI64(rawValue: 0xfedc_ba98_0000_0000 + number),
            joinEUI: nil,
            version: version,
            deviceClass: deviceClass,
            region: try eu868(),
            coverage: 0,
            activation: .personalised(address, keys, counterUp: counterUp, counterDown: 0),
        )
        change(&profile)
        return TestDevice(profile: profile, keys: keys, devAddr: address)
    }

    /// A device that must join; its keys are those of no session until it did.
    static func overTheAir(
        _ number: UInt64,
        version: LoRaWANVersion = .v1_0_3,
        deviceClass: DeviceClass = .a,
    ) throws -> TestDevice {
        let profile = DeviceProfile(
            devEUI: EUI64(rawValue: 0xfedc_ba98_0000_0000 + number),
            joinEUI: joinEUI,
            version: version,
            deviceClass: deviceClass,
            region: try eu868(),
            coverage: 0,
            activation: .overTheAir(appKey: key(number, 5), nwkKey: version.is11 ? key(number, 6) : nil),
        )
        let none = SessionKeys(nwkSKey: key(number, 7), appSKey: key(number, 7))
        return TestDevice(profile: profile, keys: none, devAddr: DevAddr(rawValue: 0))
    }

    static func eu868() throws -> Region {
        guard let region = Region.named("EU868") else { throw MissingRegion() }
        return region
    }

    struct MissingRegion: Error {}

    static func key(_ number: UInt64, _ kind: UInt8) -> AES128Key {
        AES128Key(storedAs: AESBlock(high: number &* 0x9e37_79b9_7f4a_7c15, low: UInt64(kind)))
    }

    /// A frame without MIC, and its MIC.
    typealias Sent = (octets: [UInt8], mic: MIC)

    /// The frame with the device's counter; the counter goes up unless the frame is sent again.
    mutating func uplink(
        port: UInt8? = 1,
        payload: [UInt8] = [1, 2, 3],
        confirmed: Bool = false,
        ack: Bool = false,
        adrAckRequest: Bool = false,
        options: [UInt8] = [],
        confirmedCounter: UInt16 = 0,
        dataRate: UInt8 = 5,
        channel: UInt8 = 0,
        classB: Bool = false,
    ) -> Sent {
        defer { counter += 1 }
        return frame(
            counter: counter,
            port: port,
            payload: payload,
            confirmed: confirmed,
            ack: ack,
            adrAckRequest: adrAckRequest,
            options: options,
            confirmedCounter: confirmedCounter,
            dataRate: dataRate,
            channel: channel,
            classB: classB,
        )
    }

    func frame(
        counter: UInt32,
        port: UInt8? = 1,
        payload: [UInt8] = [1, 2, 3],
        confirmed: Bool = false,
        ack: Bool = false,
        adrAckRequest: Bool = false,
        options: [UInt8] = [],
        confirmedCounter: UInt16 = 0,
        dataRate: UInt8 = 5,
        channel: UInt8 = 0,
        classB: Bool = false,
    ) -> Sent {
        let signed = profile.uses32BitCounter ? counter : counter & 0xffff
        var frame = DataFrame(
            direction: .up,
            isConfirmed: confirmed,
            devAddr: devAddr,
            control: FrameControl(adr: true, adrAckRequest: adrAckRequest, ack: ack, classB: classB),
            counter: UInt16(truncatingIfNeeded: counter),
            options: options,
            port: port,
        )
        if let port {
            frame.payload = FRMPayloadCipher.apply(
                key: port == 0 ? keys.nwkSEncKey : keys.appSKey,
                direction: .up,
                devAddr: devAddr,
                counter: signed,
                payload: payload,
            )
        }
        if is11 {
            frame.options = FRMPayloadCipher.applyToOptions(
                nwkSEncKey: keys.nwkSEncKey,
                direction: .up,
                devAddr: devAddr,
                counter: signed,
                usesApplicationCounter: false,
                options: options,
            )
        }
        let octets = frame.encodedWithoutMIC()
        let mic =
            is11
            ? MIC.dataUplink11(
                keys: keys,
                devAddr: devAddr,
                counter: signed,
                confirmedCounter: confirmedCounter,
                dataRate: dataRate,
                channel: channel,
                octets: octets,
            )
            : MIC.dataUplink10(key: keys.fNwkSIntKey, devAddr: devAddr, counter: signed, octets: octets)
        return (octets, mic)
    }

    func joinRequest(devNonce: UInt16) -> Sent {
        let request = JoinRequestFrame(
            joinEUI: profile.joinEUI ?? Self.joinEUI,
            devEUI: profile.devEUI,
            devNonce: devNonce,
        )
        let octets = request.encodedWithoutMIC()
        return (octets, MIC.joinRequest(key: rootKey, octets: octets))
    }

    private var rootKey: AES128Key {
        switch profile.activation {
        case .overTheAir(let appKey, let nwkKey): nwkKey ?? appKey
        case .personalised: Self.key(0, 0)
        }
    }

    /// Takes over the session of a join-accept; nil when its MIC is wrong.
    mutating func accept(_ phyPayload: [UInt8], devNonce: UInt16) throws -> JoinAccept? {
        guard case .overTheAir(let appKey, let nwkKey) = profile.activation else { return nil }
        let joinEUI = profile.joinEUI ?? Self.joinEUI
        let accept: JoinAccept
        if let nwkKey {
            let opened = try JoinAccept(
                decrypting: phyPayload,
                nwkKey: nwkKey,
                joinServerKeys: JoinServerKeys(nwkKey: nwkKey, devEUI: profile.devEUI),
                context: JoinAcceptContext(answering: .join, joinEUI: joinEUI, devNonce: devNonce),
            )
            guard let opened else { return nil }
            accept = opened
            keys = SessionKeys.derive11(
                nwkKey: nwkKey,
                appKey: appKey,
                joinEUI: joinEUI,
                joinNonce: accept.joinNonce,
                devNonce: devNonce,
            )
        } else {
            guard let opened = try JoinAccept(decrypting: phyPayload, appKey: appKey) else { return nil }
            accept = opened
            keys = SessionKeys.derive10(
                appKey: appKey,
                joinNonce: accept.joinNonce,
                netID: accept.netID,
                devNonce: devNonce,
            )
        }
        devAddr = accept.devAddr
        counter = 0
        return accept
    }

    /// A downlink in the clear; nil when it is not for this device or its MIC is wrong under this counter.
    func open(
        _ phyPayload: [UInt8],
        counter: UInt32,
        acknowledged: UInt16 = 0,
    ) throws -> (frame: DataFrame, payload: [UInt8], options: [UInt8])? {
        guard case .data(let frame, let mic) = try DownlinkFrame(parsing: phyPayload) else { return nil }
        guard frame.devAddr == devAddr, frame.counter == UInt16(truncatingIfNeeded: counter) else { return nil }
        let octets = Array(phyPayload.dropLast(MIC.length))
        let expected =
            is11
            ? MIC.dataDownlink11(
                keys: keys,
                devAddr: devAddr,
                counter: counter,
                confirmedCounter: frame.control.ack ? acknowledged : 0,
                octets: octets,
            )
            : MIC.dataDownlink10(key: keys.sNwkSIntKey, devAddr: devAddr, counter: counter, octets: octets)
        guard mic == expected else { return nil }
        let payload = FRMPayloadCipher.apply(
            key: frame.port == 0 ? keys.nwkSEncKey : keys.appSKey,
            direction: .down,
            devAddr: devAddr,
            counter: counter,
            payload: frame.payload,
        )
        let options =
            is11
            ? FRMPayloadCipher.applyToOptions(
                nwkSEncKey: keys.nwkSEncKey,
                direction: .down,
                devAddr: devAddr,
                counter: counter,
                usesApplicationCounter: (frame.port ?? 0) > 0,
                options: frame.options,
            )
            : frame.options
        return (frame, payload, options)
    }
}
