// SPDX-License-Identifier: Apache-2.0

/// The shape of device addresses under one type of NetID (LoRaWAN Backend Interfaces section 13.1).
private struct AddressShape {
    let nwkIDBits: UInt32
    let nwkAddrBits: UInt32

    /// By type 0 to 7. The prefix of type n is n ones and a zero.
    static let all = [
        AddressShape(nwkIDBits: 6, nwkAddrBits: 25), AddressShape(nwkIDBits: 6, nwkAddrBits: 24),
        AddressShape(nwkIDBits: 9, nwkAddrBits: 20), AddressShape(nwkIDBits: 11, nwkAddrBits: 17),
        AddressShape(nwkIDBits: 12, nwkAddrBits: 15), AddressShape(nwkIDBits: 13, nwkAddrBits: 13),
        AddressShape(nwkIDBits: 15, nwkAddrBits: 10), AddressShape(nwkIDBits: 17, nwkAddrBits: 7),
    ]
}

extension NetID {
    /// 0 to 7, the three highest bits.
    public var type: UInt8 { UInt8(rawValue >> 21) }

    /// The low bits of the NetID that stand in device addresses; how many is the type's.
    public var nwkID: UInt32 { rawValue & (1 << shape.nwkIDBits - 1) }

    /// How many of an address's low bits the network gives out freely.
    public var nwkAddrBits: Int { Int(shape.nwkAddrBits) }

    /// Every device address of this network. NetIDs that share their low bits share their addresses.
    public var devAddrs: ClosedRange<DevAddr> {
        let ones = ~(UInt32.max >> UInt32(type))
        let lowest = ones | nwkID << shape.nwkAddrBits
        return DevAddr(rawValue: lowest)...DevAddr(rawValue: lowest | nwkAddrMask)
    }

    /// The device address with these free bits; nil when they are too many.
    public func devAddr(nwkAddr: UInt32) -> DevAddr? {
        nwkAddr <= nwkAddrMask ? DevAddr(rawValue: devAddrs.lowerBound.rawValue | nwkAddr) : nil
    }

    /// Whether a device address belongs to this network.
    public func contains(_ devAddr: DevAddr) -> Bool { devAddrs.contains(devAddr) }

    private var shape: AddressShape { AddressShape.all[Int(type)] }

    private var nwkAddrMask: UInt32 { 1 << shape.nwkAddrBits - 1 }
}

extension DevAddr {
    /// The type of the NetID that gave the address out, 0 to 7; nil for a prefix that no type has.
    public var netIDType: UInt8? {
        let ones = (~rawValue).leadingZeroBitCount
        return ones < AddressShape.all.count ? UInt8(ones) : nil
    }

    /// The network part of the address, the low bits of a NetID; nil for a prefix that no type has.
    public var nwkID: UInt32? {
        guard let netIDType else { return nil }
        let shape = AddressShape.all[Int(netIDType)]
        return rawValue >> shape.nwkAddrBits & (1 << shape.nwkIDBits - 1)
    }
}
