// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Writes the stored form of state: little-endian numbers, one after the other.
///
/// The room is taken at once and numbers are stored into it as they are: sessions are written with every uplink.
struct OctetWriter {
    private var room: [UInt8]
    private var count = 0

    /// `capacity` is a guess; more room is made where it is wrong.
    init(capacity: Int) {
        room = [UInt8](repeating: 0, count: max(16, capacity))
    }

    /// What was written, and begins anew.
    mutating func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &room)
        taken.removeLast(taken.count - count)
        count = 0
        return taken
    }

    mutating func put<Value: FixedWidthInteger>(_ value: Value) {
        let size = MemoryLayout<Value>.size
        reserve(size)
        room.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: count, as: Value.self) }
        count += size
    }

    mutating func put(_ value: Bool) {
        put(value ? 1 : 0 as UInt8)
    }

    mutating func put(_ key: AES128Key) {
        put(key.block.high.bigEndian)
        put(key.block.low.bigEndian)
    }

    mutating func put(_ list: some Collection<UInt8>) {
        reserve(list.count)
        for octet in list {
            room[count] = octet
            count += 1
        }
    }

    /// At most 65,535 octets, with their count before them.
    mutating func put(counted list: [UInt8]) {
        put(UInt16(clamping: list.count))
        put(list.prefix(Int(UInt16.max)))
    }

    private mutating func reserve(_ size: Int) {
        if count + size > room.count {
            room += repeatElement(0, count: max(room.count, size))
        }
    }
}

/// Reads what `OctetWriter` wrote. Reading past the end gives zeros and is remembered in `isIntact`.
struct OctetReader {
    private let octets: [UInt8]
    private var offset = 0
    /// False once more was read than there is.
    private(set) var isIntact = true

    init(_ octets: [UInt8]) {
        self.octets = octets
    }

    /// Whether all was read and no more than that.
    var isComplete: Bool { isIntact && offset == octets.count }

    mutating func take<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value {
        let size = MemoryLayout<Value>.size
        guard offset + size <= octets.count else {
            isIntact = false
            return 0
        }
        var value: UInt64 = 0
        for index in (0..<size).reversed() {
            value = value << 8 | UInt64(octets[offset + index])
        }
        offset += size
        return Value(truncatingIfNeeded: value)
    }

    mutating func takeBool() -> Bool { take(UInt8.self) != 0 }

    mutating func takeKey() -> AES128Key {
        let high = take(UInt64.self).byteSwapped
        let low = take(UInt64.self).byteSwapped
        return AES128Key(storedAs: AESBlock(high: high, low: low))
    }

    mutating func takeList() -> [UInt8] {
        let count = Int(take(UInt16.self))
        guard offset + count <= octets.count else {
            isIntact = false
            return []
        }
        defer { offset += count }
        return Array(octets[offset..<offset + count])
    }
}
