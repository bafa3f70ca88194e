// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

extension MacDialogue {
    func encode(into writer: inout OctetWriter) {
        // Most devices owe no answer and never refused.
        guard !asked.isEmpty || !troubles.isEmpty || isUnsent else {
            writer.put(UInt16(0))
            writer.put(UInt8(0))
            return
        }
        writer.put(counted: DownlinkMACCommand.octets(of: asked))
        let count = UInt8(min(troubles.count, 127))
        writer.put((isUnsent ? 0x80 : 0) | count)
        for trouble in troubles.prefix(Int(count)) {
            writer.put(trouble.kind)
            writer.put(trouble.refusals)
            writer.put(trouble.silences)
        }
    }

    init(from reader: inout OctetReader) {
        self.init()
        asked = MACCommandSequence<DownlinkMACCommand>(parsing: reader.takeList()).commands
        let flags = reader.take(UInt8.self)
        isUnsent = flags & 0x80 != 0
        for _ in 0..<(flags & 0x7f) {
            restore(Trouble(kind: reader.take(), refusals: reader.take(), silences: reader.take()))
        }
    }
}

extension ADRState {
    func encode(into writer: inout OctetWriter) {
        writer.put(dataRate ?? 0xff)
        writer.put((refusedDataRate ?? 15) << 4 | (refusedPowerIndex ?? 15))
        history.encode(into: &writer)
    }

    init(from reader: inout OctetReader) {
        self.init()
        let dataRate = reader.take(UInt8.self)
        self.dataRate = dataRate < 16 ? dataRate : nil
        let refused = reader.take(UInt8.self)
        refusedDataRate = refused >> 4 < 15 ? refused >> 4 : nil
        refusedPowerIndex = refused & 15 < 15 ? refused & 15 : nil
        for _ in 0..<min(reader.take(UInt8.self), UInt8(ADRHistory.size)) {
            history.append(ADRHistory.Entry(halfDecibels: reader.take(), lost: reader.take()))
        }
    }
}
