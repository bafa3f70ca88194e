// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A virtual device's LoRaWAN session: builds uplinks, opens downlinks.
struct DeviceSession {
    let devAddr: DevAddr
    let keys: SessionKeys
    /// Whether the session follows LoRaWAN 1.1.
    let is11: Bool
    var fCntUp: UInt32
    var rx1Delay: UInt8
    var rx1Offset: UInt8 = 0
    var rx2DataRate: UInt8
    var rx2Frequency: UInt64
    /// Frequencies to send on, in hertz.
    var frequencies: [UInt64]
    /// A confirmed downlink that the next uplink acknowledges.
    var owedAck: UInt32?
    /// Repeated in every uplink until the network answers (LoRaWAN 1.1, RekeyInd).
    var announcesRekey = false
    /// MAC answers for the next uplink.
    var answers: [UInt8] = []
    private var lastDown: [CounterKind: UInt32] = [:]
    private var seenDown: [CounterKind: [UInt32: [UInt8]]] = [:]

    /// Which counter a downlink counts in: 1.1 has one for the network and one for the application.
    enum CounterKind {
        case network, application
    }

    /// What the network's use of its counter looks like.
    enum CounterUse {
        case fresh(UInt32)
        /// The same frame again.
        case repeated
        /// Another frame with a used counter.
        case reused
        /// The frame is of another session or its MIC is wrong.
        case foreign
    }

    init(
        devAddr: DevAddr,
        keys: SessionKeys,
        is11: Bool,
        fCntUp: UInt32,
        rx1Delay: UInt8,
        rx2DataRate: UInt8,
        rx2Frequency: UInt64,
        frequencies: [UInt64],
    ) {
        self.devAddr = devAddr
        self.keys = keys
        self.is11 = is11
        self.fCntUp = fCntUp
        self.rx1Delay = rx1Delay
        self.rx2DataRate = rx2DataRate
        self.rx2Frequency = rx2Frequency
        self.frequencies = frequencies
    }

    /// Builds an uplink with the counter given; the ACK owed goes with it.
    mutating func uplink(
        port: UInt8?,
        payload: [UInt8],
        isConfirmed: Bool,
        usesADR: Bool,
        counter: UInt32,
        dataRate: UInt8,
        channel: UInt8,
    ) -> (octets: [UInt8], mic: MIC) {
        let acknowledged = owedAck
        owedAck = nil
        var options = answers
        answers = []
        if announcesRekey { options = [0x0B, 1] + options }
        options = Array(options.prefix(DataFrame.maximumOptions))
        if port == 0 { options = [] }
        if is11 {
            options = FRMPayloadCipher.applyToOptions(
                nwkSEncKey: keys.nwkSEncKey,
                direction: .up,
                devAddr: devAddr,
                counter: counter,
                usesApplicationCounter: false,
                options: options,
            )
        }
        let cipher = FRMPayloadCipher.apply(
            key: port == 0 ? keys.nwkSEncKey : keys.appSKey,
            direction: .up,
            devAddr: devAddr,
            counter: counter,
            payload: payload,
        )
        let frame = DataFrame(
            direction: .up,
            isConfirmed: isConfirmed,
            devAddr: devAddr,
            control: FrameControl(adr: usesADR, ack: acknowledged != nil),
            counter: UInt16(truncatingIfNeeded: counter),
            options: options,
            port: port,
            payload: cipher,
        )
        let octets = frame.encodedWithoutMIC()
        guard is11 else {
            let key = keys.fNwkSIntKey
            return (octets, MIC.dataUplink10(key: key, devAddr: devAddr, counter: counter, octets: octets))
        }
        let mic = MIC.dataUplink11(
            keys: keys,
            devAddr: devAddr,
            counter: counter,
            confirmedCounter: UInt16(truncatingIfNeeded: acknowledged ?? 0),
            dataRate: dataRate,
            channel: channel,
            octets: octets,
        )
        return (octets, mic)
    }

    /// Looks at a frame the network sends, heard or not, for the use of its counter.
    mutating func judge(_ phyPayload: [UInt8], confirmedUplink: UInt32?) -> CounterUse {
        guard case .data(let frame, let mic)? = try? DownlinkFrame(parsing: phyPayload), frame.devAddr == devAddr else {
            return .foreign
        }
        let kind = counterKind(of: frame)
        let highest = seenDown[kind]?.keys.max()
        let expected = FrameCounter.candidate(last: highest, received: frame.counter)
        let below = (highest ?? 0) & 0xFFFF_0000 | UInt32(frame.counter)
        for counter in [expected, below, below &- 65_536]
        where isSigned(phyPayload, frame, mic, counter, confirmedUplink: confirmedUplink) {
            if let known = seenDown[kind]?[counter] { return known == phyPayload ? .repeated : .reused }
            seenDown[kind, default: [:]][counter] = phyPayload
            return .fresh(counter)
        }
        return .foreign
    }

    /// Opens a downlink that was heard. The error is why it is dropped.
    mutating func open(
        _ phyPayload: [UInt8],
        _ frame: DataFrame,
        _ mic: MIC,
        confirmedUplink: UInt32?,
    ) throws(ReplyError) -> (counter: UInt32, payload: [UInt8], options: [UInt8]) {
        guard frame.devAddr == devAddr else {
            throw ReplyError(sentence: "the frame is for \(frame.devAddr), this device is \(devAddr)")
        }
        let kind = counterKind(of: frame)
        let last = lastDown[kind]
        let counter = FrameCounter.candidate(last: last, received: frame.counter)
        guard isSigned(phyPayload, frame, mic, counter, confirmedUplink: confirmedUplink) else {
            throw ReplyError(sentence: "the MIC is wrong for FCntDown \(counter)")
        }
        if let last, counter <= last { throw ReplyError(sentence: "FCntDown \(counter) was used before") }
        lastDown[kind] = counter
        if frame.isConfirmed { owedAck = counter }
        let payload = FRMPayloadCipher.apply(
            key: frame.port == 0 ? keys.nwkSEncKey : keys.appSKey,
            direction: .down,
            devAddr: devAddr,
            counter: counter,
            payload: frame.payload,
        )
        guard is11 else { return (counter, payload, frame.options) }
        let options = FRMPayloadCipher.applyToOptions(
            nwkSEncKey: keys.nwkSEncKey,
            direction: .down,
            devAddr: devAddr,
            counter: counter,
            usesApplicationCounter: kind == .application,
            options: frame.options,
        )
        return (counter, payload, options)
    }

    private func counterKind(of frame: DataFrame) -> CounterKind {
        is11 && (frame.port ?? 0) > 0 ? .application : .network
    }

    private func isSigned(
        _ phyPayload: [UInt8],
        _ frame: DataFrame,
        _ mic: MIC,
        _ counter: UInt32,
        confirmedUplink: UInt32?,
    ) -> Bool {
        let octets = Array(phyPayload.dropLast(MIC.length))
        guard is11 else {
            return MIC.dataDownlink10(key: keys.fNwkSIntKey, devAddr: devAddr, counter: counter, octets: octets) == mic
        }
        let acknowledged = frame.control.ack ? UInt16(truncatingIfNeeded: confirmedUplink ?? 0) : 0
        return MIC.dataDownlink11(
            keys: keys,
            devAddr: devAddr,
            counter: counter,
            confirmedCounter: acknowledged,
            octets: octets,
        ) == mic
    }
}
