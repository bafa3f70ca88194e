// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import Testing

@Suite struct MACCommandVectorTests {
    @Test(arguments: Vector.group("mac_commands"))
    func `a MAC command has the expected octets and is read back`(vector: Vector) throws {
        let octets = try vector.expected.octets("bytes")
        let name = try vector.inputs.text("command")
        let fields = try vector.inputs.fields("fields")
        #expect(octets.first == (try vector.inputs.octets("cid").first))
        switch try vector.inputs.direction() {
        case .up:
            let command = try uplinkCommand(name, fields)
            #expect(command.octets == octets)
            #expect(command.name == name)
            #expect(MACCommandSequence<UplinkMACCommand>(parsing: octets).commands == [command])
        case .down:
            let command = try downlinkCommand(name, fields)
            #expect(command.octets == octets)
            #expect(command.name == name)
            #expect(MACCommandSequence<DownlinkMACCommand>(parsing: octets).commands == [command])
        }
    }

    @Test(arguments: Vector.group("mac_command_sequence"))
    func `a sequence is read up to the first unknown command`(vector: Vector) throws {
        let octets = try vector.inputs.octets("bytes")
        let expected = try vector.expected.elements("commands").map(\.text)
        let rest = vector.expected.value["rest_unparsed"]?.text ?? ""
        switch try vector.inputs.direction() {
        case .up:
            let sequence = MACCommandSequence<UplinkMACCommand>(parsing: octets)
            #expect(sequence.commands.map { Hex.text($0.octets) } == expected)
            #expect(Hex.text(sequence.rest) == rest)
            #expect((sequence.end == .complete) == rest.isEmpty)
        case .down:
            let sequence = MACCommandSequence<DownlinkMACCommand>(parsing: octets)
            #expect(sequence.commands.map { Hex.text($0.octets) } == expected)
            #expect(Hex.text(sequence.rest) == rest)
            #expect((sequence.end == .complete) == rest.isEmpty)
        }
    }

    private func uplinkCommand(_ name: String, _ fields: Fields) throws -> UplinkMACCommand {
        switch name {
        case "ResetInd": .resetIndication(minor: try fields.number("minor"))
        case "LinkCheckReq": .linkCheckRequest
        case "LinkADRAns":
            .linkADRAnswer(
                LinkADRAnswer(
                    channelMaskAccepted: try fields.boolean("channel_mask_ack"),
                    dataRateAccepted: try fields.boolean("data_rate_ack"),
                    powerAccepted: try fields.boolean("power_ack"),
                )
            )
        case "DutyCycleAns": .dutyCycleAnswer
        case "RXParamSetupAns":
            .rxParamSetupAnswer(
                RXParamSetupAnswer(
                    frequencyAccepted: try fields.boolean("channel_ack"),
                    rx2DataRateAccepted: try fields.boolean("rx2_dr_ack"),
                    rx1DataRateOffsetAccepted: try fields.boolean("rx1_dr_offset_ack"),
                )
            )
        case "DevStatusAns":
            .deviceStatusAnswer(
                DeviceStatus(batteryOctet: try fields.number("battery"), margin: try fields.number("margin_db"))
            )
        case "NewChannelAns":
            .newChannelAnswer(
                frequencyAccepted: try fields.boolean("channel_frequency_ok"),
                dataRatesAccepted: try fields.boolean("data_rate_range_ok"),
            )
        case "RXTimingSetupAns": .rxTimingSetupAnswer
        case "TxParamSetupAns": .txParamSetupAnswer
        case "DlChannelAns":
            .dlChannelAnswer(
                frequencyAccepted: try fields.boolean("channel_frequency_ok"),
                uplinkFrequencyExists: try fields.boolean("uplink_frequency_exists"),
            )
        case "RekeyInd": .rekeyIndication(minor: try fields.number("minor"))
        case "ADRParamSetupAns": .adrParamSetupAnswer
        case "DeviceTimeReq": .deviceTimeRequest
        case "RejoinParamSetupAns": .rejoinParamSetupAnswer(timeAccepted: try fields.boolean("time_ok"))
        case "PingSlotInfoReq": .pingSlotInfoRequest(periodicity: try fields.number("periodicity"))
        case "PingSlotChannelAns":
            .pingSlotChannelAnswer(
                frequencyAccepted: try fields.boolean("channel_frequency_ok"),
                dataRateAccepted: try fields.boolean("data_rate_ok"),
            )
        case "BeaconTimingReq": .beaconTimingRequest
        case "BeaconFreqAns": .beaconFrequencyAnswer(isAccepted: try fields.boolean("beacon_frequency_ok"))
        default: throw VectorError(text: "no uplink command \(name)")
        }
    }

