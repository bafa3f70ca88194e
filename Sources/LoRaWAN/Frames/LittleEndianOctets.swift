// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    /// The number in `count` octets from `offset`, least significant first. The caller has checked the length.
    func littleEndian(at offset: Int, count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (offset..<offset + count).reversed() {
            value = value << 8 | UInt64(self[index])
        }
        return value
    }

    func uint16(at offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: littleEndian(at: offset, count: 2)) }
    func uint24(at offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: littleEndian(at: offset, count: 3)) }
    func uint32(at offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: littleEndian(at: offset, count: 4)) }
    func devAddr(at offset: Int) -> DevAddr { DevAddr(rawValue: uint32(at: offset)) }
    func eui64(at offset: Int) -> EUI64 { EUI64(rawValue: littleEndian(at: offset, count: 8)) }
    func netID(at offset: Int) -> NetID { NetID(lowBitsOf: uint24(at: offset)) }

    /// Appends the low `count` octets of a number, least significant first.
    mutating func appendLittleEndian(_ value: some FixedWidthInteger, count: Int) {
        var rest = UInt64(truncatingIfNeeded: value)
        for _ in 0..<count {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func append(_ devAddr: DevAddr) { appendLittleEndian(devAddr.rawValue, count: 4) }
    mutating func append(_ eui: EUI64) { appendLittleEndian(eui.rawValue, count: 8) }
    mutating func append(_ netID: NetID) { appendLittleEndian(netID.rawValue, count: 3) }
}
