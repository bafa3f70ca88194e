// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A virtual device's LoRaWAN session: builds uplinks, opens downlinks.
struct DeviceSession {
    let devAddr: DevAddr
    let keys: SessionKeys
    /// Whether the session follows LoRaWAN 1.1.
    let is11: Bool
    var fCntUp: UInt32
    var radio: RadioState
    /// A confirmed downlink that the next uplink acknowledges.
    var owedAck: UInt32?
    /// What every uplink of a LoRaWAN 1.1 device says until the network answers.
    var announcements: [Announcement] = []
    /// MAC answers for the next uplink.
    var answers: [UplinkMACCommand] = []
    /// MAC answers for every uplink until a downlink comes.
    var stickyAnswers: [UplinkMACCommand] = []
    /// Uplinks since the last downlink, and after how many of them a device with ADR asks for one and slows down.
    private var uplinksSinceDownlink = 0
    var adrLimit = 64
    var adrDelay = 32
    /// Whether the network knows the device's ping slots (class B).
    var hasPingSlots = false
    private var lastDown: [CounterKind: UInt32] = [:]
    private var seenDown: [CounterKind: SeenCounters] = [:]

    enum Announcement: Hashable {
        case rekey, reset, classC

        var command: UplinkMACCommand {
            switch self {
            case .rekey: .rekeyIndication(minor: 1)
            case .reset: .resetIndication(minor: 1)
            case .classC: .deviceModeIndication(.classC)
            }
        }
    }

    /// Which counter a downlink counts in: 1.1 has one for the network and one for the application.
    enum CounterKind {
        case network, application
    }

    init(
        devAddr: DevAddr,
        keys: SessionKeys,
        is11: Bool,
        fCntUp: UInt32,
        radio: RadioState,
    ) {
        self.devAddr = devAddr
        self.keys = keys
        self.is11 = is11
        self.fCntUp = fCntUp
        self.radio = radio
    }

    /// Builds an uplink with the counter given; the ACK owed goes with it.
    mutating func uplink(
        port: UInt8?,
        payload: [UInt8],
        isConfirmed: Bool,
        usesADR: Bool,
        counter: UInt32,
        channel: Int,
        commands: [UInt8],
    ) -> (octets: [UInt8], mic: MIC) {
        let acknowledged = owedAck
        owedAck = nil
        var options = port == 0 ? [] : takeOptions(commands)
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
            control: FrameControl(
                adr: usesADR,
                adrAckRequest: usesADR && asksForDownlink(),
                ack: acknowledged != nil,
                classB: hasPingSlots,
            ),
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
            dataRate: radio.dataRate,
            channel: UInt8(clamping: channel),
            octets: octets,
        )
        return (octets, mic)
    }

    /// Looks at a frame the network sends, heard or not, for the use of its counter.
    mutating func judge(_ phyPayload: [UInt8], confirmedUplink: UInt32?) -> SeenCounters.Use {
        guard case .data(let frame, let mic)? = try? DownlinkFrame(parsing: phyPayload), frame.devAddr == devAddr else {
            return .foreign
        }
        let kind = counterKind(of: frame)
        let highest = seenDown[kind]?.highest
        let expected = FrameCounter.candidate(last: highest, received: frame.counter)
        let below = (highest ?? 0) & 0xFFFF_0000 | UInt32(frame.counter)
        for counter in [expected, below, below &- 65_536]
        where isSigned(phyPayload, frame, mic, counter, confirmedUplink: confirmedUplink) {
            return seenDown[kind, default: SeenCounters()].note(counter, phyPayload)
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
        uplinksSinceDownlink = 0
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

    /// Counts an uplink; after too many without a downlink the device asks for one, then slows down step by step
    /// (LoRaWAN 1.0.4 section 4.3.1.1).
    private mutating func asksForDownlink() -> Bool {
        defer { uplinksSinceDownlink += 1 }
        let overdue = uplinksSinceDownlink - adrLimit
        return overdue >= 0 && radio.isAboveMinimum
    }

    /// Slows down when so many uplinks stayed without a downlink; before an uplink is built.
    mutating func backOff() {
        let overdue = uplinksSinceDownlink - adrLimit
        if overdue > 0, overdue % adrDelay == 0 { radio.slowDown() }
    }

    /// The MAC commands that fit the options; answers that do not fit wait.
    private mutating func takeOptions(_ commands: [UInt8]) -> [UInt8] {
        var options = announcements.flatMap(\.command.octets)
        var waiting: [UplinkMACCommand] = []
        for (isSticky, answer) in stickyAnswers.map({ (true, $0) }) + answers.map({ (false, $0) }) {
            if options.count + answer.octets.count <= DataFrame.maximumOptions {
                options += answer.octets
            } else if !isSticky {
                waiting.append(answer)
            }
        }
        answers = waiting
        return options.count + commands.count <= DataFrame.maximumOptions ? options + commands : options
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
