// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import TestSupport

/// A whole device for the simulated year: it joins, sends, listens where it should, obeys MAC commands and repeats what
/// was not acknowledged.
struct YearDevice {
    var device: TestDevice
    var parameters: Parameters
    /// Whether there is a session to send in.
    var isActive: Bool
    /// Stubborn devices refuse what they are asked for.
    let isStubborn: Bool
    var devNonce: UInt16 = 0
    var usedNonces: Set<UInt16> = []
    /// Goes out with the next uplink.
    var answers: [UplinkMACCommand] = []
    /// Goes out with every uplink until a class A downlink comes.
    var sticky: [UplinkMACCommand] = []
    /// LoRaWAN 1.1: goes out until it is confirmed.
    var indication: UplinkMACCommand?
    var owesAck = false
    var confirmedDown: UInt16 = 0
    /// The next counters that a downlink may have.
    var nextDown: [UInt32] = [0, 0]
    /// A confirmed uplink that was not acknowledged, and how often it was sent.
    var unacknowledged: (sent: TestDevice.Sent, times: Int)?
    /// What the last uplink was sent with.
    var last: (frequency: UInt32, dataRate: UInt8, channel: Int, wasJoin: Bool, counter: UInt32) = (0, 0, 0, false, 0)
    var toldPingSlots = false

    struct Parameters {
        var rx1Delay: UInt8 = 1
        var offset: UInt8 = 0
        var rx2: ReceiveWindow
        var dwell: DwellTime
        var dataRate: UInt8
        var enabled: ChannelSet
        var extras: [Int: UInt32] = [:]
        var moved: [Int: UInt32] = [:]
    }

    init(_ device: TestDevice, isStubborn: Bool) {
        self.device = device
        self.isStubborn = isStubborn
        parameters = Self.factory(device.profile.region)
        isActive = device.profile.joinEUI == nil
        if isActive { beginSession() }
    }

    private static func factory(_ region: Region) -> Parameters {
        let dataRate = region.bootDwellTime.uplink ? region.adr.minimumDataRateUnderDwell : region.adr.minimumDataRate
        return Parameters(
            rx2: region.rx2,
            dwell: region.bootDwellTime,
            dataRate: dataRate,
            enabled: region.defaultChannelSet,
        )
    }

    var region: Region { device.profile.region }

    private mutating func beginSession() {
        nextDown = [0, 0]
        answers = []
        sticky = []
        owesAck = false
        confirmedDown = 0
        unacknowledged = nil
        toldPingSlots = false
        guard device.is11 else { return }
        indication = device.profile.joinEUI == nil ? .resetIndication(minor: 1) : .rekeyIndication(minor: 1)
    }

    // MARK: Sending

    /// Where the next uplink goes: a channel that is on and carries the data rate.
    mutating func tune(isJoin: Bool, _ random: inout SeededGenerator) {
        let join = region.joinChannels[0]
        var channel: Int
        repeat {
            channel = Int.random(in: isJoin ? join.channels : 0..<region.maximumChannels, using: &random)
        } while !isJoin && !(parameters.enabled.contains(channel) && carries(channel))
        let frequency = parameters.extras[channel] ?? region.defaultChannelFrequency(of: channel) ?? 0
        let dataRate = isJoin ? join.minimumDataRate : parameters.dataRate
        last = (frequency, dataRate, channel, isJoin, device.counter)
    }

    private func carries(_ channel: Int) -> Bool {
        if parameters.extras[channel] != nil { return parameters.dataRate <= 5 }
        return region.defaultChannels.contains {
            $0.indexes.contains(channel) && ($0.minimumDataRate...$0.maximumDataRate).contains(parameters.dataRate)
        }
    }

    mutating func joinRequest(_ random: inout SeededGenerator) -> TestDevice.Sent {
        if device.profile.version >= .v1_0_4 {
            devNonce += 1
        } else {
            repeat { devNonce = .random(in: 0 ... .max, using: &random) } while !usedNonces.insert(devNonce).inserted
        }
        tune(isJoin: true, &random)
        return device.joinRequest(devNonce: devNonce)
    }

