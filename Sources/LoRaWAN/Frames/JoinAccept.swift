// SPDX-License-Identifier: Apache-2.0

/// The fields of a join-accept (LoRaWAN 1.0.4 section 6.2.6, 1.1 section 6.2.3).
public struct JoinAccept: Hashable, Sendable {
    /// 24 bits that the network never repeats for a device; AppNonce before 1.1.
    public let joinNonce: UInt32
    /// The network that accepts.
    public let netID: NetID
    /// The address of the session.
    public let devAddr: DevAddr
    /// 0 to 7; what it does is the region's table.
    public let rx1DataRateOffset: UInt8
    /// Data rate index 0 to 15 of the second receive window.
    public let rx2DataRate: UInt8
    /// The server speaks LoRaWAN 1.1 and keys are derived its way. Reserved bit before 1.1.
    public let optNeg: Bool
    /// Seconds from the end of an uplink to the first window, 0 to 15; 0 means 1.
    public let rxDelay: UInt8
    /// The channel list, when there is one.
    public let cfList: CFList?

    /// Fields beyond their bits (JoinNonce 24, offset 3, data rate 4, delay 4) are a defect of the caller.
    public init(
        joinNonce: UInt32,
        netID: NetID,
        devAddr: DevAddr,
        rx1DataRateOffset: UInt8 = 0,
        rx2DataRate: UInt8 = 0,
        optNeg: Bool = false,
        rxDelay: UInt8 = 1,
        cfList: CFList? = nil,
    ) {
        precondition(joinNonce < 1 << 24, "JoinNonce has 24 bits")
        precondition(rx1DataRateOffset < 8 && rx2DataRate < 16 && rxDelay < 16, "a join-accept field has too many bits")
        self.joinNonce = joinNonce
        self.netID = netID
        self.devAddr = devAddr
        self.rx1DataRateOffset = rx1DataRateOffset
        self.rx2DataRate = rx2DataRate
        self.optNeg = optNeg
        self.rxDelay = rxDelay
        self.cfList = cfList
    }

    /// Reads MHDR to CFList in the clear, 13 or 29 octets.
    init(clear octets: [UInt8]) throws(FrameError) {
        self.init(
            joinNonce: octets.uint24(at: 1),
            netID: octets.netID(at: 4),
            devAddr: octets.devAddr(at: 7),
            rx1DataRateOffset: octets[11] >> 4 & 7,
            rx2DataRate: octets[11] & 15,
            optNeg: octets[11] & 0x80 != 0,
            rxDelay: octets[12] & 15,
            cfList: octets.count > 13 ? try CFList(octets: octets, at: 13) : nil,
        )
    }

    /// MHDR to CFList in the clear.
    func clearOctets() -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(33)
        octets.append(MessageType.joinAccept.header)
        octets.appendLittleEndian(joinNonce, count: 3)
        octets.append(netID)
        octets.append(devAddr)
        octets.append((optNeg ? 0x80 : 0) | rx1DataRateOffset << 4 | rx2DataRate)
        octets.append(rxDelay)
        if let cfList { octets += cfList.octets }
        return octets
    }
}
