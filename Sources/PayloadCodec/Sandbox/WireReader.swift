// SPDX-License-Identifier: Apache-2.0

/// Reads the numbers of a frame; every read is bounds-checked and nil at the end.
struct WireReader {
    private let octets: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ octets: UnsafeRawBufferPointer) {
        self.octets = octets
    }

    /// Reads again from an earlier place.
    mutating func rewind(to offset: Int) { self.offset = offset }

    /// The octets between two places.
    func octets(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: octets[range]) }

    var isAtEnd: Bool { offset >= octets.count }

    mutating func next8() -> UInt8? {
        guard offset < octets.count else { return nil }
        defer { offset += 1 }
        return octets[offset]
    }

    mutating func next32() -> UInt32? {
        guard offset + 4 <= octets.count else { return nil }
        defer { offset += 4 }
        return UInt32(littleEndian: octets.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    mutating func next64() -> Int64? {
        guard offset + 8 <= octets.count else { return nil }
        defer { offset += 8 }
        return Int64(littleEndian: octets.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }

    /// Octets behind their count; they borrow the frame.
    mutating func nextBytes() -> UnsafeRawBufferPointer? {
        guard let count = next32() else { return nil }
        return nextBytes(count: Int(count))
    }

    /// That many octets; they borrow the frame.
    mutating func nextBytes(count: Int) -> UnsafeRawBufferPointer? {
        guard offset + count <= octets.count else { return nil }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: octets[offset..<offset + count])
    }
}