    mutating func uplink(_ random: inout SeededGenerator) -> (sent: TestDevice.Sent, isConfirmed: Bool) {
        tune(isJoin: false, &random)
        var commands = sticky + answers
        if let indication { commands.insert(indication, at: 0) }
        if device.profile.deviceClass == .b, !toldPingSlots { commands.append(.pingSlotInfoRequest(periodicity: 4)) }
        if Int.random(in: 0..<30, using: &random) == 0 { commands.append(.linkCheckRequest) }
        if Int.random(in: 0..<30, using: &random) == 0 { commands.append(.deviceTimeRequest) }
        let octets = UplinkMACCommand.octets(of: commands)
        let isConfirmed = Int.random(in: 0..<5, using: &random) == 0
        let onPortZero = octets.count > 15
        let sent = device.uplink(
            port: onPortZero ? 0 : 7,
            payload: onPortZero ? octets : [1, 2, 3, 4],
            confirmed: isConfirmed,
            ack: owesAck,
            adrAckRequest: Int.random(in: 0..<50, using: &random) == 0,
            options: onPortZero ? [] : octets,
            confirmedCounter: owesAck ? confirmedDown : 0,
            dataRate: last.dataRate,
            channel: UInt8(last.channel),
            classB: toldPingSlots,
        )
        answers = []
        owesAck = false
        unacknowledged = isConfirmed ? (sent, 1) : nil
        return (sent, isConfirmed)
    }

    // MARK: Hearing

    /// Whether the device listens there and then.
    func listens(to transmission: Transmission) -> Bool {
        switch transmission.timing {
        case .delay(let seconds):
            let delay = last.wasJoin ? 5 : parameters.rx1Delay
            let used = last.wasJoin ? Self.factory(region) : parameters
            let window = seconds == delay ? rx1(used) : seconds == delay + 1 ? used.rx2 : nil
            return window.map { matches($0, transmission) } ?? false
        case .immediately: return device.profile.deviceClass == .c && matches(parameters.rx2, transmission)
        case .gpsMilliseconds(let times):
            guard let time = times.first, toldPingSlots else { return false }
            let beacon = UInt32(time / 1000) / 128 * 128
            let slots = PingSlots(beaconTime: beacon, devAddr: device.devAddr, periodicity: 4)
            let frequency = region.classB.pingSlotFrequency(devAddr: device.devAddr, beaconTime: beacon)
            return slots.millisecondsAfterBeacon.contains(Int(time) - Int(beacon) * 1000)
                && matches(ReceiveWindow(frequency: frequency, dataRate: region.classB.pingSlotDataRate), transmission)
        case .deadline: return false
        }
    }

    private func rx1(_ used: Parameters) -> ReceiveWindow? {
        let offset = last.wasJoin ? 0 : used.offset
        let frequency = used.moved[last.channel] ?? region.rx1Frequency(uplinkFrequency: last.frequency)
        let dataRate = region.rx1DataRate(
            uplink: last.dataRate,
            offset: offset,
            downlinkDwell: used.dwell.downlink
        )
        guard let frequency, let dataRate else { return nil }
        return ReceiveWindow(frequency: frequency, dataRate: dataRate)
    }

    private func matches(_ window: ReceiveWindow, _ transmission: Transmission) -> Bool {
        window.frequency == transmission.frequency && region.modulation(of: window.dataRate) == transmission.modulation
    }

    /// Takes a frame off the air. Throws when it is not what the network should have sent.
    mutating func receive(_ transmission: Transmission) throws {
        guard case .data(let header, _) = try DownlinkFrame(parsing: transmission.octets) else {
            return try receiveAccept(transmission)
        }
        let isClassA: Bool
        if case .delay = transmission.timing { isClassA = true } else { isClassA = false }
        // Until it hears the first uplink of a new session the network speaks in the old one.
        if !isClassA, header.devAddr != device.devAddr { return }
        let kind = device.is11 && (header.port ?? 0) > 0 ? 1 : 0
        let counter = FrameCounter.candidate(last: nextDown[kind], received: header.counter)
        let acknowledged = UInt16(truncatingIfNeeded: last.counter)
        guard let opened = try device.open(transmission.octets, counter: counter, acknowledged: acknowledged) else {
            throw Wrong("the MIC or address of downlink \(counter) is wrong")
        }
        nextDown[kind] = counter + 1
        if opened.frame.isConfirmed {
            owesAck = true
            confirmedDown = UInt16(truncatingIfNeeded: counter)
        }
        if opened.frame.control.ack { unacknowledged = nil }
        if isClassA { sticky = [] }
        let octets = header.port == 0 ? opened.payload : opened.options
        let sequence = MACCommandSequence<DownlinkMACCommand>(parsing: octets)
        guard sequence.end == .complete else { throw Wrong("MAC commands are cut") }
        obey(sequence.commands)
    }

