// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The stored form: what differs from a device that nobody told anything is behind flags, so that most take 16 octets.
extension DeviceParameters {
    func encode(into writer: inout OctetWriter) {
        var flags: UInt8 = 0
        if dwellTime.uplink { flags |= 1 }
        if dwellTime.downlink { flags |= 2 }
        if eirpIndex != nil { flags |= 4 }
        if pingSlots != PingSlotParameters() { flags |= 8 }
        if adrExponents != nil { flags |= 16 }
        if rejoin != nil { flags |= 32 }
        if !channels.moved.isEmpty { flags |= 64 }
        writer.put(flags)
        writer.put(rx1Delay << 4 | rx1DataRateOffset)
        writer.put(rx2.dataRate)
        writer.put(rx2.frequency)
        writer.put(dutyCycleExponent << 4 | powerIndex & 15)
        writer.put(transmissions)
        if let eirpIndex { writer.put(eirpIndex) }
        if flags & 8 != 0 { pingSlots.encode(into: &writer) }
        if let adrExponents { writer.put(adrExponents.limit << 4 | adrExponents.delay & 15) }
        if let rejoin { writer.put(rejoin.timeExponent << 4 | rejoin.countExponent & 15) }
        channels.encode(into: &writer)
    }

    init(from reader: inout OctetReader, region: Region) {
        let flags = reader.take(UInt8.self)
        let windows = reader.take(UInt8.self)
        self.init(region: region, rx1Delay: windows >> 4)
        rx1DataRateOffset = windows & 15
        rx2.dataRate = reader.take()
        rx2.frequency = reader.take()
        dwellTime = DwellTime(uplink: flags & 1 != 0, downlink: flags & 2 != 0)
        let limits = reader.take(UInt8.self)
        dutyCycleExponent = limits >> 4
        powerIndex = limits & 15
        transmissions = reader.take()
        if flags & 4 != 0 { eirpIndex = reader.take() }
        if flags & 8 != 0 { pingSlots = PingSlotParameters(from: &reader) }
        if flags & 16 != 0 {
            let octet = reader.take(UInt8.self)
            adrExponents = ADRExponents(limit: octet >> 4, delay: octet & 15)
        }
        if flags & 32 != 0 {
            let octet = reader.take(UInt8.self)
            rejoin = RejoinPeriod(timeExponent: octet >> 4, countExponent: octet & 15)
        }
        channels = ChannelPlan(from: &reader, hasMoved: flags & 64 != 0)
    }
}

extension PingSlotParameters {
    func encode(into writer: inout OctetWriter) {
        writer.put(periodicity ?? 0xff)
        writer.put(frequency ?? 0)
        writer.put(dataRate ?? 0xff)
        writer.put(beaconFrequency ?? 0)
        writer.put(isListening)
    }

    init(from reader: inout OctetReader) {
        let periodicity = reader.take(UInt8.self)
        let frequency = reader.take(UInt32.self)
        let dataRate = reader.take(UInt8.self)
        let beaconFrequency = reader.take(UInt32.self)
        self.periodicity = periodicity < 8 ? periodicity : nil
        self.frequency = frequency > 0 ? frequency : nil
        self.dataRate = dataRate < 16 ? dataRate : nil
        self.beaconFrequency = beaconFrequency > 0 ? beaconFrequency : nil
        isListening = reader.takeBool()
    }
}

extension ChannelPlan {
    /// Channels are switched in blocks of sixteen; no plan has more than six blocks.
    private static let blocks = 6

    func encode(into writer: inout OctetWriter) {
        writer.put(UInt8(extras.count))
        for extra in extras {
            writer.put(extra.index)
            writer.put(extra.frequency)
            writer.put(extra.maximumDataRate << 4 | extra.minimumDataRate & 15)
        }
        if !moved.isEmpty {
            writer.put(UInt8(moved.count))
            for move in moved {
                writer.put(move.index)
                writer.put(move.frequency)
            }
        }
        for block in stride(from: 0, to: Self.blocks, by: 2) {
            let high = UInt32(enabled.mask(first: 16 * (block + 1)))
            writer.put(UInt32(enabled.mask(first: 16 * block)) | high << 16)
        }
    }

    init(from reader: inout OctetReader, hasMoved: Bool) {
        var extras: [Extra] = []
        for _ in 0..<reader.take(UInt8.self) {
            let index = reader.take(UInt8.self)
            let frequency = reader.take(UInt32.self)
            let dataRates = reader.take(UInt8.self)
            extras.append(
                Extra(
                    index: index,
                    frequency: frequency,
                    minimumDataRate: dataRates & 15,
                    maximumDataRate: dataRates >> 4,
                )
            )
        }
        var moved: [Move] = []
        if hasMoved {
            for _ in 0..<reader.take(UInt8.self) {
                moved.append(Move(index: reader.take(), frequency: reader.take()))
            }
        }
        var enabled = ChannelSet()
        for block in 0..<Self.blocks {
            enabled = enabled.union(ChannelSet(mask: reader.take(), first: 16 * block))
        }
        self.init(extras: extras, moved: moved, enabled: enabled)
    }
}
