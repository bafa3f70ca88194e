// SPDX-License-Identifier: Apache-2.0

/// Computing codes. `octets` is always MHDR to the last octet before the MIC, as on air; counters are the full 32 bits.
extension MIC {
    /// Of a data uplink in LoRaWAN 1.0.x (1.0.4 section 4.4), with NwkSKey.
    public static func dataUplink10(key: AES128Key, devAddr: DevAddr, counter: UInt32, octets: [UInt8]) -> MIC {
        data(key, AESBlock(b: .up, devAddr, counter, length: octets.count), octets)
    }

    /// Of a data downlink in LoRaWAN 1.0.x, with NwkSKey (McNwkSKey for a multicast group).
    public static func dataDownlink10(key: AES128Key, devAddr: DevAddr, counter: UInt32, octets: [UInt8]) -> MIC {
        data(key, AESBlock(b: .down, devAddr, counter, length: octets.count), octets)
    }

    /// Of a data uplink in LoRaWAN 1.1 (section 4.4.2): two octets with SNwkSIntKey, then two with FNwkSIntKey.
    ///
    /// `confirmedCounter` is the low 16 bits of the downlink counter that an ACK in this frame confirms, else 0; `dataRate` and `channel`
    /// are the indexes it was sent with.
    public static func dataUplink11(
        keys: SessionKeys,
        devAddr: DevAddr,
        counter: UInt32,
        confirmedCounter: UInt16,
        dataRate: UInt8,
        channel: UInt8,
        octets: [UInt8],
    ) -> MIC {
        let b0 = AESBlock(b: .up, devAddr, counter, length: octets.count)
        var b1 = b0
        b1.setConfirmedCounter(confirmedCounter)
        b1.high |= UInt64(dataRate) << 32 | UInt64(channel) << 24
        let serving = data(keys.sNwkSIntKey, b1, octets).rawValue
        let forwarding = data(keys.fNwkSIntKey, b0, octets).rawValue
        return MIC(rawValue: serving & 0xffff_0000 | forwarding >> 16)
    }

    /// Of a data downlink in LoRaWAN 1.1 (section 4.4.1), with SNwkSIntKey.
    ///
    /// `confirmedCounter` is the low 16 bits of the uplink counter that an ACK in this frame confirms, else 0.
    public static func dataDownlink11(
        keys: SessionKeys,
        devAddr: DevAddr,
        counter: UInt32,
        confirmedCounter: UInt16,
        octets: [UInt8],
    ) -> MIC {
        var b0 = AESBlock(b: .down, devAddr, counter, length: octets.count)
        b0.setConfirmedCounter(confirmedCounter)
        return data(keys.sNwkSIntKey, b0, octets)
    }

    /// Of a join-request, with AppKey in LoRaWAN 1.0.x and NwkKey in 1.1.
    public static func joinRequest(key: AES128Key, octets: [UInt8]) -> MIC {
        data(key, nil, octets)
    }

    /// Of a rejoin-request: types 0 and 2 with SNwkSIntKey, type 1 with JSIntKey (LoRaWAN 1.1 section 6.2.4).
    public static func rejoinRequest(key: AES128Key, octets: [UInt8]) -> MIC {
        data(key, nil, octets)
    }

    static func joinAccept10(key: AES128Key, octets: [UInt8]) -> MIC {
        data(key, nil, octets)
    }

    static func joinAccept11(key: AES128Key, context: JoinAcceptContext, octets: [UInt8]) -> MIC {
        var signed = [context.answering.rawValue]
        signed.append(context.joinEUI)
        signed.appendLittleEndian(context.devNonce, count: 2)
        return data(key, nil, signed + octets)
    }

    private static func data(_ key: AES128Key, _ head: AESBlock?, _ octets: [UInt8]) -> MIC {
        MIC(truncating: AES128(key).cmac(head: head, octets.span))
    }
}

extension AESBlock {
    /// B0 of a MIC, or B1 before its extra fields are set.
    fileprivate init(b direction: FrameDirection, _ devAddr: DevAddr, _ counter: UInt32, length: Int) {
        self.init(kind: 0x49, direction, devAddr, counter)
        low |= UInt64(truncatingIfNeeded: length) & 0xff
    }

    /// The shape that B0, B1 and the cipher blocks share: kind, four zeros, direction, DevAddr, counter, two zeros.
    init(kind: UInt8, _ direction: FrameDirection, _ devAddr: DevAddr, _ counter: UInt32) {
        let address = UInt64(devAddr.rawValue.byteSwapped)
        high = UInt64(kind) << 56 | UInt64(direction.rawValue) << 16 | address >> 16
        low = address << 48 | UInt64(counter.byteSwapped) << 16
    }

    /// Octets 1 and 2 of B0 and B1, little-endian.
    fileprivate mutating func setConfirmedCounter(_ counter: UInt16) {
        high |= UInt64(counter.byteSwapped) << 40
    }
}