    struct Wrong: Error {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private mutating func receiveAccept(_ transmission: Transmission) throws {
        guard let accept = try device.accept(transmission.octets, devNonce: devNonce) else {
            throw Wrong("the join-accept's MIC is wrong")
        }
        isActive = true
        parameters = Self.factory(region)
        parameters.rx1Delay = ReceiveTiming.delay(field: accept.rxDelay)
        parameters.offset = accept.rx1DataRateOffset
        parameters.rx2.dataRate = accept.rx2DataRate
        switch accept.cfList {
        case nil: break
        case .frequencies(let frequencies):
            guard case .frequencies(let first, _, _) = region.channelList else { break }
            for (offset, frequency) in frequencies.enumerated() where frequency > 0 {
                parameters.extras[first + offset] = frequency
                parameters.enabled.insert(first + offset)
            }
        case .channelMasks(let masks):
            parameters.enabled = ChannelSet()
            for (block, mask) in masks.enumerated() {
                parameters.enabled = parameters.enabled.union(ChannelSet(mask: mask, first: 16 * block))
            }
        }
        beginSession()
    }

    private mutating func obey(_ commands: [DownlinkMACCommand]) {
        obeyLinkADR(commands.compactMap { if case .linkADRRequest(let request) = $0 { request } else { nil } })
        for command in commands {
            switch command {
            case .dutyCycleRequest: answers.append(.dutyCycleAnswer)
            case .rxParamSetupRequest(let setup):
                let yes = !isStubborn
                if yes { (parameters.offset, parameters.rx2) = (setup.rx1DataRateOffset, setup.rx2) }
                sticky.append(
                    .rxParamSetupAnswer(
                        RXParamSetupAnswer(
                            frequencyAccepted: true,
                            rx2DataRateAccepted: yes,
                            rx1DataRateOffsetAccepted: true
                        )
                    )
                )
            case .rxTimingSetupRequest(let delay):
                parameters.rx1Delay = ReceiveTiming.delay(field: delay)
                sticky.append(.rxTimingSetupAnswer)
            case .newChannelRequest(let channel):
                parameters.extras[Int(channel.index)] = channel.frequency
                parameters.enabled.insert(Int(channel.index))
                answers.append(.newChannelAnswer(frequencyAccepted: true, dataRatesAccepted: true))
            case .dlChannelRequest(let index, let frequency):
                parameters.moved[Int(index)] = frequency
                sticky.append(.dlChannelAnswer(frequencyAccepted: true, uplinkFrequencyExists: true))
            case .txParamSetupRequest(let setup):
                parameters.dwell = setup.dwellTime
                sticky.append(.txParamSetupAnswer)
            case .deviceStatusRequest: answers.append(.deviceStatusAnswer(DeviceStatus(batteryOctet: 100, margin: 5)))
            case .rekeyConfirmation, .resetConfirmation: indication = nil
            case .pingSlotInfoAnswer: toldPingSlots = true
            default: continue
            }
        }
    }

    private mutating func obeyLinkADR(_ block: [LinkADRRequest]) {
        guard let last = block.last else { return }
        var enabled: ChannelSet? = parameters.enabled
        let defined = region.defaultChannelSet.union(ChannelSet(Array(parameters.extras.keys)))
        for request in block {
            enabled = enabled.flatMap {
                region.channels(
                    afterMask: request.channelMask,
                    control: request.channelMaskControl,
                    enabled: $0,
                    defined: defined,
                )
            }
        }
        let accepted = enabled != nil && !isStubborn
        if accepted, let enabled {
            parameters.enabled = enabled
            parameters.dataRate = last.dataRate
        }
        let answer = LinkADRAnswer(
            channelMaskAccepted: enabled != nil,
            dataRateAccepted: !isStubborn,
            powerAccepted: true,
        )
        for _ in 0..<(device.is11 ? 1 : block.count) { answers.append(.linkADRAnswer(answer)) }
    }
}