    private func downlinkCommand(_ name: String, _ fields: Fields) throws -> DownlinkMACCommand {
        switch name {
        case "ResetConf": .resetConfirmation(minor: try fields.number("minor"))
        case "LinkCheckAns":
            .linkCheckAnswer(margin: try fields.number("margin_db"), gatewayCount: try fields.number("gw_cnt"))
        case "LinkADRReq":
            .linkADRRequest(
                LinkADRRequest(
                    dataRate: try fields.number("dr"),
                    powerIndex: try fields.number("tx_power"),
                    channelMask: try fields.hexNumber("ch_mask"),
                    channelMaskControl: try fields.number("ch_mask_cntl"),
                    transmissions: try fields.number("nb_trans"),
                )
            )
        case "DutyCycleReq": .dutyCycleRequest(exponent: try fields.number("max_duty_cycle"))
        case "RXParamSetupReq":
            .rxParamSetupRequest(
                RXParamSetup(
                    rx1DataRateOffset: try fields.number("rx1_dr_offset"),
                    rx2: ReceiveWindow(
                        frequency: try fields.number("frequency_hz"),
                        dataRate: try fields.number("rx2_dr"),
                    ),
                )
            )
        case "DevStatusReq": .deviceStatusRequest
        case "NewChannelReq":
            .newChannelRequest(
                NewChannel(
                    index: try fields.number("ch_index"),
                    frequency: try fields.number("frequency_hz"),
                    minimumDataRate: try fields.number("min_dr"),
                    maximumDataRate: try fields.number("max_dr"),
                )
            )
        case "RXTimingSetupReq": try rxTiming(fields)
        case "TxParamSetupReq": try txParamSetup(fields)
        case "DlChannelReq":
            .dlChannelRequest(index: try fields.number("ch_index"), frequency: try fields.number("frequency_hz"))
        case "RekeyConf": .rekeyConfirmation(minor: try fields.number("minor"))
        case "ADRParamSetupReq":
            .adrParamSetupRequest(
                limitExponent: try fields.number("limit_exp"),
                delayExponent: try fields.number("delay_exp"),
            )
        case "DeviceTimeAns":
            .deviceTimeAnswer(
                GPSTime(
                    seconds: try fields.number("gps_seconds"),
                    fraction: try fields.number("fractional_256ths"),
                )
            )
        case "ForceRejoinReq":
            .forceRejoinRequest(
                ForceRejoin(
                    period: try fields.number("period"),
                    retries: try fields.number("max_retries"),
                    type: try fields.number("rejoin_type"),
                    dataRate: try fields.number("dr"),
                )
            )
        case "RejoinParamSetupReq":
            .rejoinParamSetupRequest(
                timeExponent: try fields.number("max_time_n"),
                countExponent: try fields.number("max_count_n"),
            )
        case "PingSlotInfoAns": .pingSlotInfoAnswer
        case "PingSlotChannelReq":
            .pingSlotChannelRequest(
                frequency: try fields.number("frequency_hz"),
                dataRate: try fields.number("dr"),
            )
        case "BeaconTimingAns":
            .beaconTimingAnswer(
                delay: try fields.number("delay_30ms_units"),
                channel: try fields.number("channel"),
            )
        case "BeaconFreqReq": .beaconFrequencyRequest(frequency: try fields.number("frequency_hz"))
        default: throw VectorError(text: "no downlink command \(name)")
        }
    }

    private func rxTiming(_ fields: Fields) throws -> DownlinkMACCommand {
        let delay: UInt8 = try fields.number("delay")
        #expect(ReceiveTiming.delay(field: delay) == (try fields.number("rx1_delay_s")))
        return .rxTimingSetupRequest(delay: delay)
    }

    private func txParamSetup(_ fields: Fields) throws -> DownlinkMACCommand {
        let index: UInt8 = try fields.number("max_eirp_index")
        #expect(TxParamSetup.eirpByIndex[Int(index)] == fields.value["max_eirp_dbm"]?.double)
        let dwellTime = DwellTime(
            uplink: try fields.boolean("uplink_dwell_400ms"),
            downlink: try fields.boolean("downlink_dwell_400ms"),
        )
        return .txParamSetupRequest(TxParamSetup(dwellTime: dwellTime, eirpIndex: index))
    }
}

@Suite struct MACCommandSequenceTests {
    @Test func `a shortened command is reported and nothing of it is read`() {
        let sequence = MACCommandSequence<UplinkMACCommand>(parsing: [0x02, 0x06, 0x5d])
        #expect(sequence.commands == [.linkCheckRequest])
        #expect(sequence.end == .truncated(identifier: 0x06))
        #expect(sequence.rest == [0x06, 0x5d])
    }

    @Test func `a proprietary command ends the reading`() {
        let sequence = MACCommandSequence<DownlinkMACCommand>(parsing: [0x06, 0x80, 0x01])
        #expect(sequence.commands == [.deviceStatusRequest])
        #expect(sequence.end == .unknown(identifier: 0x80))
        #expect(sequence.rest == [0x80, 0x01])
    }

    @Test func `nothing is a complete sequence`() {
        let sequence = MACCommandSequence<UplinkMACCommand>(parsing: [])
        #expect(sequence.commands.isEmpty && sequence.end == .complete && sequence.rest.isEmpty)
    }

    @Test func `a frequency of the 2,4 GHz band is in units of 200 Hz`() {
        let command = DownlinkMACCommand.beaconFrequencyRequest(frequency: 2_423_000_000)
        #expect(command.octets == [0x13, 0x38, 0xdc, 0xb8])
        #expect(MACCommandSequence<DownlinkMACCommand>(parsing: command.octets).commands == [command])
    }

    @Test func `a device mode has the class it names`() {
        #expect(UplinkMACCommand.deviceModeIndication(.classC).octets == [0x20, 2])
        #expect(DeviceMode(rawValue: 2).deviceClass == .c)
        #expect(DeviceMode(rawValue: 1).deviceClass == nil)
    }

    @Test func `the battery octet tells power, level and ignorance apart`() {
        #expect(DeviceStatus(batteryOctet: 0, margin: 0).battery == .externalPower)
        #expect(DeviceStatus(batteryOctet: 254, margin: 0).battery == .level(254))
        #expect(DeviceStatus(batteryOctet: 255, margin: 0).battery == .unknown)
    }
}
